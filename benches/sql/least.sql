-- The least that Phase 2 is when each column is written by one rewrite: no journal, no guards, no checks, no record.
\set ON_ERROR_STOP 1
ALTER TABLE "Customer" ALTER COLUMN "accountType" TYPE "AccountType" USING CASE
    WHEN "lastOrderDate" >= now() - interval '6 months'  THEN 'ACTIVE'::"AccountType"
    WHEN "lastOrderDate" >= now() - interval '12 months' THEN 'TARGET'::"AccountType"
    ELSE 'PROSPECT'::"AccountType" END;
\ir ../../sql/phase2-migration.sql
ALTER TABLE "Customer" ALTER COLUMN "accountPriority" TYPE "AccountPriority" USING CASE "accountType"
    WHEN 'ACTIVE' THEN 'HIGH'::"AccountPriority"
    WHEN 'TARGET' THEN 'MEDIUM'::"AccountPriority"
    ELSE 'LOW'::"AccountPriority" END;
