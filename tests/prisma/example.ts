// The application after Phase 2: a week's call plan, its accounts, a visit, and all of it read back with relations.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { PrismaPg } from '@prisma/adapter-pg'

import { AccountPriority, AccountType, CallPlanStatus, ContactOutcome, PrismaClient } from './prisma/client/client'

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL! }) })

const tenant = await prisma.tenant.findFirstOrThrow({ where: { slug: 'hill-and-valley' }, include: { users: true } })
const customers = await prisma.customer.findMany({ where: { tenantId: tenant.id }, orderBy: { name: 'asc' } })
assert.deepEqual(
  customers.map(({ name, accountType, accountPriority }) => [name, accountType, accountPriority]),
  [
    ['Old Mill', AccountType.PROSPECT, AccountPriority.LOW],
    ['Red Barn', AccountType.TARGET, AccountPriority.MEDIUM],
    ['Wine Bar', AccountType.ACTIVE, AccountPriority.HIGH],
  ],
)

const plan = await prisma.callPlan.create({
  data: {
    id: randomUUID(),
    tenantId: tenant.id,
    userId: tenant.users[0].id,
    name: 'Week 43',
    weekNumber: 43,
    year: 2025,
    status: CallPlanStatus.ACTIVE,
    targetCount: 2,
    accounts: {
      create: customers.slice(1).map(({ id }) => ({ tenantId: tenant.id, customerId: id, objective: 'Taste the new wines' })),
    },
  },
})
const call = await prisma.activityType.create({ data: { id: randomUUID(), tenantId: tenant.id, name: 'Visit', code: 'VISIT' } })
await prisma.callPlanActivity.create({
  data: { tenantId: tenant.id, callPlanId: plan.id, customerId: customers[2].id, activityTypeId: call.id, occurredAt: new Date('2025-10-21T15:00:00Z') },
})
await prisma.callPlanAccount.update({
  where: { callPlanId_customerId: { callPlanId: plan.id, customerId: customers[2].id } },
  data: { contactOutcome: ContactOutcome.VISITED, contactedAt: new Date('2025-10-21T15:30:00Z') },
})

const read = await prisma.callPlan.findFirstOrThrow({
  where: { year: 2025, weekNumber: 43, status: CallPlanStatus.ACTIVE },
  include: {
    tenant: true,
    accounts: { include: { customer: true }, orderBy: { customer: { name: 'asc' } } },
    activities: { include: { activityType: true, customer: { include: { callPlanAccounts: true } } } },
  },
})
assert.equal(read.tenant.slug, 'hill-and-valley')
assert.deepEqual(
  read.accounts.map(({ customer, contactOutcome, objective }) => [customer.name, contactOutcome, objective]),
  [
    ['Red Barn', 'NOT_ATTEMPTED', 'Taste the new wines'],
    ['Wine Bar', 'VISITED', 'Taste the new wines'],
  ],
)
assert.deepEqual(read.activities.map(({ activityType, customer }) => [activityType.code, customer.name]), [['VISIT', 'Wine Bar']])
assert.equal(read.activities[0].customer.callPlanAccounts[0].contactedAt?.toISOString(), '2025-10-21T15:30:00.000Z')
await assert.rejects(
  prisma.callPlanAccount.create({ data: { tenantId: tenant.id, callPlanId: plan.id, customerId: customers[2].id } }),
  { code: 'P2002' },
)

await prisma.callPlan.delete({ where: { id: plan.id } })
assert.equal(await prisma.callPlanAccount.count(), 0)
assert.equal(await prisma.callPlanActivity.count(), 0)
await prisma.$disconnect()
console.log('a call plan with 2 accounts and a visit was made, read back and deleted')
