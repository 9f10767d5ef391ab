#!/usr/bin/env bash
# @electric-sql/pglite-socket 0.2.17 with @electric-sql/pglite 0.5.14: the clients of the server are one session, so that a
# session lock keeps nobody out, and what one client sets stays for the next.
#
# With --max-connections=5 two clients of pg 8.16.3 connect and work, and each waits while the other is in a transaction: it
# looks like a small PostgreSQL. But both have one pg_backend_pid(). Each gets the same advisory lock of the session, and
# each is told that it has it. One sees the other's temporary table and search_path, and these outlive the client that made
# them, also when no other is connected any more. A transaction pooler behaves alike only between transactions of one server
# connection; here every client always shares.
# statement_timeout can be set and shown, and ends nothing: a second of sleep takes a second under a limit of 200 ms.
#
# Why it matters: a tool that keeps two of its runs apart by an advisory lock of the session has no such lock here. Only
# what is held by a transaction (pg_advisory_xact_lock, table locks) keeps the others waiting. Settings have to be
# transaction-local, and a limit on a query has to be kept by the client.
set -euo pipefail

work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"
npm init --yes >/dev/null
npm install --silent @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17 pg@8.16.3 >/dev/null
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
node node_modules/@electric-sql/pglite-socket/dist/scripts/server.js --host=127.0.0.1 --port="$port" --max-connections=5 >log 2>&1 &
server=$!
for _ in $(seq 600); do
    grep -q listening log && break
    sleep 0.1
done

cat >try.mjs <<'JS'
import pg from 'pg'
const open = async () => {
    const client = new pg.Client({ host: '127.0.0.1', port: process.argv[2], user: 'postgres', database: 'postgres' })
    await client.connect()
    return client
}
const one = async (client, text) => {
    const { rows } = await client.query(text)
    return Object.values(rows[0])[0]
}
const [first, second] = [await open(), await open()]
const pid = 'SELECT pg_backend_pid()'
console.log('same process:', await one(first, pid) === await one(second, pid))
const lock = 'SELECT pg_try_advisory_lock(7)'
console.log('both get the lock:', await one(first, lock) && await one(second, lock))
await first.query('CREATE TEMPORARY TABLE of_the_first AS SELECT 1 AS a')
console.log('rows of its temporary table for the other:', await one(second, 'SELECT count(*) FROM of_the_first'))
await first.query('BEGIN')
const later = new Promise(resolve => setTimeout(resolve, 1500, 'waits'))
console.log('in a transaction the other:', await Promise.race([one(second, 'SELECT 1'), later]))
await first.query('ROLLBACK')
await first.query('SET search_path TO elsewhere; SET statement_timeout TO 200')
const began = Date.now()
await first.query('SELECT pg_catalog.pg_sleep(1)')
console.log('a second of sleep under 200 ms was ended early:', Date.now() - began < 900)
await Promise.all([first.end(), second.end()])
const third = await open()
console.log('search_path of who comes later:', await one(third, 'SHOW search_path'))
await third.end()
JS
node try.mjs "$port" | tee told

diff - told <<'TOLD'
same process: true
both get the lock: true
rows of its temporary table for the other: 1
in a transaction the other: waits
a second of sleep under 200 ms was ended early: false
search_path of who comes later: elsewhere
TOLD
