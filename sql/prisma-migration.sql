-- Phase 2 of the CRM, the schema alone, as Prisma Migrate applies it: plain statements, each of which works once.
-- It makes exactly what phase2-migration.sql makes, which checks first and can be run again. Classes and priorities
-- are not its matter.
--
-- This is prisma/migrations/20251025173000_phase2_complete/migration.sql. Prisma keeps its checksum: leave it as it is.

CREATE TYPE "AccountPriority" AS ENUM ('LOW', 'MEDIUM', 'HIGH');
CREATE TYPE "CallPlanStatus" AS ENUM ('DRAFT', 'ACTIVE', 'COMPLETED', 'ARCHIVED');
CREATE TYPE "ContactOutcome" AS ENUM ('NOT_ATTEMPTED', 'NO_CONTACT', 'CONTACTED', 'VISITED');

ALTER TABLE "Customer"
    ADD COLUMN "accountPriority" "AccountPriority",
    ADD COLUMN "territory" TEXT;

ALTER TABLE "CallPlan"
    ADD COLUMN "weekNumber" INTEGER,
    ADD COLUMN "year" INTEGER,
    ADD COLUMN "status" "CallPlanStatus",
    ADD COLUMN "targetCount" INTEGER;

CREATE TABLE "CallPlanAccount" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenantId" UUID NOT NULL,
    "callPlanId" UUID NOT NULL,
    "customerId" UUID NOT NULL,
    "objective" TEXT,
    "addedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "contactOutcome" "ContactOutcome" NOT NULL DEFAULT 'NOT_ATTEMPTED',
    "contactedAt" TIMESTAMP(3),
    "notes" TEXT,

    CONSTRAINT "CallPlanAccount_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "CallPlanActivity" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenantId" UUID NOT NULL,
    "callPlanId" UUID NOT NULL,
    "customerId" UUID NOT NULL,
    "activityTypeId" UUID NOT NULL,
    "occurredAt" TIMESTAMP(3) NOT NULL,
    "notes" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CallPlanActivity_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "CallPlanAccount_tenantId_idx" ON "CallPlanAccount"("tenantId");
CREATE INDEX "CallPlanAccount_callPlanId_idx" ON "CallPlanAccount"("callPlanId");
CREATE INDEX "CallPlanAccount_customerId_idx" ON "CallPlanAccount"("customerId");
CREATE INDEX "CallPlanAccount_contactOutcome_idx" ON "CallPlanAccount"("contactOutcome");
CREATE INDEX "CallPlanAccount_contactedAt_idx" ON "CallPlanAccount"("contactedAt");
CREATE UNIQUE INDEX "CallPlanAccount_callPlanId_customerId_key" ON "CallPlanAccount"("callPlanId", "customerId");
CREATE INDEX "CallPlanActivity_tenantId_idx" ON "CallPlanActivity"("tenantId");
CREATE INDEX "CallPlanActivity_callPlanId_idx" ON "CallPlanActivity"("callPlanId");
CREATE INDEX "CallPlanActivity_customerId_idx" ON "CallPlanActivity"("customerId");
CREATE INDEX "CallPlanActivity_activityTypeId_idx" ON "CallPlanActivity"("activityTypeId");
CREATE INDEX "CallPlanActivity_occurredAt_idx" ON "CallPlanActivity"("occurredAt");
CREATE INDEX "Customer_territory_idx" ON "Customer"("territory");
CREATE INDEX "Customer_accountPriority_idx" ON "Customer"("accountPriority");
CREATE INDEX "CallPlan_year_weekNumber_idx" ON "CallPlan"("year", "weekNumber");
CREATE INDEX "CallPlan_status_idx" ON "CallPlan"("status");

ALTER TABLE "CallPlanAccount"
    ADD CONSTRAINT "CallPlanAccount_tenantId_fkey" FOREIGN KEY ("tenantId")
    REFERENCES "Tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "CallPlanAccount"
    ADD CONSTRAINT "CallPlanAccount_callPlanId_fkey" FOREIGN KEY ("callPlanId")
    REFERENCES "CallPlan"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "CallPlanAccount"
    ADD CONSTRAINT "CallPlanAccount_customerId_fkey" FOREIGN KEY ("customerId")
    REFERENCES "Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "CallPlanActivity"
    ADD CONSTRAINT "CallPlanActivity_tenantId_fkey" FOREIGN KEY ("tenantId")
    REFERENCES "Tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "CallPlanActivity"
    ADD CONSTRAINT "CallPlanActivity_callPlanId_fkey" FOREIGN KEY ("callPlanId")
    REFERENCES "CallPlan"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "CallPlanActivity"
    ADD CONSTRAINT "CallPlanActivity_customerId_fkey" FOREIGN KEY ("customerId")
    REFERENCES "Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "CallPlanActivity"
    ADD CONSTRAINT "CallPlanActivity_activityTypeId_fkey" FOREIGN KEY ("activityTypeId")
    REFERENCES "ActivityType"("id") ON DELETE CASCADE ON UPDATE CASCADE;
