-- Takes back the tables of Phase 2: CallPlanActivity and CallPlanAccount with their indexes, and the enums that
-- nothing uses any more. The columns that Phase 2 added to Customer and CallPlan stay; phase2-rollback-columns.sql
-- takes those back.
--
-- One statement: all of it happens, or nothing. What is gone already is left alone, so it can be repeated.
-- It refuses while a table holds rows, unless `SET leora.allow_data_loss = 'true'` was said before, and while a view,
-- a foreign key or the like of somebody else depends on a table: it never uses CASCADE.
--
-- Dropping a table locks those its foreign keys refer to for a moment: Tenant, Customer, CallPlan and ActivityType.
-- It works in the first schema of the search_path: public, unless that was changed.

DO $phase2_rollback$
DECLARE
    tables constant text[] := ARRAY['CallPlanAccount', 'CallPlanActivity'];
    enums  constant text[] := ARRAY['ContactOutcome', 'AccountPriority', 'CallPlanStatus'];

    home            constant text := current_schema();
    allow_data_loss constant boolean := coalesce(current_setting('leora.allow_data_loss', true) = 'true', false);
    present         text[] := '{}';
    held            text[] := '{}';
    found           bigint;
    users           text;
    reason          text;
    o               record;
BEGIN
    IF home IS NULL THEN
        RAISE EXCEPTION 'no schema of the search_path exists (search_path is %)', current_setting('search_path')
            USING ERRCODE = 'invalid_schema_name', HINT = 'SET search_path to the schema of the CRM, usually public.';
    END IF;

    FOR o IN
        SELECT w.name, r.relkind
        FROM unnest(tables) WITH ORDINALITY AS w (name, place)
        JOIN pg_class AS r ON r.oid = to_regclass(format('%I.%I', home, w.name))
        ORDER BY w.place
    LOOP
        IF o.relkind <> 'r' THEN
            RAISE EXCEPTION '% is not the table that Phase 2 made, but something else of that name', o.name
                USING ERRCODE = 'wrong_object_type', HINT = 'Rename it, then run this again.';
        END IF;
        -- Lock before counting: a row that comes in between would be lost.
        EXECUTE format('LOCK TABLE %I.%I IN ACCESS EXCLUSIVE MODE', home, o.name);
        present := present || o.name;
        EXECUTE format('SELECT count(*) FROM %I.%I', home, o.name) INTO found;
        IF found > 0 THEN
            held := held || format('table %s holds %s %s', o.name, found, CASE found WHEN 1 THEN 'row' ELSE 'rows' END);
        END IF;
    END LOOP;

    IF held <> '{}' AND NOT allow_data_loss THEN
        RAISE EXCEPTION '%', array_to_string(held, ', ') || ', which a rollback would lose'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'Nothing was changed.',
                  HINT = 'Save the rows and empty the tables first, or say SET leora.allow_data_loss = ''true'' to lose them.';
    END IF;

    IF present <> '{}' THEN
        BEGIN
            EXECUTE 'DROP TABLE ' || (SELECT string_agg(format('%I.%I', home, name), ', ') FROM unnest(present) AS name);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
            RAISE EXCEPTION 'cannot drop % because other objects depend on them', array_to_string(present, ', ')
                USING ERRCODE = 'dependent_objects_still_exist',
                      DETAIL = reason || E'\nNothing was changed.',
                      HINT = 'Drop or change these objects first, then run this again.';
        END;
        FOR o IN SELECT name FROM unnest(present) AS name LOOP
            RAISE NOTICE 'dropped table %', o.name;
        END LOOP;
    END IF;

    -- An enum goes when nothing uses it, neither itself nor as an array.
    FOR o IN
        SELECT t.typname, t.oid, t.typarray
        FROM unnest(enums) WITH ORDINALITY AS w (name, place)
        JOIN pg_type AS t ON t.typname = w.name AND t.typtype = 'e' AND t.typnamespace = (SELECT oid FROM pg_namespace WHERE nspname = home)
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
$phase2_rollback$;
