-- The single best UPDATE: what the classification is, without a journal and without looking first.
UPDATE "Customer" SET "accountType" = CASE
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '6 months' THEN 'ACTIVE'
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '12 months' THEN 'TARGET'
    ELSE 'PROSPECT' END::"AccountType"
WHERE "accountType" IS NULL;
