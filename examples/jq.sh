#!/bin/sh
# usage: jq.sh < RECORDS    Keeps English records, restores the field page.body, and shortens the records.
set -eu
jq -c 'select(.lang == "en")' | "${UNSPIN:-unspin}" restore --input-format jsonl --field page.body | jq -c '{id, body: .page.body}'
