// What `prisma migrate dev` would do, which asks a person at a terminal: prints its engine's answer, such as
// {"action":{"tag":"createMigration"}} to go on, or a reset with its reason.

import fs from 'node:fs'
import path from 'node:path'
import { spawnSync } from 'node:child_process'

const home = path.resolve('prisma/migrations')
const migrationDirectories = fs
  .readdirSync(home, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    path: name,
    migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: fs.readFileSync(path.join(home, name, 'migration.sql'), 'utf8') } },
  }))
  .sort((one, other) => (one.path < other.path ? -1 : 1))
const lockfile = { path: 'migration_lock.toml', content: fs.readFileSync(path.join(home, 'migration_lock.toml'), 'utf8') }
const params = {
  migrationsList: { baseDir: home, lockfile, shadowDbInitScript: '', migrationDirectories },
  filters: { externalTables: [], externalEnums: [] },
}
const words = ['--datamodels', path.resolve('prisma/schema.prisma'), '--datasource', JSON.stringify({ url: process.env.DATABASE_URL })]
const input = JSON.stringify({ id: 1, jsonrpc: '2.0', method: 'devDiagnostic', params }) + '\n'
const { stdout, stderr } = spawnSync(process.env.PRISMA_SCHEMA_ENGINE_BINARY, words, { input, encoding: 'utf8' })
const answer = JSON.parse(stdout.trim().split('\n').at(-1))
console.log(JSON.stringify(answer.result ?? answer.error.data.message))
if (stderr) console.error(stderr)
