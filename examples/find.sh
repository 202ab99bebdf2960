#!/bin/sh
# usage: find.sh FOLDER    Restores the texts of a folder that are younger than a day, in place; what changes is kept as *.orig.
set -eu
find "$1" -name '*.txt' -mtime -1 -print0 | xargs -0 "${UNSPIN:-unspin}" restore --in-place --backup .orig
