#!/usr/bin/env bash
# Writes the size and hash of every artefact, as they are now, into MANIFEST.toml. Run it after an artefact was replaced.
set -euo pipefail
cd "$(dirname "$0")/.."
UPDATE_MANIFEST=1 cargo test --test artefacts
