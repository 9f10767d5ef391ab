-- Phase 2 of the CRM: the schema.
--
-- It adds account priorities and territories to customers, weeks and states to call plans, and the two tables
-- that say which accounts a plan holds and what was done there. What is wanted is listed below, in five tables.
--
-- Run it any number of times, through leora-run, psql or a SQL editor:
--   * It is one statement: either all of it happens, or nothing.
--   * What exists already in the wanted shape is left alone: nothing is issued for it, and no lock taken that anybody
--     would notice. An enum may have further labels after ours, and the new tables further columns.
--   * What exists in another shape is an error. All differences are found before anything is changed, and listed in
--     the error's detail, with a remedy for each in its hint.
--
-- Where there is something to add, Customer and CallPlan are locked for a moment, and Tenant and ActivityType against
-- writes. On a busy database say `SET lock_timeout = '2s'` first, and try again when it gives up.
--
-- Under leora-run, which sets leora_run.writes to the columns that its rules write, the indexes of such a table are left
-- to it: it builds them when the rows are written, once. By hand they are built at once.
--
-- It works in the first schema of the search_path: public, unless that was changed.

DO $phase2$
DECLARE
    -- The labels come first and in this order. "AccountType" is there since Phase 1, and only looked at.
    wanted_enums constant jsonb := (SELECT jsonb_agg(w) FROM (VALUES
        ('AccountType',    ARRAY['ACTIVE', 'TARGET', 'PROSPECT']),
        ('AccountPriority', ARRAY['LOW', 'MEDIUM', 'HIGH']),
        ('CallPlanStatus', ARRAY['DRAFT', 'ACTIVE', 'COMPLETED', 'ARCHIVED']),
        ('ContactOutcome', ARRAY['NOT_ATTEMPTED', 'NO_CONTACT', 'CONTACTED', 'VISITED'])
    ) AS w (enum, labels));

    -- The tables. Those of Phase 1 must be there; those of Phase 2 are created.
    wanted_tables constant jsonb := (SELECT jsonb_agg(w) FROM (VALUES
        ('Tenant', 1), ('ActivityType', 1), ('Customer', 1), ('CallPlan', 1), ('CallPlanAccount', 2), ('CallPlanActivity', 2)
    ) AS w (tab, phase));

    -- The columns. Each "id" is the primary key of its table.
    wanted_columns constant jsonb := (SELECT jsonb_agg(w) FROM (VALUES
        -- table              column             type                              null?       default
        ('Tenant',           'id',              'uuid',                           'NOT NULL', NULL),
        ('ActivityType',     'id',              'uuid',                           'NOT NULL', NULL),
        ('Customer',         'id',              'uuid',                           'NOT NULL', NULL),
        ('Customer',         'accountPriority', 'AccountPriority',                'NULL',     NULL),
        ('Customer',         'territory',       'text',                           'NULL',     NULL),
        ('CallPlan',         'id',              'uuid',                           'NOT NULL', NULL),
        ('CallPlan',         'weekNumber',      'integer',                        'NULL',     NULL),
        ('CallPlan',         'year',            'integer',                        'NULL',     NULL),
        ('CallPlan',         'status',          'CallPlanStatus',                 'NULL',     NULL),
        ('CallPlan',         'targetCount',     'integer',                        'NULL',     NULL),
        ('CallPlanAccount',  'id',              'uuid',                           'NOT NULL', 'gen_random_uuid()'),
        ('CallPlanAccount',  'tenantId',        'uuid',                           'NOT NULL', NULL),
        ('CallPlanAccount',  'callPlanId',      'uuid',                           'NOT NULL', NULL),
        ('CallPlanAccount',  'customerId',      'uuid',                           'NOT NULL', NULL),
        ('CallPlanAccount',  'objective',       'text',                           'NULL',     NULL),
        ('CallPlanAccount',  'addedAt',         'timestamp(3) without time zone', 'NOT NULL', 'CURRENT_TIMESTAMP'),
        ('CallPlanAccount',  'contactOutcome',  'ContactOutcome',                 'NOT NULL', '''NOT_ATTEMPTED'''),
        ('CallPlanAccount',  'contactedAt',     'timestamp(3) without time zone', 'NULL',     NULL),
        ('CallPlanAccount',  'notes',           'text',                           'NULL',     NULL),
        ('CallPlanActivity', 'id',              'uuid',                           'NOT NULL', 'gen_random_uuid()'),
        ('CallPlanActivity', 'tenantId',        'uuid',                           'NOT NULL', NULL),
        ('CallPlanActivity', 'callPlanId',      'uuid',                           'NOT NULL', NULL),
        ('CallPlanActivity', 'customerId',      'uuid',                           'NOT NULL', NULL),
        ('CallPlanActivity', 'activityTypeId',  'uuid',                           'NOT NULL', NULL),
        ('CallPlanActivity', 'occurredAt',      'timestamp(3) without time zone', 'NOT NULL', NULL),
        ('CallPlanActivity', 'notes',           'text',                           'NULL',     NULL),
        ('CallPlanActivity', 'createdAt',       'timestamp(3) without time zone', 'NOT NULL', 'CURRENT_TIMESTAMP')
    ) AS w (tab, col, type, nullable, fallback));

    -- The foreign keys, each to the id of the table it names, ON UPDATE CASCADE ON DELETE CASCADE.
    -- New ones are called <Table>_<column>_fkey; an existing one may have another name.
    wanted_foreign_keys constant jsonb := (SELECT jsonb_agg(w) FROM (VALUES
        ('CallPlanAccount',  'tenantId',       'Tenant'),
        ('CallPlanAccount',  'callPlanId',     'CallPlan'),
        ('CallPlanAccount',  'customerId',     'Customer'),
        ('CallPlanActivity', 'tenantId',       'Tenant'),
        ('CallPlanActivity', 'callPlanId',     'CallPlan'),
        ('CallPlanActivity', 'customerId',     'Customer'),
        ('CallPlanActivity', 'activityTypeId', 'ActivityType')
    ) AS w (tab, col, target));

    -- The indexes: btree, whole, ascending.
    wanted_indexes constant jsonb := (SELECT jsonb_agg(w) FROM (VALUES
        ('Customer_territory_idx',                    'Customer',         ARRAY['territory'],                ''),
        ('Customer_accountPriority_idx',              'Customer',         ARRAY['accountPriority'],          ''),
        ('CallPlan_year_weekNumber_idx',              'CallPlan',         ARRAY['year', 'weekNumber'],       ''),
        ('CallPlan_status_idx',                       'CallPlan',         ARRAY['status'],                   ''),
        ('CallPlanAccount_callPlanId_customerId_key', 'CallPlanAccount',  ARRAY['callPlanId', 'customerId'], 'UNIQUE '),
        ('CallPlanAccount_tenantId_idx',              'CallPlanAccount',  ARRAY['tenantId'],                 ''),
        ('CallPlanAccount_callPlanId_idx',            'CallPlanAccount',  ARRAY['callPlanId'],               ''),
        ('CallPlanAccount_customerId_idx',            'CallPlanAccount',  ARRAY['customerId'],               ''),
        ('CallPlanAccount_contactOutcome_idx',        'CallPlanAccount',  ARRAY['contactOutcome'],           ''),
        ('CallPlanAccount_contactedAt_idx',           'CallPlanAccount',  ARRAY['contactedAt'],              ''),
        ('CallPlanActivity_tenantId_idx',             'CallPlanActivity', ARRAY['tenantId'],                 ''),
        ('CallPlanActivity_callPlanId_idx',           'CallPlanActivity', ARRAY['callPlanId'],               ''),
        ('CallPlanActivity_customerId_idx',           'CallPlanActivity', ARRAY['customerId'],               ''),
        ('CallPlanActivity_activityTypeId_idx',       'CallPlanActivity', ARRAY['activityTypeId'],           ''),
        ('CallPlanActivity_occurredAt_idx',           'CallPlanActivity', ARRAY['occurredAt'],               '')
    ) AS w (index, tab, cols, uniq));

    -- What leora-run is going to write, as "Table.column".
    written constant jsonb := coalesce(nullif(current_setting('leora_run.writes', true), ''), '[]')::jsonb;

    -- From here on: the mechanism. It compares what is with what should be, and plans; then it does what it planned.

    home         constant text := current_schema();
    home_oid     constant oid := (SELECT oid FROM pg_namespace WHERE nspname = home);
    kind_words   constant jsonb := '{"r": "a table", "p": "a partitioned table", "v": "a view", "m": "a materialized view", "f": "a foreign table",
                                     "S": "a sequence", "i": "an index", "I": "a partitioned index", "c": "a composite type", "d": "a domain",
                                     "e": "an enum", "b": "a base type", "R": "a range type", "M": "a multirange type", "P": "a pseudo-type"}';
    alter_words  constant jsonb := '{"r": "TABLE", "p": "TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW", "f": "FOREIGN TABLE", "S": "SEQUENCE",
                                     "i": "INDEX", "I": "INDEX", "d": "DOMAIN"}';
    differences  text[] := '{}';   -- what stands in the way, one line each
    remedies     text[] := '{}';   -- and what would help
    statements   text[] := '{}';   -- what to issue; NULL where an earlier statement does it too
    notices      text[] := '{}';   -- and what to say about it
    later        jsonb := '[]';    -- the indexes that are left to leora-run
    fresh        text[] := '{}';   -- the tables that will be created
    sound        text[] := '{}';   -- the tables that are there, as tables
    addition     text;
    widened      text;             -- the table that columns are added to, by one statement
    widening     int;              -- and where that is among the statements
    labels_now   text[];
    actions      text[];
    is_now       text;
    should_be    text;
    home_type    text;
    found        bigint;
    o            record;
    c            record;
