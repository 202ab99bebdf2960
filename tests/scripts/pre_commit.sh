#!/usr/bin/env bash
# usage: pre_commit.sh UNSPIN [build]    Runs the hooks with the program pre-commit on a small repository: on articles that are as
# stored, on one that has changed, on one that is spun. With `build` pre-commit builds the program itself from the last commit, as it does for
# users, which takes minutes; else the hooks run the given one. Skipped if pre-commit or git is not there.
set -euo pipefail
unspin=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../..")
pre_commit=${PRE_COMMIT:-pre-commit}
for tool in "$pre_commit" git; do
    command -v "$tool" > /dev/null || { echo "skipped: the hooks need $tool"; exit 0; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PRE_COMMIT_HOME=$work/home GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
unset CI GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
mkdir "$work/repository" && cd "$work/repository"
git init -q .
mkdir -p scraped
printf 'Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected onslaught implicit plans to instrumentality a antheral disconnected each lorry.\n' > scraped/a.txt
printf 'The bridge was opened on Monday. People can cross it on foot, and it will be lit at night.\n' > scraped/b.txt
if [[ ${2:-} == build ]]; then
    printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n' "$source" "$(git -C "$source" rev-parse HEAD)" > .pre-commit-config.yaml
    printf '  - id: unspin-check\n    args: [scraped, --jobs, "1"]\n  - id: unspin-detect\n    files: ^clean/\n' >> .pre-commit-config.yaml
else
    # the same hooks, but with the program that is there already
    export PATH="$work/bin:$PATH"
    mkdir "$work/bin" && ln -s "$unspin" "$work/bin/unspin"
    { printf 'repos:\n- repo: local\n  hooks:\n'; sed -e '/^#/d' -e 's/^  language: rust$/  language: system/' -e 's/^/  /' "$source/.pre-commit-hooks.yaml"; } > .pre-commit-config.yaml
    sed -i -e '/^    entry: unspin check$/a\    args: [scraped, --jobs, "1"]' -e '/^    entry: unspin detect/,$s/files: .*/files: ^clean\//' .pre-commit-config.yaml
fi
printf '*.snap.new\n' > .gitignore
"$unspin" check scraped --create 2> /dev/null
git add -A
expect() {
    local code=0
    "$pre_commit" run "${@:3}" > "$work/said" 2>&1 || code=$?
    if [[ $code != "$1" ]] || ! grep -q "$2" "$work/said"; then
        echo "WRONG: pre-commit ended with $code, not $1, or did not say '$2'"; cat "$work/said"; exit 1
    fi
}
expect 0 'unspin check.*Passed' --all-files
git commit -qm articles
sed -i 's/each lorry/every lorry/' scraped/a.txt
git add scraped
expect 1 'a.txt: stale' unspin-check
test -e scraped/.unspin/snapshots/a.txt.snap.new
"$unspin" accept scraped 2> /dev/null
git add scraped
expect 0 'unspin check.*Passed' unspin-check
mkdir clean && cp scraped/b.txt clean/
git add clean
expect 0 'unspin detect.*Passed' unspin-detect
cp scraped/a.txt clean/
git add clean
expect 1 'spun.*clean/a.txt' unspin-detect
echo "the hooks: right"
