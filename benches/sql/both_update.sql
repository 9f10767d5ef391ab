-- The best single UPDATE of both columns: what two rules are, without a journal and without looking first.
UPDATE "Customer" SET "accountType" = CASE
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '6 months' THEN 'ACTIVE'
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '12 months' THEN 'TARGET'
    ELSE 'PROSPECT' END::"AccountType",
  "website" = CASE
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '6 months' THEN 'on premise'
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '12 months' THEN 'retail'
    ELSE 'none' END
WHERE "accountType" IS NULL;
