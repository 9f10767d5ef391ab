-- Takes back the columns that Phase 2 added to Customer and CallPlan, with the indexes on them, and the enums that
-- nothing uses any more. phase2-rollback.sql takes back the tables of Phase 2.
--
-- One statement: all of it happens, or nothing. What is gone already is left alone, so it can be repeated.
-- It refuses while a column holds a value, unless `SET leora.allow_data_loss = 'true'` was said before, and while a
-- view or the like depends on a column: it never uses CASCADE. Whatever PostgreSQL drops together with a column,
-- such as an index that somebody added, is named in a notice.
--
-- Customer and CallPlan are locked while it runs. It works in the first schema of the search_path: public, unless
-- that was changed.

DO $phase2_rollback_columns$
DECLARE
    columns constant jsonb := (SELECT jsonb_agg(w) FROM (VALUES
        ('CallPlan', 'weekNumber'),
        ('CallPlan', 'year'),
        ('CallPlan', 'status'),
        ('CallPlan', 'targetCount'),
        ('Customer', 'accountPriority'),
        ('Customer', 'territory')
    ) AS w (tab, col));
    enums constant text[] := ARRAY['AccountPriority', 'CallPlanStatus'];

    home            constant text := current_schema();
    allow_data_loss constant boolean := coalesce(current_setting('leora.allow_data_loss', true) = 'true', false);
    held            text[] := '{}';
    found           bigint;
    users           text;
    reason          text;
    t               record;
    o               record;
BEGIN
    IF home IS NULL THEN
        RAISE EXCEPTION 'no schema of the search_path exists (search_path is %)', current_setting('search_path')
            USING ERRCODE = 'invalid_schema_name', HINT = 'SET search_path to the schema of the CRM, usually public.';
    END IF;

    -- The tables that have any of the columns, and which.
    FOR t IN
        SELECT w.tab, array_agg(a.attname::text ORDER BY a.attnum) AS cols
        FROM jsonb_to_recordset(columns) AS w (tab text, col text)
        JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.%I', home, w.tab)) AND a.attname = w.col AND NOT a.attisdropped
        GROUP BY w.tab
        ORDER BY w.tab
    LOOP
        -- Lock before counting: a value that comes in between would be lost.
        EXECUTE format('LOCK TABLE %I.%I IN ACCESS EXCLUSIVE MODE', home, t.tab);
        FOR o IN SELECT col FROM unnest(t.cols) AS col LOOP
            EXECUTE format('SELECT count(%I) FROM %I.%I', o.col, home, t.tab) INTO found;
            IF found > 0 THEN
                held := held || format('column %s.%s holds %s %s', t.tab, o.col, found, CASE found WHEN 1 THEN 'value' ELSE 'values' END);
            END IF;
        END LOOP;
    END LOOP;

    IF held <> '{}' AND NOT allow_data_loss THEN
        RAISE EXCEPTION '%', array_to_string(held, ', ') || ', which a rollback would lose'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Nothing was changed.',
                  HINT = 'Save the values and set the columns to NULL first, or say SET leora.allow_data_loss = ''true'' to lose them.';
    END IF;

    FOR t IN
        SELECT w.tab, a.attrelid, array_agg(a.attname::text ORDER BY a.attnum) AS cols, array_agg(a.attnum) AS numbers
        FROM jsonb_to_recordset(columns) AS w (tab text, col text)
        JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.%I', home, w.tab)) AND a.attname = w.col AND NOT a.attisdropped
        GROUP BY w.tab, a.attrelid
        ORDER BY w.tab
    LOOP
        SELECT string_agg(DISTINCT pg_describe_object(d.classid, d.objid, 0), ', ') INTO users
        FROM pg_depend AS d
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = t.attrelid AND d.refobjsubid = ANY (t.numbers)
          AND d.deptype = 'a' AND d.classid <> 'pg_attrdef'::regclass;
        BEGIN
            EXECUTE format('ALTER TABLE %I.%I %s', home, t.tab, (SELECT string_agg(format('DROP COLUMN %I', col), ', ') FROM unnest(t.cols) AS col));
        EXCEPTION WHEN dependent_objects_still_exist THEN
            GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
            RAISE EXCEPTION 'cannot drop columns % of table % because other objects depend on them', array_to_string(t.cols, ', '), t.tab
                USING ERRCODE = 'dependent_objects_still_exist',
                      DETAIL = reason || E'\nNothing was changed.',
                      HINT = 'Drop or change these objects first, then run this again.';
        END;
        FOR o IN SELECT col FROM unnest(t.cols) AS col LOOP
            RAISE NOTICE 'dropped column %.%', t.tab, o.col;
        END LOOP;
        IF users IS NOT NULL THEN
            RAISE NOTICE 'dropped with them: %', users;
        END IF;
    END LOOP;

    -- An enum goes when nothing uses it, neither itself nor as an array.
    FOR o IN
        SELECT y.typname, y.oid, y.typarray
        FROM unnest(enums) WITH ORDINALITY AS w (name, place)
        JOIN pg_type AS y ON y.typname = w.name AND y.typtype = 'e' AND y.typnamespace = (SELECT oid FROM pg_namespace WHERE nspname = home)
        ORDER BY w.place
    LOOP
        SELECT string_agg(DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid), ', ') INTO users
        FROM pg_depend AS d
        WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid IN (o.oid, o.typarray) AND d.deptype <> 'i';
        IF users IS NULL THEN
            EXECUTE format('DROP TYPE %I.%I', home, o.typname);
            RAISE NOTICE 'dropped enum %', o.typname;
        ELSE
            RAISE NOTICE 'kept enum %: used by %', o.typname, users;
        END IF;
    END LOOP;
END
$phase2_rollback_columns$;
