-- The sample CRM that `leora-run --sandbox` works on: the tables as they are before Phase 2, with two
-- wine distributors and 5,394 customers. All of it is synthetic, and the same every time; only the dates
-- move, since they count back from the day it is loaded.
--
-- None of the dates is near a threshold, so for weeks after the load "ACTIVE within 6 months, TARGET within
-- 12, else PROSPECT" gives ACTIVE 3,512, TARGET 1,089, PROSPECT 793.
--
-- It is loaded through `postgres --single -j`, where a statement ends at a semicolon with an EMPTY LINE after
-- it. So: an empty line after every statement, and none after a semicolon inside one.

-- The tables ------------------------------------------------------------------------------------------

CREATE TYPE "AccountType" AS ENUM ('ACTIVE', 'TARGET', 'PROSPECT');

CREATE TYPE "CustomerRiskStatus" AS ENUM ('HEALTHY', 'AT_RISK_CADENCE', 'AT_RISK_REVENUE', 'DORMANT', 'CLOSED');

CREATE TABLE "Tenant" (
    "id"        uuid PRIMARY KEY,
    "slug"      text NOT NULL UNIQUE,
    "name"      text NOT NULL,
    "timezone"  text NOT NULL DEFAULT 'America/New_York',
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL
);

CREATE TABLE "User" (
    "id"             uuid PRIMARY KEY,
    "tenantId"       uuid NOT NULL REFERENCES "Tenant" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    "email"          text NOT NULL,
    "fullName"       text NOT NULL,
    "hashedPassword" text NOT NULL,
    "isActive"       boolean NOT NULL DEFAULT true,
    "createdAt"      timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt"      timestamp(3) NOT NULL
);

CREATE TABLE "ActivityType" (
    "id"          uuid PRIMARY KEY,
    "tenantId"    uuid NOT NULL REFERENCES "Tenant" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    "name"        text NOT NULL,
    "code"        text NOT NULL,
    "description" text,
    "createdAt"   timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt"   timestamp(3) NOT NULL
);

CREATE TABLE "Customer" (
    "id"                       uuid PRIMARY KEY,
    "tenantId"                 uuid NOT NULL REFERENCES "Tenant" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    "externalId"               text,
    "name"                     text NOT NULL,
    "accountNumber"            text,
    "billingEmail"             text,
    "phone"                    text,
    "street1"                  text,
    "street2"                  text,
    "city"                     text,
    "state"                    text,
    "postalCode"               text,
    "country"                  text DEFAULT 'US',
    "paymentTerms"             text DEFAULT 'Net 30',
    "orderingPaceDays"         integer,
    "establishedRevenue"       decimal(12, 2),
    "createdAt"                timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt"                timestamp(3) NOT NULL,
    "averageOrderIntervalDays" integer,
    "licenseNumber"            text,
    "closedReason"             text,
    "dormancySince"            timestamp(3),
    "isPermanentlyClosed"      boolean NOT NULL DEFAULT false,
    "lastOrderDate"            timestamp(3),
    "nextExpectedOrderDate"    timestamp(3),
    "reactivatedDate"          timestamp(3),
    "riskStatus"               "CustomerRiskStatus" NOT NULL DEFAULT 'HEALTHY',
    "salesRepId"               uuid,
    "accountType"              "AccountType",
    "doNotContactUntil"        timestamp(6),
    "latitude"                 double precision,
    "longitude"                double precision,
    "buyerFirstName"           text,
    "buyerLastName"            text,
    "quarterlyRevenueTarget"   decimal(12, 2),
    "licenseType"              text,
    "deliveryInstructions"     text,
    "deliveryWindows"          jsonb,
    "paymentMethod"            text,
    "website"                  text,
    "requiresPO"               boolean NOT NULL DEFAULT false,
    "isTaxExempt"              boolean NOT NULL DEFAULT false,
    "type"                     text,
    "volumeCapacity"           text,
    "featurePrograms"          text[] DEFAULT ARRAY[]::text[]
);

CREATE TABLE "CallPlan" (
    "id"          uuid PRIMARY KEY,
    "tenantId"    uuid NOT NULL REFERENCES "Tenant" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    "userId"      uuid NOT NULL REFERENCES "User" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    "name"        text NOT NULL,
    "description" text,
    "effectiveAt" timestamp(3),
    "createdAt"   timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt"   timestamp(3) NOT NULL
);

