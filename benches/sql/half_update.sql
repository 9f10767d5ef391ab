-- The single best UPDATE for one half of the table's pages, :half being 1 or 2: what two connections can do at best.
-- The middle is that of the last VACUUM, the same for both, however far one has come when the other starts.
SELECT CASE :half WHEN 1 THEN 'ctid < ' ELSE 'ctid >= ' END || quote_literal(format('(%s,0)', relpages / 2)) || '::tid' AS own
  FROM pg_class WHERE oid = '"Customer"'::regclass \gset
UPDATE "Customer" SET "accountType" = CASE
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '6 months' THEN 'ACTIVE'
    WHEN "lastOrderDate" >= date_trunc('day', now() AT TIME ZONE 'UTC') - interval '12 months' THEN 'TARGET'
    ELSE 'PROSPECT' END::"AccountType"
WHERE "accountType" IS NULL AND :own;
