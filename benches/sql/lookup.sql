-- The UPDATE of folders/lookup, typed by hand: two arrays.
SELECT array_agg("accountNumber" ORDER BY n)::text AS keys,
       array_agg(CASE WHEN n % 2 = 0 THEN 'ACTIVE' ELSE 'TARGET' END ORDER BY n)::text AS given
  FROM (SELECT "accountNumber", row_number() OVER (ORDER BY id) AS n FROM "Customer" ORDER BY id LIMIT 100000) AS c \gset
UPDATE "Customer" SET "accountType" = given
  FROM unnest(:'keys'::text[], :'given'::"AccountType"[]) AS pairs (key, given)
 WHERE "accountNumber" = key AND "accountType" IS DISTINCT FROM given;
