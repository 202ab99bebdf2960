#!/bin/sh
# usage: scrapy.sh FEED RESULT    Restores what `scrapy crawl NAME -O FEED` exported as JSON Lines: the field `article`, named by its address.
# Items that cannot be read go through as they are, and are listed beside the result.
set -eu
"${UNSPIN:-unspin}" restore "$1" --field article --id-field url --output "$2" --quarantine "$2.bad" --edits "$2.edits"
