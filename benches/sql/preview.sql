-- One preview: what would change, by old and new value.
SELECT old, new, count(*) FROM (SELECT "accountType" AS old, CASE
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '6 months' THEN 'ACTIVE'
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '12 months' THEN 'TARGET'
    ELSE 'PROSPECT' END::"AccountType" AS new FROM "Customer") AS judged GROUP BY old, new;
