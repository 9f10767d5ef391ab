-- The orders of the sample CRM, for rules that look at other rows: some 40,000, and thresholds of each tenant. Loaded
-- after sample-crm.sql, in the same way: an empty line after every statement, and none after a semicolon inside one.
--
-- The newest order of a customer is of the day of its lastOrderDate, and fulfilled. The earlier ones follow at the
-- customer's own pace; their amounts are around what one order brings at its establishedRevenue. All of it is synthetic,
-- and the same every time; only the dates move with the day of the load.

CREATE TYPE "SalesOrderStatus" AS ENUM ('DRAFT', 'CONFIRMED', 'FULFILLED', 'CANCELLED');

CREATE TABLE "SalesOrder" (
    "id"         uuid PRIMARY KEY,
    "tenantId"   uuid NOT NULL REFERENCES "Tenant" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    "customerId" uuid NOT NULL REFERENCES "Customer" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    "status"     "SalesOrderStatus" NOT NULL DEFAULT 'DRAFT',
    "total"      numeric(12, 2),
    "orderedAt"  timestamp(3) NOT NULL,
    "createdAt"  timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt"  timestamp(3) NOT NULL
);

-- Thresholds of a tenant's own, in days and in orders a year. A tenant without a row, or without a value, has the defaults
-- of the scripts.
CREATE TABLE "HealthThreshold" (
    "id"         uuid PRIMARY KEY,
    "tenantId"   uuid NOT NULL REFERENCES "Tenant" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    "activeDays" integer,
    "targetDays" integer,
    "minOrders"  integer,
    "createdAt"  timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt"  timestamp(3) NOT NULL
);

ALTER TABLE "Tenant" ADD COLUMN "activeDays" integer, ADD COLUMN "usualPaceDays" integer;

UPDATE "Tenant" SET "activeDays" = CASE "slug" WHEN 'harborlight' THEN 182 ELSE 150 END,
       "usualPaceDays" = CASE "slug" WHEN 'harborlight' THEN 28 END;

INSERT INTO "HealthThreshold" ("id", "tenantId", "activeDays", "targetDays", "minOrders", "createdAt", "updatedAt")
SELECT overlay(overlay(md5('threshold ' || "slug") PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid,
       "id", 150, NULL, 3, today - interval '400 days', today - interval '90 days'
FROM "Tenant" CROSS JOIN date_trunc('day', now() AT TIME ZONE 'UTC') AS today
WHERE "slug" = 'redwood';

WITH drawn AS (
    SELECT c."id", c."tenantId", c."lastOrderDate", c."orderingPaceDays" AS pace, c."establishedRevenue" AS revenue,
           ('x' || substr(md5('orders of ' || c."accountNumber"), 1, 7))::bit(28)::int AS h
    FROM "Customer" AS c WHERE c."lastOrderDate" IS NOT NULL
),
-- The place of an order before the newest, and its own draw.
placed AS (
    SELECT d.*, place, ('x' || substr(md5(d."id"::text || ' ' || place), 1, 7))::bit(28)::int AS own
    FROM drawn AS d CROSS JOIN LATERAL generate_series(0, h % 15) AS place
),
dated AS (
    SELECT p.*, "lastOrderDate" - (place * pace) * interval '1 day' - (CASE WHEN place > 0 THEN own % 5 ELSE 0 END) * interval '1 hour' AS ordered
    FROM placed AS p
)
INSERT INTO "SalesOrder" ("id", "tenantId", "customerId", "status", "total", "orderedAt", "createdAt", "updatedAt")
SELECT overlay(overlay(md5('order ' || "id" || ' ' || place) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid,
       "tenantId", "id",
       (CASE WHEN place > 0 AND own % 23 = 0 THEN 'CANCELLED' WHEN place > 0 AND own % 47 = 0 THEN 'CONFIRMED' ELSE 'FULFILLED' END)::"SalesOrderStatus",
       CASE WHEN own % 211 > 0 OR place = 0 THEN round(revenue / 24 * (60 + own % 90) / 100, 2) END,
       ordered, ordered, ordered
FROM dated
ORDER BY "id", place;

CREATE UNIQUE INDEX "HealthThreshold_tenantId_key" ON "HealthThreshold" ("tenantId");

CREATE INDEX "SalesOrder_customerId_idx" ON "SalesOrder" ("customerId");

CREATE INDEX "SalesOrder_tenantId_orderedAt_idx" ON "SalesOrder" ("tenantId", "orderedAt" DESC);

ANALYZE "Tenant", "SalesOrder", "HealthThreshold";

