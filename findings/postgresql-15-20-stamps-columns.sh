#!/usr/bin/env bash
# postgresql-15 15.20-0+deb12u1 (Debian's security update of November 2026) beside 15.18-0+deb12u1: every column of a table
# has an attribute option that nobody set, and an ALTER of one column gives a new one to columns that it does not touch.
#
# pg_attribute.attoptions has been NULL but for ALTER COLUMN ... SET (n_distinct = ...). From 15.20 on a new column holds
# {pg_attver=NUMBER}. ADD COLUMN gives the number to the new column only; ALTER COLUMN ... TYPE gives new ones to that
# column and to all columns behind it. So the catalog of two tables that were made by the same statements differs, and a
# minor update makes another difference than a restore.
#
# Why it matters: programs that compare schemas by the catalog, or note which columns a migration touched, see differences
# that nobody made, and only after an update of a minor version. They have to take pg_attver out before they compare.
set -euo pipefail

work=$(mktemp -d)
trap '[ ! -s "$work/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$work/data/postmaster.pid")"; wait; rm -rf "$work"' EXIT
cd "$work"
chmod a+rx .

# The server refuses to run as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; else "$@"; fi
}

options() {
    printf '%s: %s\n' "$1" "$("$bin/psql" -h "$work/socket" -U postgres -qtA -F ' ' -c \
        "SELECT string_agg(attname || '=' || coalesce(regexp_replace(attoptions::text, '[0-9]+', 'N'), 'none'), ' ' ORDER BY attnum)
           FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0")"
}

# The columns whose options a statement changes.
changed_by() {
    local before="CREATE TEMPORARY TABLE was AS SELECT attname, attoptions FROM pg_attribute WHERE attrelid = 't'::regclass"
    printf '%s changes: %s\n' "$1" "$("$bin/psql" -h "$work/socket" -U postgres -qtA -c "$before" -c "$1" -c \
        "SELECT coalesce(string_agg(attname, ' ' ORDER BY attnum), 'nothing') FROM pg_attribute a JOIN was USING (attname)
          WHERE attrelid = 't'::regclass AND attnum > 0 AND a.attoptions IS DISTINCT FROM was.attoptions")"
}

tried_on() {
    local version=$1 port
    mkdir "$version"
    chmod 777 "$version" && (cd "$version" && apt-get download -q "postgresql-15=$version" "postgresql-client-15=$version" >/dev/null)
    for package in "$version"/*.deb; do dpkg-deb -x "$package" "$version"; done
    bin=$work/$version/usr/lib/postgresql/15/bin
    chmod -R a+rX "$version"
    rm -rf data socket && mkdir data socket
    [ "$(id -u)" != 0 ] || chown 65534:65534 data socket
    as_server "$bin/initdb" -D "$work/data" -U postgres --auth=trust --no-sync >/dev/null
    as_server "$bin/postgres" -D "$work/data" -k "$work/socket" -c listen_addresses= >log 2>&1 &
    for _ in $(seq 100); do
        [ -S socket/.s.PGSQL.5432 ] && break
        sleep 0.1
    done
    "$bin/psql" -h "$work/socket" -U postgres -qc 'CREATE TABLE t (a int, b text, c date)'
    options "$version"
    changed_by 'ALTER TABLE t ADD COLUMN d int'
    changed_by 'ALTER TABLE t ALTER COLUMN b TYPE varchar(9)'
    kill -INT "$(head -n 1 data/postmaster.pid)"
    wait
}

tried_on 15.18-0+deb12u1 | tee told
tried_on 15.20-0+deb12u1 | tee -a told

diff - told <<'TOLD'
15.18-0+deb12u1: a=none b=none c=none
ALTER TABLE t ADD COLUMN d int changes: nothing
ALTER TABLE t ALTER COLUMN b TYPE varchar(9) changes: nothing
15.20-0+deb12u1: a={pg_attver=N} b={pg_attver=N} c={pg_attver=N}
ALTER TABLE t ADD COLUMN d int changes: nothing
ALTER TABLE t ALTER COLUMN b TYPE varchar(9) changes: b c d
TOLD
