-- What scripts/segments writes and reads beside the CRM: three scores and a segment of each customer, and the thresholds
-- of each tenant.
--
-- Run it any number of times, through leora-run, psql or a SQL editor. It is one statement: all of it happens, or nothing.
-- What exists already is left alone, and no lock is taken for it; in another type than the wanted one it is an error.
--
-- Where there is something to add, Customer is locked for a moment, and Tenant against writes. It works in the first schema
-- of the search_path: public, unless that was changed.

DO $segments$
DECLARE
    -- The columns of tables that exist. The scores are from 1 to 5.
    wanted constant jsonb := (SELECT jsonb_agg(w) FROM (VALUES
        ('Customer',        'rfmRecency',   'integer'),
        ('Customer',        'rfmFrequency', 'integer'),
        ('Customer',        'rfmMonetary',  'integer'),
        ('Customer',        'segment',      'text'),
        ('HealthThreshold', 'activeDays',   'integer'),
        ('HealthThreshold', 'targetDays',   'integer'),
        ('HealthThreshold', 'minOrders',    'integer')
    ) AS w (tab, col, type));

    home  constant text := current_schema();
    actual text;
    o     record;
BEGIN
    IF to_regclass(format('%I."Customer"', home)) IS NULL OR to_regclass(format('%I."Tenant"', home)) IS NULL THEN
        RAISE EXCEPTION 'schema % has no table Customer or Tenant', home
            USING ERRCODE = 'undefined_table', HINT = 'Check that this is the database of the CRM.';
    END IF;

    -- One row for each tenant at most: a tenant without a row, or without a value, has the defaults of the scripts.
    IF to_regclass(format('%I."HealthThreshold"', home)) IS NULL THEN
        EXECUTE format(
            'CREATE TABLE %1$I."HealthThreshold" (
                "id"         uuid NOT NULL DEFAULT gen_random_uuid(),
                "tenantId"   uuid NOT NULL,
                "activeDays" integer,
                "targetDays" integer,
                "minOrders"  integer,
                "createdAt"  timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
                "updatedAt"  timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
                CONSTRAINT "HealthThreshold_pkey" PRIMARY KEY ("id"),
                CONSTRAINT "HealthThreshold_tenantId_fkey" FOREIGN KEY ("tenantId")
                    REFERENCES %1$I."Tenant" ("id") ON UPDATE CASCADE ON DELETE CASCADE)', home);
        EXECUTE format('CREATE UNIQUE INDEX "HealthThreshold_tenantId_key" ON %I."HealthThreshold" ("tenantId")', home);
    END IF;

    FOR o IN SELECT * FROM jsonb_to_recordset(wanted) AS w (tab text, col text, type text) LOOP
        SELECT format_type(atttypid, atttypmod) INTO actual FROM pg_attribute
        WHERE attrelid = to_regclass(format('%I.%I', home, o.tab)) AND attname = o.col AND NOT attisdropped;
        IF actual IS NULL THEN
            EXECUTE format('ALTER TABLE %I.%I ADD COLUMN %I %s', home, o.tab, o.col, o.type);
        ELSIF actual <> o.type THEN
            RAISE EXCEPTION 'column %.% is % and not %', o.tab, o.col, actual, o.type
                USING ERRCODE = 'datatype_mismatch',
                      HINT = format('Nothing was changed. Rename it, or ALTER TABLE %I.%I ALTER COLUMN %I TYPE %s;', home, o.tab, o.col, o.type);
        END IF;
    END LOOP;
END
$segments$;
