-- What the original did, in its order: one UPDATE a class, a look, the schema, a look, one UPDATE a priority, the record.
\set ON_ERROR_STOP 1
UPDATE "Customer" SET "accountType" = 'ACTIVE' WHERE "lastOrderDate" >= now() - interval '6 months';
UPDATE "Customer" SET "accountType" = 'TARGET'
 WHERE "lastOrderDate" < now() - interval '6 months' AND "lastOrderDate" >= now() - interval '12 months';
UPDATE "Customer" SET "accountType" = 'PROSPECT' WHERE "lastOrderDate" < now() - interval '12 months' OR "lastOrderDate" IS NULL;
SELECT "accountType", count(*) FROM "Customer" GROUP BY "accountType";
SELECT "tenantId", "accountType", count(*) FROM "Customer" GROUP BY "tenantId", "accountType";
SELECT count(*) FROM "Customer" WHERE "accountType" IS NULL;
\ir ../../sql/phase2-migration.sql
SELECT count(*) FROM information_schema.columns WHERE table_name IN ('Customer', 'CallPlan', 'CallPlanAccount', 'CallPlanActivity');
UPDATE "Customer" SET "accountPriority" = 'HIGH' WHERE "accountType" = 'ACTIVE';
UPDATE "Customer" SET "accountPriority" = 'MEDIUM' WHERE "accountType" = 'TARGET';
UPDATE "Customer" SET "accountPriority" = 'LOW' WHERE "accountType" = 'PROSPECT';
SELECT "accountPriority", count(*) FROM "Customer" GROUP BY "accountPriority";
CREATE TABLE IF NOT EXISTS recorded (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
INSERT INTO recorded (name) VALUES ('20251025173000_phase2_complete');
