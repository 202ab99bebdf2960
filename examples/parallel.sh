#!/bin/sh
# usage: parallel.sh FOLDER RESULTS    Restores a folder in four parts. On four machines: run one part on each. A part that was
# interrupted goes on where it was when it is run again, so each has a folder of its own for its marks.
set -eu
parallel "${UNSPIN:-unspin}" restore "$1" --out-dir "$2/{}" --shard {}/4 --jobs 1 --resume ::: 1 2 3 4
