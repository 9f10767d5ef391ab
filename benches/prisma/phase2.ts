// Phase 2 as the program on Prisma does it, in the original's order and without its sleep of 3 seconds: a statement
// for each class, a look, the schema statement by statement, a look, a statement for each priority, the record.

import { readFileSync } from 'node:fs'

import { PrismaPg } from '@prisma/adapter-pg'

import { AccountPriority, AccountType, PrismaClient } from './prisma/client/client'

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL! }) })

function monthsAgo(months: number): Date {
  const date = new Date()
  date.setMonth(date.getMonth() - months)
  return date
}

async function classify() {
  const [active, target] = [monthsAgo(6), monthsAgo(12)]
  const classes = [
    { data: { accountType: AccountType.ACTIVE }, where: { lastOrderDate: { gte: active } } },
    { data: { accountType: AccountType.TARGET }, where: { lastOrderDate: { lt: active, gte: target } } },
    {
      data: { accountType: AccountType.PROSPECT },
      where: { OR: [{ lastOrderDate: { lt: target } }, { lastOrderDate: null }] },
    },
  ]
  for (const one of classes) {
    const { count } = await prisma.customer.updateMany(one)
    console.log(`${one.data.accountType}: ${count} customers`)
  }
}

async function verifyClasses() {
  const total = await prisma.customer.count()
  for (const type of Object.values(AccountType)) {
    const count = await prisma.customer.count({ where: { accountType: type } })
    console.log(`${type}: ${count} of ${total}`)
  }
  for (const tenant of await prisma.tenant.findMany()) {
    const rows = await prisma.customer.groupBy({ by: ['accountType'], where: { tenantId: tenant.id }, _count: true })
    console.log(tenant.name, rows)
  }
  if ((await prisma.customer.count({ where: { accountType: null } })) > 0) throw new Error('customers without a class')
}

async function applySchema() {
  const statements = readFileSync(process.env.SCHEMA_SQL!, 'utf8').replace(/^--.*$/gm, '').split(';')
  for (const statement of statements.map((text) => text.trim()).filter((text) => text !== '')) {
    await prisma.$executeRawUnsafe(statement)
  }
}

async function verifySchema() {
  const tables = ['Customer', 'CallPlan', 'CallPlanAccount', 'CallPlanActivity']
  const columns = await prisma.$queryRaw<{ table_name: string }[]>`
    SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_name = ANY (${tables})`
  for (const table of tables) {
    if (!columns.some((column) => column.table_name === table)) throw new Error(`table ${table} is missing`)
  }
}

async function prioritise() {
  const priorities = [
    [AccountType.ACTIVE, AccountPriority.HIGH],
    [AccountType.TARGET, AccountPriority.MEDIUM],
    [AccountType.PROSPECT, AccountPriority.LOW],
  ] as const
  for (const [accountType, accountPriority] of priorities) {
    const { count } = await prisma.customer.updateMany({ where: { accountType }, data: { accountPriority } })
    console.log(`${accountPriority}: ${count} customers`)
  }
  console.log(await prisma.customer.groupBy({ by: ['accountPriority'], _count: true }))
}

async function record() {
  await prisma.$executeRaw`CREATE TABLE IF NOT EXISTS recorded (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`
  await prisma.$executeRaw`INSERT INTO recorded (name) VALUES ('20251025173000_phase2_complete')`
}

await classify()
await verifyClasses()
await applySchema()
await verifySchema()
await prioritise()
await record()
await prisma.$disconnect()
