-- The limit of phase 2: a copy of the table with both columns, and all indexes that it then has.
BEGIN;
CREATE TYPE "AccountPriority" AS ENUM ('LOW', 'MEDIUM', 'HIGH');
SELECT format('CREATE TABLE copy AS SELECT %s,
    CASE class WHEN ''ACTIVE'' THEN ''HIGH'' WHEN ''TARGET'' THEN ''MEDIUM'' ELSE ''LOW'' END::"AccountPriority" AS "accountPriority",
    NULL::text AS territory
  FROM (SELECT *, CASE WHEN "accountType" IS NULL THEN CASE
        WHEN "lastOrderDate" >= date_trunc(''day'', now() AT TIME ZONE ''UTC'') - interval ''6 months'' THEN ''ACTIVE''
        WHEN "lastOrderDate" >= date_trunc(''day'', now() AT TIME ZONE ''UTC'') - interval ''12 months'' THEN ''TARGET''
        ELSE ''PROSPECT'' END::"AccountType" ELSE "accountType" END AS class FROM "Customer") AS classes',
    string_agg(CASE attname WHEN 'accountType' THEN 'class AS "accountType"' ELSE quote_ident(attname) END, ', ' ORDER BY attnum))
  FROM pg_attribute WHERE attrelid = '"Customer"'::regclass AND attnum > 0 AND NOT attisdropped \gexec
SELECT regexp_replace(pg_get_indexdef(indexrelid), 'INDEX .* ON .* USING', 'INDEX ON copy USING')
  FROM pg_index WHERE indrelid = '"Customer"'::regclass \gexec
CREATE INDEX ON copy USING btree ("accountPriority");
CREATE INDEX ON copy USING btree (territory);
COMMIT;
