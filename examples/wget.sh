#!/bin/sh
# usage: wget.sh ADDRESS NAME    Archives a page and what it links to as NAME.warc.gz, and restores it to NAME.clean.warc.gz: lengths and
# digests are those of the restored pages.
set -eu
wget --quiet --recursive --level 1 --delete-after --no-directories --warc-file "$2" "$1" || test $? -eq 8
"${UNSPIN:-unspin}" restore "$2.warc.gz" --output "$2.clean.warc.gz"
