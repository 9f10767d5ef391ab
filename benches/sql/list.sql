-- The UPDATE of folders/list, typed by hand: one array.
SELECT array_agg(id ORDER BY id)::text AS ids FROM (SELECT id FROM "Customer" ORDER BY id LIMIT 100000) AS c \gset
UPDATE "Customer" SET "accountType" = 'ACTIVE'
  FROM unnest(:'ids'::uuid[]) AS listed (key) WHERE id = key AND "accountType" IS DISTINCT FROM 'ACTIVE';
