#!/usr/bin/env node
// Stands in for Prisma's native schema engine, which npm does not have: the same engine as WebAssembly, also from
// Prisma, over @prisma/adapter-pg. Prisma's command line starts it and talks JSON-RPC with it, a line a message.

import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { createRequire } from 'node:module'

import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import pg from 'pg'

// Types of the catalog that the adapter does not know, as ones that it does.
const CHAR = 18
const KNOWN_AS = { 22: 25, 28: 20, [CHAR]: 1042, 194: 25, 1002: 1014, 1003: 1009, 2205: 25, 2206: 25 }

// Lets every connection of the adapter read the catalog.
class CatalogPg extends PrismaPg {
  async connect() {
    return readsCatalog(await super.connect())
  }

  // The adapter's own way drops the database while it is connected to it.
  async connectToShadowDb() {
    const database = `prisma_shadow_${randomUUID()}`
    const main = await this.connect()
    await main.executeScript(`CREATE DATABASE "${database}"`)
    const shadow = await new CatalogPg({ ...server, database }).connect()
    const leave = shadow.dispose
    shadow.dispose = async function () {
      await leave.call(shadow)
      await main.executeScript(`DROP DATABASE "${database}" WITH (FORCE)`)
      await main.dispose()
    }
    return shadow
  }
}

function readsCatalog(connection) {
  const { performIO, queryRaw } = connection
  let chars = []
  connection.performIO = async function (query) {
    const result = await performIO.call(this, query)
    chars = result.fields.flatMap((field, at) => (field.dataTypeID === CHAR ? [at] : []))
    for (const field of result.fields) field.dataTypeID = KNOWN_AS[field.dataTypeID] ?? field.dataTypeID
    return result
  }
  connection.queryRaw = async function (query) {
    const result = await queryRaw.call(this, query)
    for (const at of chars) result.columnTypes[at] = ColumnTypeEnum.Character
    return result
  }
  return connection
}

async function loadEngine() {
  const home = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'))
  const bindings = await import(path.join(home, 'schema_engine_bg.js'))
  const module = new WebAssembly.Module(fs.readFileSync(path.join(home, 'schema_engine_bg.wasm')))
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => log('ERROR', `panic: ${message}`) }
  return bindings
}

function log(level, message, more = {}) {
  const line = { level, fields: { message, ...more }, target: 'schema_engine::logger', timestamp: new Date().toISOString() }
  process.stderr.write(JSON.stringify(line) + '\n')
}

function send(message) {
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n')
}

// `cli can-connect-to-database`
async function canConnect(url) {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    await client.end()
    log('INFO', 'Connection successful')
    return 0
  } catch (error) {
    log('ERROR', error.message, { error_code: error.code === '3D000' ? 'P1003' : 'P1001' })
    return 1
  }
}

function given(name) {
  return process.argv.flatMap((word, at, all) => (word === name ? [all[at + 1]] : []))
}

const url = JSON.parse(given('--datasource')[0] ?? '{}').url ?? process.env.DATABASE_URL
// In parts: an address would overrule the name of a shadow database.
const { host, port, user, password, database } = new pg.Client({ connectionString: url }).connectionParameters
const server = { host, port, user, password }
if (process.argv.includes('cli')) process.exit(await canConnect(url))

const bindings = await loadEngine()
if (process.argv.includes('--version')) {
  console.log(`schema-engine-cli ${bindings.version()}`)
  process.exit(0)
}

const schema = new URL(url).searchParams.get('schema') ?? undefined
const adapter = bindMigrationAwareSqlAdapterFactory(new CatalogPg({ ...server, database }, { schema }))
const datamodels = given('--datamodels').map((file) => [file, fs.readFileSync(file, 'utf8')])
const engine = await bindings.SchemaEngine.new({ datamodels: datamodels.length ? datamodels : undefined }, () => {}, adapter)

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line)
  if (!method) continue
  try {
    const result = (await engine[method === 'getDatabaseVersion' ? 'version' : method](params ?? null)) ?? {}
    // The native engine prints a difference by asking its caller to.
    if (method === 'diff' && result.stdout) {
      send({ id: `print-${id}`, method: 'print', params: { content: result.stdout } })
      result.stdout = null
    }
    send({ id, result })
  } catch (error) {
    const data = { is_panic: false, message: String(error.message ?? error), error_code: error.code, meta: error.meta ?? null }
    send({ id, error: { code: 4466, message: 'see data', data } })
  }
}