BEGIN
    IF home IS NULL THEN
        RAISE EXCEPTION 'no schema of the search_path exists (search_path is %)', current_setting('search_path')
            USING ERRCODE = 'invalid_schema_name', HINT = 'SET search_path to the schema of the CRM, usually public.';
    END IF;

    -- Phase 1 ------------------------------------------------------------------------------------------
    SELECT string_agg(m.missing, ', ' ORDER BY m.missing) INTO is_now
    FROM (SELECT format('table "%s"', t.tab) FROM jsonb_to_recordset(wanted_tables) AS t (tab text, phase int)
          WHERE t.phase = 1 AND to_regclass(format('%I.%I', home, t.tab)) IS NULL
          UNION ALL
          SELECT 'enum "AccountType"' WHERE to_regtype(format('%I."AccountType"', home)) IS NULL) AS m (missing);
    IF is_now IS NOT NULL THEN
        RAISE EXCEPTION 'schema "%" has no %, which Phase 2 builds on', home, is_now
            USING ERRCODE = 'undefined_table',
                  HINT = format('Is this the database of the CRM (connected to "%s"), and is "%s" its schema? SET search_path to another one if not.',
                                current_database(), home);
    END IF;

    -- Enums --------------------------------------------------------------------------------------------
    FOR o IN
        SELECT w.enum, w.labels, t.oid, CASE t.typtype WHEN 'c' THEN r.relkind WHEN 'r' THEN 'R' WHEN 'm' THEN 'M' WHEN 'p' THEN 'P' ELSE t.typtype END AS kind
        FROM jsonb_to_recordset(wanted_enums) AS w (enum text, labels text[])
        LEFT JOIN pg_type AS t ON t.typname = w.enum AND t.typnamespace = home_oid
        LEFT JOIN pg_class AS r ON r.oid = t.typrelid
    LOOP
        should_be := array_to_string(o.labels, ', ');
        IF o.oid IS NULL THEN
            statements := statements || format('CREATE TYPE %I.%I AS ENUM (%s)', home, o.enum,
                (SELECT string_agg(quote_literal(label), ', ' ORDER BY place) FROM unnest(o.labels) WITH ORDINALITY AS l (label, place)));
            notices := notices || format('created enum %s', o.enum);
        ELSIF o.kind <> 'e' THEN
            differences := differences || format('%s is %s; it should be an enum (%s)',
                o.enum, coalesce(kind_words ->> o.kind::text, 'a type'), should_be);
            remedies := remedies || format('ALTER %s %I.%I RENAME TO %I;',
                coalesce(alter_words ->> o.kind::text, 'TYPE'), home, o.enum, o.enum || '_old');
        ELSE
            labels_now := ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = o.oid ORDER BY enumsortorder);
            IF labels_now[1:cardinality(o.labels)] IS DISTINCT FROM o.labels THEN
                differences := differences || format('enum %s is (%s); it should be (%s), with further labels only after these',
                    o.enum, array_to_string(labels_now, ', '), should_be);
                -- Would it be enough to add the missing labels?
                actions := '{}';
                FOR i IN 1 .. cardinality(o.labels) LOOP
                    CONTINUE WHEN o.labels[i] = ANY (labels_now);
                    IF i > 1 THEN
                        actions := actions || format('ALTER TYPE %I.%I ADD VALUE %L AFTER %L;', home, o.enum, o.labels[i], o.labels[i - 1]);
                        found := array_position(labels_now, o.labels[i - 1]);
                    ELSE
                        actions := actions || (format('ALTER TYPE %I.%I ADD VALUE %L', home, o.enum, o.labels[1])
                            || coalesce(' BEFORE ' || quote_literal(labels_now[1]), '') || ';');
                        found := 0;
                    END IF;
                    labels_now := labels_now[:found] || o.labels[i] || labels_now[found + 1:];
                END LOOP;
                IF labels_now[1:cardinality(o.labels)] = o.labels THEN
                    remedies := remedies || actions;
                ELSE
                    remedies := remedies || format('ALTER TYPE %I.%I RENAME TO %I; -- then a new %I, and the columns that use the old one changed to it',
                        home, o.enum, o.enum || '_old', o.enum);
                END IF;
            END IF;
        END IF;
    END LOOP;

    -- Tables -------------------------------------------------------------------------------------------
    FOR o IN
        SELECT w.tab, w.phase, r.oid, r.relpersistence, coalesce(r.relkind, CASE t.typtype WHEN 'r' THEN 'R' WHEN 'm' THEN 'M' WHEN 'p' THEN 'P' ELSE t.typtype END) AS kind
        FROM jsonb_to_recordset(wanted_tables) AS w (tab text, phase int)
        LEFT JOIN pg_class AS r ON r.relname = w.tab AND r.relnamespace = home_oid
        LEFT JOIN pg_type AS t ON t.typname = w.tab AND t.typnamespace = home_oid
    LOOP
        IF o.kind IS NULL THEN
            fresh := fresh || o.tab;
        ELSIF o.kind = 'r' OR (o.kind = 'p' AND o.phase = 1) THEN
            sound := sound || o.tab;
            IF o.relpersistence <> 'p' THEN
                differences := differences || format('table %s is unlogged; it should be a permanent table', o.tab);
                remedies := remedies || format('ALTER TABLE %I.%I SET LOGGED;', home, o.tab);
            END IF;
        ELSE
            differences := differences || format('%s is %s; it should be a table', o.tab, coalesce(kind_words ->> o.kind::text, 'a type'));
            remedies := remedies || format('ALTER %s %I.%I RENAME TO %I;',
                coalesce(alter_words ->> o.kind::text, 'TYPE'), home, o.tab, o.tab || '_old');
        END IF;
    END LOOP;

    -- Columns of the tables that are there ---------------------------------------------------------------
    FOR o IN
        SELECT w.tab, w.col, w.nullable = 'NOT NULL' AS not_null, e.enum IS NOT NULL AS is_enum,
               w.fallback AS fallback,
               coalesce(quote_ident(home) || '.' || quote_ident(e.enum), w.type) AS ddl_type,
               coalesce(e.enum, w.type) AS shown_type,
               w.fallback || coalesce('::' || quote_ident(e.enum), '') AS wanted_default,
               a.attnum, a.attnotnull, a.attidentity, a.attgenerated,
               -- pg_get_expr names the schema of an enum only where another one hides it.
               replace((SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef AS d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),
                   format('::%I.', home), '::') AS default_now,
               CASE WHEN t.typnamespace = home_oid AND t.typtype = 'e' THEN t.typname::text
                    ELSE format_type(a.atttypid, a.atttypmod)
                         || (SELECT CASE WHEN n.nspname NOT IN ('pg_catalog', home) THEN format(' of schema "%s"', n.nspname) ELSE '' END
                             FROM pg_namespace AS n WHERE n.oid = t.typnamespace)
               END || CASE WHEN a.attcollation <> t.typcollation
                   THEN format(' collate "%s"', (SELECT k.collname FROM pg_collation AS k WHERE k.oid = a.attcollation)) ELSE '' END AS type_now,
               t.typnamespace = home_oid AND t.typtype = 'e' AS enum_now,
               EXISTS (SELECT FROM pg_constraint AS x   -- since PostgreSQL 18
                       WHERE x.conrelid = a.attrelid AND x.contype = 'n' AND x.conkey = ARRAY[a.attnum] AND NOT x.convalidated) AS unproven
        FROM ROWS FROM (jsonb_to_recordset(wanted_columns) AS (tab text, col text, type text, nullable text, fallback text))
            WITH ORDINALITY AS w (tab, col, type, nullable, fallback, place)
        LEFT JOIN jsonb_to_recordset(wanted_enums) AS e (enum text) ON e.enum = w.type
        LEFT JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.%I', home, w.tab)) AND a.attname = w.col AND NOT a.attisdropped
        LEFT JOIN pg_type AS t ON t.oid = a.atttypid
        WHERE w.tab = ANY (sound)
        ORDER BY w.place
    LOOP
        should_be := o.shown_type || CASE WHEN o.not_null THEN ' not null' ELSE ' null' END || coalesce(' default ' || o.fallback, '');

        IF o.attnum IS NULL AND o.col = 'id' AND o.fallback IS NULL THEN
            differences := differences || format('column %s.id is missing; it should be %s', o.tab, should_be);
            remedies := remedies || format('ALTER TABLE %I.%I ADD COLUMN "id" uuid PRIMARY KEY DEFAULT gen_random_uuid();', home, o.tab);
            CONTINUE;
        ELSIF o.attnum IS NULL THEN
            IF o.not_null AND o.fallback IS NULL THEN
                EXECUTE format('SELECT count(*) FROM %I.%I', home, o.tab) INTO found;
                IF found > 0 THEN
                    differences := differences || format('column %s.%s is missing, and the table holds %s rows; it should be %s, and there is no value for them',
                        o.tab, o.col, found, should_be);
                    remedies := remedies || format('Empty table %I.%I, or ALTER TABLE %1$I.%2$I ADD COLUMN %I %s; then fill it, and SET NOT NULL.',
                        home, o.tab, o.col, o.ddl_type);
                    CONTINUE;
                END IF;
            END IF;
            addition := format('ADD COLUMN %I %s', o.col, o.ddl_type)
                || CASE WHEN o.not_null THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || o.fallback, '');
            IF o.tab = widened THEN
                statements[widening] := statements[widening] || ', ' || addition;
                statements := statements || NULL::text;
            ELSE
                statements := statements || format('ALTER TABLE %I.%I %s', home, o.tab, addition);
                widened := o.tab;
                widening := cardinality(statements);
            END IF;
            notices := notices || format('added column %s.%s', o.tab, o.col);
            CONTINUE;
        END IF;

        -- A default of the keys that Phase 1 made is its own business.
        IF o.col = 'id' AND o.fallback IS NULL THEN
            o.default_now := NULL;
            o.attidentity := '';
        END IF;
        is_now := o.type_now || CASE WHEN o.unproven THEN ' not null (not validated)' WHEN o.attnotnull THEN ' not null' ELSE ' null' END
            || CASE WHEN o.attgenerated <> '' THEN format(' generated always as (%s)', o.default_now)
                    WHEN o.attidentity <> '' THEN ' generated as identity'
                    ELSE coalesce(' default ' || o.default_now, '') END;
        actions := '{}';
        IF o.attgenerated <> '' THEN
            actions := ARRAY[format('RENAME COLUMN %I TO %I', o.col, o.col || '_old')];
        ELSE
            IF o.attidentity <> '' THEN
                actions := actions || format('ALTER COLUMN %I DROP IDENTITY', o.col);
            END IF;
            IF o.type_now <> o.shown_type OR o.enum_now <> o.is_enum THEN
                IF o.default_now IS NOT NULL THEN
                    actions := actions || format('ALTER COLUMN %I DROP DEFAULT', o.col);
                END IF;
                actions := actions || (format('ALTER COLUMN %I TYPE %s USING %1$I', o.col, o.ddl_type)
                    || CASE WHEN o.is_enum THEN '::text::' || o.ddl_type
                            WHEN o.type_now LIKE 'timestamp% with time zone' AND o.shown_type LIKE 'timestamp%' THEN ' AT TIME ZONE ''UTC'''
                            ELSE '::' || o.ddl_type END);
            END IF;
            IF o.not_null AND o.unproven THEN
                actions := actions || format('VALIDATE CONSTRAINT %I', (SELECT x.conname FROM pg_constraint AS x
                    WHERE x.conrelid = to_regclass(format('%I.%I', home, o.tab)) AND x.contype = 'n' AND x.conkey = ARRAY[o.attnum]));
            ELSIF o.attnotnull <> o.not_null THEN
                actions := actions || format('ALTER COLUMN %I %s NOT NULL', o.col, CASE WHEN o.not_null THEN 'SET' ELSE 'DROP' END);
            END IF;
            IF o.default_now IS DISTINCT FROM o.wanted_default AND (o.col <> 'id' OR o.fallback IS NOT NULL) THEN
                actions := actions || format('ALTER COLUMN %I %s', o.col, coalesce('SET DEFAULT ' || o.fallback, 'DROP DEFAULT'));
            ELSIF o.default_now IS NOT NULL AND format('ALTER COLUMN %I DROP DEFAULT', o.col) = ANY (actions) THEN
                actions := actions || format('ALTER COLUMN %I SET DEFAULT %s', o.col, o.fallback);
            END IF;
        END IF;
        IF actions <> '{}' THEN
            differences := differences || format('column %s.%s is %s; it should be %s', o.tab, o.col, is_now, should_be);
            remedies := remedies || format('ALTER TABLE %I.%I %s;', home, o.tab,
                (SELECT string_agg(action, ', ') FROM unnest(actions) AS action));
        END IF;
    END LOOP;

    -- Tables to be created -------------------------------------------------------------------------------
    FOR o IN
        SELECT w.tab, string_agg(format('%I %s', w.col, coalesce(quote_ident(home) || '.' || quote_ident(e.enum), w.type))
                   || CASE w.nullable WHEN 'NOT NULL' THEN ' NOT NULL' ELSE '' END
                   || coalesce(' DEFAULT ' || w.fallback, ''), ', ' ORDER BY w.place) AS columns,
               -- Here and not by a statement of its own: rows that are there already would be looked for.
               (SELECT string_agg(format(', CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %I.%I ("id") ON UPDATE CASCADE ON DELETE CASCADE',
                    f.tab || '_' || f.col || '_fkey', f.col, home, f.target), '')
                FROM jsonb_to_recordset(wanted_foreign_keys) AS f (tab text, col text, target text) WHERE f.tab = w.tab) AS foreign_keys
        FROM ROWS FROM (jsonb_to_recordset(wanted_columns) AS (tab text, col text, type text, nullable text, fallback text))
            WITH ORDINALITY AS w (tab, col, type, nullable, fallback, place)
        LEFT JOIN jsonb_to_recordset(wanted_enums) AS e (enum text) ON e.enum = w.type
        WHERE w.tab = ANY (fresh)
        GROUP BY w.tab
        ORDER BY w.tab
    LOOP
        statements := statements || format('CREATE TABLE %I.%I (%s, CONSTRAINT %I PRIMARY KEY ("id")%s)', home, o.tab, o.columns, o.tab || '_pkey', o.foreign_keys);
        notices := notices || format('created table %s', o.tab);
    END LOOP;

    -- Primary keys -------------------------------------------------------------------------------------
    -- Those of Phase 1 are only looked at: a foreign key can refer to any unique index on "id".
    FOR o IN
        SELECT w.tab, EXISTS (SELECT FROM pg_constraint AS p WHERE p.conrelid = a.attrelid AND p.contype = 'p') AS has_key
        FROM jsonb_to_recordset(wanted_tables) AS w (tab text, phase int)
        JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.%I', home, w.tab)) AND a.attname = 'id' AND NOT a.attisdropped
        WHERE w.phase = 1 AND w.tab = ANY (sound)
          AND NOT EXISTS (SELECT FROM pg_index AS x WHERE x.indrelid = a.attrelid AND x.indisunique AND x.indisvalid AND x.indimmediate
                          AND x.indnkeyatts = 1 AND x.indkey[0] = a.attnum AND x.indpred IS NULL)
    LOOP
        differences := differences || format('table %s has no unique key on (id); it should have the primary key (id)', o.tab);
        remedies := remedies || format('ALTER TABLE %I.%I ADD %s ("id");', home, o.tab, CASE WHEN o.has_key THEN 'UNIQUE' ELSE 'PRIMARY KEY' END);
    END LOOP;

    FOR o IN
        SELECT w.tab, r.oid AS tab_oid, p.conname, pg_get_constraintdef(p.oid) AS key_now, other.relname AS taken, other.relkind AS taken_kind
        FROM jsonb_to_recordset(wanted_tables) AS w (tab text, phase int)
        LEFT JOIN pg_class AS r ON r.oid = to_regclass(format('%I.%I', home, w.tab)) AND w.tab = ANY (sound)
        LEFT JOIN pg_constraint AS p ON p.conrelid = r.oid AND p.contype = 'p'
        LEFT JOIN pg_class AS other ON other.relname = w.tab || '_pkey' AND other.relnamespace = home_oid
        WHERE w.phase = 2 AND w.tab = ANY (sound || fresh)
    LOOP
        IF o.key_now IS NOT NULL THEN
            CONTINUE WHEN o.key_now = 'PRIMARY KEY (id)';
            differences := differences || format('primary key %s of table %s is %s; it should be PRIMARY KEY (id)', o.conname, o.tab, o.key_now);
            remedies := remedies || format('ALTER TABLE %I.%I DROP CONSTRAINT %I;', home, o.tab, o.conname);
            CONTINUE;
        END IF;
        IF o.taken IS NOT NULL THEN
            differences := differences || format('%s is %s; it should be the primary key of table %s', o.taken, kind_words ->> o.taken_kind::text, o.tab);
            remedies := remedies || format('ALTER %s %I.%I RENAME TO %I;', alter_words ->> o.taken_kind::text, home, o.taken, o.taken || '_old');
            CONTINUE;
        END IF;
        CONTINUE WHEN o.tab = ANY (fresh);
        -- Rows that are there already must allow it.
        IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = o.tab_oid AND attname = 'id' AND NOT attisdropped) THEN
            EXECUTE format('SELECT count(*) FROM (SELECT FROM %I.%I WHERE "id" IS NOT NULL GROUP BY "id" HAVING count(*) > 1) AS twice', home, o.tab) INTO found;
            IF found > 0 THEN
                differences := differences || format('table %s has no primary key, and %s values of "id" repeat; it should be PRIMARY KEY (id)', o.tab, found);
                remedies := remedies || format('Give the rows of %I.%I ids of their own.', home, o.tab);
                CONTINUE;
            END IF;
        END IF;
        statements := statements || format('ALTER TABLE %I.%I ADD CONSTRAINT %I PRIMARY KEY ("id")', home, o.tab, o.tab || '_pkey');
        notices := notices || format('added primary key %s_pkey', o.tab);
    END LOOP;

    -- Foreign keys -------------------------------------------------------------------------------------
    FOR o IN
        SELECT w.*, w.tab || '_' || w.col || '_fkey' AS fkey, r.oid AS tab_oid, a.attnum, a.atttypid = 'uuid'::regtype AS is_uuid,
               format('FOREIGN KEY (%I) REFERENCES %I(id) ON UPDATE CASCADE ON DELETE CASCADE', w.col, w.target) AS wanted
        FROM jsonb_to_recordset(wanted_foreign_keys) AS w (tab text, col text, target text)
        LEFT JOIN pg_class AS r ON r.oid = to_regclass(format('%I.%I', home, w.tab)) AND w.tab = ANY (sound)
        LEFT JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attname = w.col AND NOT a.attisdropped
        WHERE w.tab = ANY (sound || fresh)
    LOOP
        IF o.tab_oid IS NULL THEN
            statements := statements || NULL::text;
            notices := notices || format('added foreign key %s', o.fkey);
            CONTINUE;
        END IF;

        -- Everything on this very column, or of the wanted name, has to be the wanted key.
        found := 0;
        FOR c IN
            SELECT x.conname, x.convalidated, replace(pg_get_constraintdef(x.oid), format('REFERENCES %I.', home), 'REFERENCES ') AS definition
            FROM pg_constraint AS x
            WHERE x.conrelid = o.tab_oid AND ((x.contype = 'f' AND x.conkey = ARRAY[o.attnum]) OR x.conname = o.fkey)
            ORDER BY x.conname
        LOOP
            found := found + 1;
            CONTINUE WHEN c.definition = o.wanted;
            differences := differences || format('foreign key %s of table %s is %s; it should be %s', c.conname, o.tab, c.definition, o.wanted);
            remedies := remedies || CASE WHEN c.definition = o.wanted || ' NOT VALID'
                THEN format('ALTER TABLE %I.%I VALIDATE CONSTRAINT %I;', home, o.tab, c.conname)
                ELSE format('ALTER TABLE %I.%I DROP CONSTRAINT %I;', home, o.tab, c.conname) END;
        END LOOP;
        CONTINUE WHEN found > 0;

        -- Rows that are there already must refer to something.
        IF o.is_uuid AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(format('%I.%I', home, o.target))
                                 AND attname = 'id' AND atttypid = 'uuid'::regtype AND NOT attisdropped) THEN
            EXECUTE format('SELECT count(*) FROM %I.%I AS x WHERE x.%I IS NOT NULL AND NOT EXISTS (SELECT FROM %1$I.%4$I AS y WHERE y."id" = x.%3$I)',
                home, o.tab, o.col, o.target) INTO found;
            IF found > 0 THEN
                differences := differences || format('foreign key %s is missing, and %s rows of table %s refer to no %s; it should be %s',
                    o.fkey, found, o.tab, o.target, o.wanted);
                remedies := remedies || format('SELECT * FROM %I.%I AS x WHERE NOT EXISTS (SELECT FROM %1$I.%3$I AS y WHERE y."id" = x.%I); -- repair or delete these',
                    home, o.tab, o.target, o.col);
                CONTINUE;
            END IF;
        END IF;
        statements := statements || format('ALTER TABLE %I.%I ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %1$I.%5$I ("id") ON UPDATE CASCADE ON DELETE CASCADE',
            home, o.tab, o.fkey, o.col, o.target);
        notices := notices || format('added foreign key %s', o.fkey);
    END LOOP;

    -- Indexes ------------------------------------------------------------------------------------------
    FOR o IN
        SELECT w.index, w.tab, w.cols, w.uniq = 'UNIQUE ' AS is_unique, r.oid AS index_oid, r.relkind, x.indrelid, t.oid AS tab_oid,
               x.indisvalid AND x.indisready AND x.indislive AS valid, x.indimmediate, k.conname,
               -- One text is what should be, and what to issue; PostgreSQL writes what is in the same form.
               format('CREATE %sINDEX %I ON %I.%I USING btree (%s)', w.uniq, w.index, home, w.tab,
                   (SELECT string_agg(quote_ident(col), ', ' ORDER BY place) FROM unnest(w.cols) WITH ORDINALITY AS l (col, place))) AS wanted,
               -- How full its pages are is the administrator's choice.
               regexp_replace(replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON '), ' WITH \([^)]*\)', '') AS definition
        FROM ROWS FROM (jsonb_to_recordset(wanted_indexes) AS (index text, tab text, cols text[], uniq text))
            WITH ORDINALITY AS w (index, tab, cols, uniq, place)
        LEFT JOIN pg_class AS r ON r.relname = w.index AND r.relnamespace = home_oid
        LEFT JOIN pg_index AS x ON x.indexrelid = r.oid
        LEFT JOIN pg_class AS t ON t.relname = w.tab AND t.relnamespace = home_oid AND w.tab = ANY (sound)
        LEFT JOIN pg_constraint AS k ON k.conindid = r.oid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x')
        WHERE w.tab = ANY (sound || fresh)
        ORDER BY w.place
    LOOP
        IF o.index_oid IS NULL THEN
            -- Rows that are there already must allow a unique index.
            IF o.is_unique AND cardinality(o.cols) = (SELECT count(*) FROM pg_attribute
                    WHERE attrelid = o.tab_oid AND attname = ANY (o.cols) AND NOT attisdropped) THEN
                EXECUTE format('SELECT count(*) FROM (SELECT FROM %I.%I WHERE num_nulls(%s) = 0 GROUP BY %3$s HAVING count(*) > 1) AS twice', home, o.tab,
                    (SELECT string_agg(quote_ident(col), ', ') FROM unnest(o.cols) AS col)) INTO found;
                IF found > 0 THEN
                    differences := differences || format('index %s is missing, and %s pairs of (%s) repeat in table %s; it should be %s',
                        o.index, found, array_to_string(o.cols, ', '), o.tab, o.wanted);
                    remedies := remedies || format('Keep one row of %I.%I for each pair.', home, o.tab);
                    CONTINUE;
                END IF;
            END IF;
            IF o.tab_oid IS NOT NULL AND NOT o.is_unique
               AND EXISTS (SELECT FROM jsonb_array_elements_text(written) AS col WHERE split_part(col, '.', 1) = o.tab) THEN
                later := later || jsonb_build_object('index', o.index, 'table', o.tab, 'definition', split_part(o.wanted, ' USING ', 2));
                CONTINUE;
            END IF;
            statements := statements || o.wanted;
            notices := notices || format('created index %s', o.index);
        ELSIF o.indrelid IS NULL THEN
            differences := differences || format('%s is %s; it should be an index: %s', o.index, kind_words ->> o.relkind::text, o.wanted);
            remedies := remedies || format('ALTER %s %I.%I RENAME TO %I;', coalesce(alter_words ->> o.relkind::text, 'TYPE'), home, o.index, o.index || '_old');
        ELSIF o.definition <> o.wanted OR NOT o.valid OR NOT o.indimmediate THEN
            differences := differences || format('index %s is %s%s; it should be %s%s', o.index, o.definition,
                CASE WHEN NOT o.valid THEN ', and invalid (its creation was interrupted)' WHEN NOT o.indimmediate THEN ', and deferrable' ELSE '' END,
                o.wanted,
                CASE WHEN NOT o.valid THEN ', and valid' WHEN NOT o.indimmediate THEN ', and not deferrable' ELSE '' END);
            remedies := remedies || CASE
                WHEN o.indrelid IS DISTINCT FROM o.tab_oid THEN format('ALTER INDEX %I.%I RENAME TO %I;', home, o.index, o.index || '_old')
                WHEN o.conname IS NOT NULL THEN format('ALTER TABLE %I.%I DROP CONSTRAINT %I;', home, o.tab, o.conname)
                ELSE format('DROP INDEX %I.%I;', home, o.index) END;
        END IF;
    END LOOP;

    -- Refuse, or do it ---------------------------------------------------------------------------------
    IF differences <> '{}' THEN
        RAISE EXCEPTION '%', differences[1] || CASE cardinality(differences) WHEN 1 THEN ''
                WHEN 2 THEN ' (and 1 more difference)' ELSE format(' (and %s more differences)', cardinality(differences) - 1) END
            USING ERRCODE = 'duplicate_object',
                  DETAIL = CASE WHEN cardinality(differences) > 1 THEN array_to_string(differences, E'\n') || E'\n' ELSE '' END || 'Nothing was changed.',
                  HINT = E'Bring it into shape, then run this again:\n' || array_to_string(remedies, E'\n');
    END IF;

    FOR i IN 1 .. cardinality(statements) LOOP
        IF statements[i] IS NOT NULL THEN
            EXECUTE statements[i];
        END IF;
        RAISE NOTICE '%', notices[i];
    END LOOP;
    IF later <> '[]' THEN
        PERFORM set_config('leora_run.later_indexes', later::text, true);
    END IF;
END
$phase2$;