-- Two distributors, their people and what those do ----------------------------------------------------
-- Every id is the md5 of a readable key, marked as a version 4 UUID.

INSERT INTO "Tenant" ("id", "slug", "name", "timezone", "createdAt", "updatedAt")
SELECT overlay(overlay(md5('tenant ' || slug) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid,
       slug, name, timezone, today - interval '6 years', today - interval '40 days'
FROM (VALUES
    ('harborlight', 'Harborlight Wine Imports',    'America/New_York'),
    ('redwood',     'Redwood Coast Wine Merchants', 'America/Los_Angeles')
) AS tenant (slug, name, timezone),
date_trunc('day', now() AT TIME ZONE 'UTC') AS today;

-- '!' is the hash of no password: nobody can log in with it.
INSERT INTO "User" ("id", "tenantId", "email", "fullName", "hashedPassword", "createdAt", "updatedAt")
SELECT overlay(overlay(md5('user ' || email) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid,
       tenant."id", email, full_name, '!', tenant."createdAt" + interval '5 days', tenant."updatedAt"
FROM (VALUES
    ('harborlight', 'carla@harborlight.example',  'Carla Mendes'),
    ('harborlight', 'travis@harborlight.example', 'Travis Cole'),
    ('harborlight', 'nora@harborlight.example',   'Nora Lindqvist'),
    ('harborlight', 'jamal@harborlight.example',  'Jamal Whitfield'),
    ('redwood',     'elena@redwood.example',      'Elena Vasquez'),
    ('redwood',     'ben@redwood.example',        'Ben Takahashi'),
    ('redwood',     'priya@redwood.example',      'Priya Raman')
) AS person (slug, email, full_name)
JOIN "Tenant" AS tenant USING (slug);

INSERT INTO "ActivityType" ("id", "tenantId", "name", "code", "description", "createdAt", "updatedAt")
SELECT overlay(overlay(md5('activity type ' || slug || ' ' || code) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid,
       tenant."id", activity.name, code, description, tenant."createdAt" + interval '1 day', tenant."updatedAt"
FROM (VALUES
    ('VISIT',   'Visit',   'In person, at the account'),
    ('CALL',    'Call',    'By telephone'),
    ('TASTING', 'Tasting', 'Samples poured for the buyer or the staff'),
    ('EMAIL',   'Email',   'Written, by email')
) AS activity (code, name, description)
CROSS JOIN "Tenant" AS tenant;

-- The customers ---------------------------------------------------------------------------------------

INSERT INTO "Customer" (
    "id", "tenantId", "externalId", "name", "accountNumber", "billingEmail", "phone",
    "street1", "city", "state", "postalCode", "paymentTerms",
    "orderingPaceDays", "averageOrderIntervalDays", "establishedRevenue", "quarterlyRevenueTarget",
    "createdAt", "updatedAt", "lastOrderDate", "nextExpectedOrderDate", "dormancySince",
    "riskStatus", "isPermanentlyClosed", "closedReason", "salesRepId",
    "latitude", "longitude", "buyerFirstName", "buyerLastName",
    "licenseNumber", "licenseType", "deliveryInstructions", "deliveryWindows", "paymentMethod",
    "requiresPO", "isTaxExempt", "type", "volumeCapacity", "featurePrograms")
WITH
-- How many customers placed their last order how many days ago. The gaps keep clear of 3, 4, 6 and 12 months.
band AS (
    SELECT slug, nearest, farthest, sum(customers) OVER w - customers AS after_place, sum(customers) OVER w AS to_place
    FROM (VALUES
        ( 1, 'harborlight', 1480,    1,   85),   -- ACTIVE
        ( 2, 'harborlight',  480,   97,  116),   -- ACTIVE; with 3 months: TARGET
        ( 3, 'harborlight',  170,  127,  133),   -- ACTIVE; with 3 or 4 months: TARGET
        ( 4, 'harborlight',  640,  215,  315),   -- TARGET
        ( 5, 'harborlight',  322,  430, 1500),   -- PROSPECT
        ( 6, 'harborlight',  144, NULL, NULL),   -- PROSPECT: never ordered
        ( 7, 'redwood',      940,    1,   85),
        ( 8, 'redwood',      320,   97,  116),
        ( 9, 'redwood',      122,  127,  133),
        (10, 'redwood',      449,  215,  315),
        (11, 'redwood',      221,  430, 1500),
        (12, 'redwood',      106, NULL, NULL)
    ) AS b (place, slug, customers, nearest, farthest)
    WINDOW w AS (ORDER BY place)
),
-- The customers in a shuffled order, so that tenants and bands are not lumped together.
-- h is 28 bits of chance that come out alike every time.
shuffled AS (
    SELECT n, row_number() OVER (ORDER BY md5('place ' || n) COLLATE "C") AS place,
           ('x' || substr(md5('customer ' || n), 1, 7))::bit(28)::int AS h,
           overlay(overlay(md5('customer ' || n) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid AS id
    FROM generate_series(1, 5394) AS n
),
-- 7919 is coprime to 32 * 48 * 30, so no two customers get the same three words.
drawn AS (
    SELECT s.*, b.slug, n * 7919 % 46080 AS words,
           b.nearest + h / 64 % (b.farthest - b.nearest + 1) AS days_ago,
           date_trunc('day', now() AT TIME ZONE 'UTC') AS today
    FROM shuffled AS s
    JOIN band AS b ON s.place > b.after_place AND s.place <= b.to_place
),
words AS (
    SELECT ARRAY['Old', 'Golden', 'Silver', 'Blue', 'Red', 'Green', 'White', 'Black', 'Little', 'Grand', 'Hidden', 'Quiet',
                 'Stone', 'Copper', 'Iron', 'Velvet', 'Amber', 'Crimson', 'Rustic', 'Royal', 'North', 'South', 'East', 'West',
                 'Upper', 'Second', 'Seventh', 'Lucky', 'Wild', 'Gentle', 'Merry', 'Corner'] AS first,
           ARRAY['Vine', 'Barrel', 'Cellar', 'Cork', 'Oak', 'Harvest', 'Orchard', 'Terrace', 'Harbor', 'Lantern', 'Fox', 'Heron',
                 'Sparrow', 'Olive', 'Fig', 'Truffle', 'Thyme', 'Sage', 'Juniper', 'Laurel', 'Willow', 'Maple', 'Cedar', 'Birch',
                 'River', 'Bridge', 'Mill', 'Forge', 'Anchor', 'Compass', 'Lighthouse', 'Station', 'Market', 'Garden', 'Hearth',
                 'Kettle', 'Ladle', 'Plate', 'Spoon', 'Table', 'Door', 'Gate', 'Moon', 'Star', 'Sun', 'Rose', 'Peach', 'Plum'] AS second,
           ARRAY['Bistro', 'Trattoria', 'Osteria', 'Brasserie', 'Grill', 'Kitchen', 'Tavern', 'Steakhouse', 'Cafe', 'Supper Club',
                 'Oyster Bar', 'Pizzeria', 'Wine Bar', 'Enoteca', 'Wine Room', 'Tasting Room', 'Vinoteca', 'Wine Lounge',
                 'Wines', 'Wine Shop', 'Wine & Spirits', 'Bottle Shop', 'Cellars', 'Liquors', 'Wine Merchants', 'Fine Wines',
                 'Hotel', 'Inn', 'Market & Deli', 'Provisions'] AS third,
           ARRAY['Ana', 'Marco', 'Julia', 'Peter', 'Sofia', 'Luca', 'Hannah', 'David', 'Mei', 'Omar', 'Claire', 'Andre', 'Ruth'] AS first_name,
           ARRAY['Rossi', 'Keller', 'Nguyen', 'Murphy', 'Silva', 'Dubois', 'Park', 'Johnson', 'Haddad', 'Novak', 'Bennett'] AS last_name,
           ARRAY['Main St', 'Market St', 'Broadway', 'Mill Rd', 'Harbor Ave', 'Church St', 'Vineyard Ln', 'Union Sq', 'Railroad Ave'] AS street
),
city AS (
    SELECT * FROM (VALUES
        ('harborlight', 0, 'New York',     'NY', '100', '212', 40.71,  -74.01),
        ('harborlight', 1, 'Brooklyn',     'NY', '112', '718', 40.68,  -73.94),
        ('harborlight', 2, 'Boston',       'MA', '021', '617', 42.36,  -71.06),
        ('harborlight', 3, 'Providence',   'RI', '029', '401', 41.82,  -71.41),
        ('harborlight', 4, 'Philadelphia', 'PA', '191', '215', 39.95,  -75.17),
        ('harborlight', 5, 'Newport',      'RI', '028', '401', 41.49,  -71.31),
        ('harborlight', 6, 'Hartford',     'CT', '061', '860', 41.77,  -72.67),
        ('redwood',     0, 'San Francisco', 'CA', '941', '415', 37.77, -122.42),
        ('redwood',     1, 'Oakland',       'CA', '946', '510', 37.80, -122.27),
        ('redwood',     2, 'Sacramento',    'CA', '958', '916', 38.58, -121.49),
        ('redwood',     3, 'Portland',      'OR', '972', '503', 45.52, -122.68),
        ('redwood',     4, 'Seattle',       'WA', '981', '206', 47.61, -122.33),
        ('redwood',     5, 'Napa',          'CA', '945', '707', 38.30, -122.29),
        ('redwood',     6, 'Los Angeles',   'CA', '900', '213', 34.05, -118.24)
    ) AS c (slug, number, name, state, zip, area, latitude, longitude)
),
rep AS (
    SELECT t."slug" AS slug, u."id" AS id, count(*) OVER (PARTITION BY t."id") AS reps,
           row_number() OVER (PARTITION BY t."id" ORDER BY u."email" COLLATE "C") - 1 AS number
    FROM "User" AS u JOIN "Tenant" AS t ON t."id" = u."tenantId"
),
-- One row a customer, with what several of its columns are made from.
customer AS (
    SELECT d.*, 7 + h / 8 % 50 AS pace, h % 1000 AS thousandth, words / 1536 AS kind,
           today - days_ago * interval '1 day' + (13 + h / 32 % 9) * interval '1 hour' + h % 60 * interval '1 minute' AS ordered,
           w.first[1 + words % 32] || ' ' || w.second[1 + words / 32 % 48] || ' ' || w.third[1 + words / 1536] AS name,
           w.first_name[1 + h / 16 % 13] AS first_name, w.last_name[1 + h / 128 % 11] AS last_name, w.street[1 + h / 256 % 9] AS street
    FROM drawn AS d CROSS JOIN words AS w
)
SELECT c.id, t."id",
       upper(left(c.slug, 2)) || '-' || 10000 + n,
       c.name,
       'AC-' || lpad(n::text, 6, '0'),
       'ap@' || regexp_replace(lower(c.name), '[^a-z]+', '-', 'g') || '.example',
       '(' || city.area || ') 555-01' || lpad((h % 100)::text, 2, '0'),
       1 + h / 512 % 900 || ' ' || street,
       city.name, city.state, city.zip || lpad((h / 4 % 100)::text, 2, '0'),
       CASE WHEN thousandth < 120 THEN 'COD' WHEN thousandth < 300 THEN 'Net 15' ELSE 'Net 30' END,
       CASE WHEN ordered IS NOT NULL THEN pace END,
       CASE WHEN ordered IS NOT NULL THEN pace + h % 9 END,
       CASE WHEN ordered IS NOT NULL THEN 1200 + h / 32 % 60000 + thousandth % 100 * 0.01 END,
       CASE WHEN days_ago < 200 THEN 300 + h / 64 % 160 * 100 END,
       coalesce(ordered, today) - (20 + h / 128 % 900) * interval '1 day',
       coalesce(ordered, today - interval '20 days'),
       ordered,
       CASE WHEN days_ago < 200 THEN ordered + pace * interval '1 day' END,
       CASE WHEN days_ago >= 430 THEN ordered + interval '365 days' END,
       risk::"CustomerRiskStatus",
       risk = 'CLOSED',
       CASE WHEN risk = 'CLOSED' THEN 'Went out of business' END,
       rep.id,
       city.latitude + (h % 400 - 200) * 0.0002,
       city.longitude + (h / 512 % 400 - 200) * 0.0002,
       first_name, last_name,
       city.state || '-' || lpad((h % 1000000)::text, 6, '0'),
       CASE WHEN kind BETWEEN 18 AND 25 THEN 'Off-premise' ELSE 'On-premise' END,
       CASE WHEN thousandth % 7 = 0 THEN 'Ring at the back door' END,
       CASE WHEN thousandth % 3 = 0 THEN '[{"day": "TUE", "from": "09:00", "to": "12:00"}]'::jsonb END,
       CASE WHEN thousandth < 500 THEN 'ACH' WHEN thousandth < 800 THEN 'Check' ELSE 'Card' END,
       thousandth % 11 = 0, thousandth % 97 = 0,
       CASE WHEN kind < 12 THEN 'Restaurant' WHEN kind < 18 THEN 'Wine bar' WHEN kind < 26 THEN 'Shop'
            WHEN kind < 28 THEN 'Hotel' ELSE 'Grocery' END,
       CASE WHEN thousandth < 200 THEN 'High' WHEN thousandth < 600 THEN 'Medium' ELSE 'Low' END,
       CASE WHEN thousandth % 5 = 0 THEN ARRAY['By the glass'] WHEN thousandth % 13 = 0 THEN ARRAY['By the glass', 'Staff training']
            ELSE ARRAY[]::text[] END
FROM customer AS c
CROSS JOIN LATERAL (SELECT CASE
    WHEN days_ago >= 430 AND thousandth < 60 THEN 'CLOSED'
    WHEN days_ago >= 430 THEN 'DORMANT'
    WHEN days_ago >= 215 AND thousandth < 350 THEN 'AT_RISK_CADENCE'
    WHEN days_ago >= 97 AND thousandth > 920 THEN 'AT_RISK_REVENUE'
    ELSE 'HEALTHY' END AS risk) AS r
JOIN "Tenant" AS t ON t."slug" = c.slug
JOIN city ON city.slug = c.slug AND city.number = h / 1024 % 7
JOIN rep ON rep.slug = c.slug AND rep.number = h / 2048 % rep.reps
ORDER BY n;

INSERT INTO "CallPlan" ("id", "tenantId", "userId", "name", "description", "effectiveAt", "createdAt", "updatedAt")
SELECT overlay(overlay(md5('call plan ' || email || ' ' || plan.name) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid,
       u."tenantId", u."id", plan.name, description,
       today - days_ago * interval '1 day', today - (days_ago + 3) * interval '1 day', today - (days_ago + 1) * interval '1 day'
FROM (VALUES
    ('carla@harborlight.example',  'Chardonnay launch',     'New vintage to every by-the-glass list', 50),
    ('carla@harborlight.example',  'Downtown round',        NULL,                                     22),
    ('travis@harborlight.example', 'Lapsed steakhouses',    'Win back before the holidays',           36),
    ('nora@harborlight.example',   'Shop tastings',         'One tasting a week',                     15),
    ('elena@redwood.example',      'Bay Area restaurants',  'First visits by the new team',           43),
    ('priya@redwood.example',      'Napa hotels',           NULL,                                     29)
) AS plan (email, name, description, days_ago)
JOIN "User" AS u USING (email)
CROSS JOIN date_trunc('day', now() AT TIME ZONE 'UTC') AS today;

-- The indexes, once the rows are in ---------------------------------------------------------------------

CREATE UNIQUE INDEX "User_tenantId_email_key" ON "User" ("tenantId", "email");

CREATE INDEX "User_tenantId_idx" ON "User" ("tenantId");

CREATE UNIQUE INDEX "ActivityType_tenantId_code_key" ON "ActivityType" ("tenantId", "code");

CREATE UNIQUE INDEX "Customer_tenantId_externalId_key" ON "Customer" ("tenantId", "externalId");

CREATE INDEX "Customer_tenantId_idx" ON "Customer" ("tenantId");

CREATE INDEX "Customer_salesRepId_idx" ON "Customer" ("salesRepId");

CREATE INDEX "Customer_riskStatus_idx" ON "Customer" ("riskStatus");

CREATE INDEX "Customer_accountType_idx" ON "Customer" ("accountType");

CREATE INDEX "Customer_lastOrderDate_idx" ON "Customer" ("tenantId", "lastOrderDate" DESC);

CREATE INDEX "CallPlan_tenantId_idx" ON "CallPlan" ("tenantId");

ANALYZE "Tenant", "User", "ActivityType", "Customer", "CallPlan";

