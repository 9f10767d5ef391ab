-- The limit: a copy of the table with the new values, and all of its indexes.
BEGIN;
SELECT format('CREATE TABLE copy AS SELECT %s FROM "Customer"', string_agg(CASE attname WHEN 'accountType' THEN
    'CASE WHEN "accountType" IS NULL THEN CASE
        WHEN "lastOrderDate" >= date_trunc(''day'', now() AT TIME ZONE ''UTC'') - interval ''6 months'' THEN ''ACTIVE''
        WHEN "lastOrderDate" >= date_trunc(''day'', now() AT TIME ZONE ''UTC'') - interval ''12 months'' THEN ''TARGET''
        ELSE ''PROSPECT'' END::"AccountType" ELSE "accountType" END AS "accountType"' ELSE quote_ident(attname) END, ', ' ORDER BY attnum))
  FROM pg_attribute WHERE attrelid = '"Customer"'::regclass AND attnum > 0 AND NOT attisdropped \gexec
SELECT regexp_replace(pg_get_indexdef(indexrelid), 'INDEX .* ON .* USING', 'INDEX ON copy USING')
  FROM pg_index WHERE indrelid = '"Customer"'::regclass \gexec
COMMIT;
