-- One preview of what folders/orders does: what would change, by old and new value.
SELECT old, new, count(*) FROM (
    SELECT "accountType" AS old, CASE
        WHEN coalesce(o.year, 0) >= 4 THEN 'ACTIVE' WHEN coalesce(o.total, 0) > 10000 THEN 'TARGET' ELSE 'PROSPECT' END::"AccountType" AS new
    FROM "Customer" AS own LEFT JOIN (
        SELECT "customerId", sum("total") AS total,
               count(*) FILTER (WHERE "orderedAt" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '12 months') AS year
          FROM "SalesOrder" GROUP BY "customerId") AS o ON o."customerId" = own."id"
    WHERE "accountType" IS NULL) AS judged GROUP BY old, new;
