-- Makes :rows customers of the sample's 5,394: the same in everything but the key, the account number in its own system,
-- and the text that makes a row as wide as a real one (669 bytes), in a shuffled order.
SET client_min_messages = warning;
CREATE TEMP TABLE old AS TABLE "Customer";
CREATE TEMP TABLE indexes AS SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index WHERE indrelid = '"Customer"'::regclass AND NOT indisprimary;
SELECT format('DROP INDEX %s', name) FROM indexes \gexec
TRUNCATE "Customer" CASCADE;
SELECT format('INSERT INTO "Customer" SELECT %s FROM old AS c CROSS JOIN generate_series(0, (%s - 1) / 5394) AS copy
                 ORDER BY copy, md5(c."id"::text) LIMIT %s',
    (SELECT string_agg(CASE attname
        WHEN 'id' THEN 'md5(copy || c."id"::text)::uuid'
        WHEN 'externalId' THEN 'c."externalId" || ''-'' || copy'
        WHEN 'deliveryInstructions' THEN 'rpad(coalesce(c."deliveryInstructions", ''''), 279, md5(c."id"::text))'
        ELSE 'c.' || quote_ident(attname) END, ', ' ORDER BY attnum)
       FROM pg_attribute WHERE attrelid = '"Customer"'::regclass AND attnum > 0 AND NOT attisdropped), :rows, :rows) \gexec
SELECT definition FROM indexes \gexec
VACUUM ANALYZE "Customer";
