-- Gives the customers five orders each on average, from none to ten, in a shuffled order.
SET client_min_messages = warning;
CREATE TABLE "SalesOrder" (
    "id"         bigint PRIMARY KEY,
    "customerId" uuid NOT NULL,
    "status"     text NOT NULL,
    "total"      numeric(12, 2),
    "orderedAt"  timestamp(3) NOT NULL
);
INSERT INTO "SalesOrder"
SELECT row_number() OVER (ORDER BY md5(h::text || place)), "id", 'FULFILLED', (h / 7 % 400000) / 100.0 + place * 10,
       date_trunc('day', now() AT TIME ZONE 'UTC') - (h % 90 * (place + 1)) * interval '1 day'
FROM (SELECT "id", ('x' || substr(md5("id"::text), 1, 7))::bit(28)::int AS h FROM "Customer") AS drawn
CROSS JOIN LATERAL generate_series(1, h % 11) AS place;
ALTER TABLE "SalesOrder" ADD FOREIGN KEY ("customerId") REFERENCES "Customer" ("id");
CREATE INDEX ON "SalesOrder" ("customerId");
VACUUM ANALYZE "SalesOrder";
