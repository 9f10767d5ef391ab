-- How the history is read and written.

CREATE VIEW leora_run.step AS
  SELECT run.id AS run, steps.key::integer AS number, step.name, step.title, step.ms, step.changed   -- rows whose value changed
    FROM leora_run.run CROSS JOIN pg_catalog.jsonb_each(run.steps) AS steps
    CROSS JOIN pg_catalog.jsonb_to_record(steps.value) AS step (name text, title text, ms bigint, changed bigint);

-- Whether a role has a privilege on all these columns, and sees every row.
CREATE FUNCTION leora_run.may(role_name name, privilege text, in_schema text, in_table text, columns text[])
RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(bool_and(coalesce(has_column_privilege(r.oid, c.oid, a.attnum, privilege), false)
           AND (r.rolsuper OR r.rolbypassrls OR NOT c.relrowsecurity
                OR pg_has_role(r.oid, c.relowner, 'USAGE') AND NOT c.relforcerowsecurity)), false)
    FROM pg_roles r, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN unnest(columns) AS named (name)
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = named.name AND NOT a.attisdropped
   WHERE r.rolname = role_name AND n.nspname = in_schema AND c.relname = in_table
$$;

-- The role whose privileges count: the one that SET ROLE chose, or the one that logged in.
CREATE FUNCTION leora_run.acting_role()
RETURNS name LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE current_setting('role') WHEN 'none' THEN session_user ELSE current_setting('role')::name END
$$;

-- Whether the role that logged in owns the history, or may act for its owner.
CREATE FUNCTION leora_run.is_owner()
RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT pg_has_role(session_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'leora_run'
$$;

-- A table by its names, if there is one.
CREATE FUNCTION leora_run.table_of(in_schema text, in_table text)
RETURNS oid LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = in_schema AND c.relname = in_table
$$;

-- The journal, for who may read these columns of the same table today, started the run, or owns the history.
CREATE VIEW leora_run.transition WITH (security_barrier) AS
  SELECT run, step, rule, table_schema, table_name, column_name, old_value, new_value, rows, key_columns,
         keys_uuid, keys_bigint, keys_text
    FROM leora_run.journal
   WHERE (SELECT leora_run.is_owner())
      OR run IN (SELECT own.id FROM leora_run.run AS own WHERE own.started_by = session_user)
      OR leora_run.may(leora_run.acting_role(), 'SELECT', table_schema, table_name, pg_catalog.array_append(key_columns, column_name))
         AND table_oid OPERATOR(pg_catalog.=) leora_run.table_of(table_schema, table_name);

-- What a rule changed: from which value to which, in which rows.
CREATE TYPE leora_run.change AS (
  old_value text, new_value text, rows bigint, keys_uuid uuid[], keys_bigint bigint[], keys_text text[]
);

-- The digest of a row of the journal.
CREATE FUNCTION leora_run.row_digest(j leora_run.journal)
RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.sha256(pg_catalog.record_send(ROW(
    j.run, j.step, j.rule, j.table_schema, j.table_name, j.column_name, j.old_value, j.new_value, j.rows, j.key_columns,
    j.keys_uuid, j.keys_bigint, j.keys_text, j.table_oid)))
$$;

-- The digest of a run and of its journal.
CREATE FUNCTION leora_run.run_digest(of_run uuid)
RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(record_send(ROW(r.id, r.folder, r.checksums, r.meanings, r.settings, r.as_of, r.started_by, r.undoes, r.writes,
           (SELECT string_agg(j.digest, '' ORDER BY j.rule, j.digest) FROM leora_run.journal j WHERE j.run = r.id))))
    FROM leora_run.run r WHERE r.id = of_run
$$;

-- Whether a run and its journal are what was written then. Of a run that is not done, the journal is looked at.
CREATE FUNCTION leora_run.is_intact(of_run uuid)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.writes IS NULL
      OR (r.digest IS NULL OR r.digest = leora_run.run_digest(r.id))
         AND NOT EXISTS (SELECT FROM leora_run.journal j WHERE j.run = r.id AND j.digest IS DISTINCT FROM leora_run.row_digest(j))
    FROM leora_run.run r WHERE r.id = of_run
$$;

-- Whether a role may read and set every column that there still is of those that a run could set, and of format 1 those
-- that it did set: in the schema that it wrote, or in every schema where it wrote nothing. Never where a table that it wrote
-- is not found by its name any more.
CREATE FUNCTION leora_run.may_set_all_of(role_name name, past leora_run.run)
RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH written AS (
    SELECT DISTINCT j.table_schema, j.table_name, j.column_name, j.table_oid FROM leora_run.journal j WHERE j.run = past.id
  )
  SELECT NOT EXISTS (SELECT FROM written w WHERE w.table_oid <> coalesce(leora_run.table_of(w.table_schema, w.table_name), 0))
     AND coalesce(bool_and(leora_run.may(role_name, 'SELECT', n.nspname, c.relname, ARRAY[a.attname::text])
                       AND leora_run.may(role_name, 'UPDATE', n.nspname, c.relname, ARRAY[a.attname::text])), false)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
   WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
     AND CASE WHEN past.writes IS NULL
              THEN (n.nspname, c.relname, a.attname) IN (SELECT table_schema, table_name, column_name FROM written)
              ELSE past.writes ? (c.relname || '.' || a.attname)
                   AND (n.nspname IN (SELECT table_schema FROM written) OR NOT EXISTS (SELECT FROM written)) END
$$;

-- Whether nothing is left of the columns that a run changed and could set, as after a rollback that drops them: not where a
-- table has only got another name.
CREATE FUNCTION leora_run.has_lost_all_of(past leora_run.run)
RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(EXISTS (SELECT FROM leora_run.journal j WHERE j.run = past.id) AND NOT EXISTS (
    SELECT FROM leora_run.journal j JOIN pg_attribute a ON a.attrelid = j.table_oid AND a.attname = j.column_name AND NOT a.attisdropped
     WHERE j.run = past.id) AND NOT EXISTS (
    SELECT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p', 'f') AND past.writes ? (c.relname || '.' || a.attname)), false)
$$;

-- Refuses an undo that one of the two may not write: who undoes the run, and who started it, where that role still exists.
CREATE FUNCTION leora_run.check_undo(of_run uuid)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  past leora_run.run;
  written record;
  acting name := leora_run.acting_role();
BEGIN
  SELECT * INTO STRICT past FROM leora_run.run WHERE id = of_run;
  IF NOT leora_run.is_intact(of_run) THEN
    RAISE EXCEPTION 'the journal of run % is not what that run wrote', of_run USING ERRCODE = 'data_corrupted',
      HINT = 'somebody has changed it since: restore the schema leora_run from a backup, or put the values back by hand';
  END IF;
  IF past.started_by <> session_user AND NOT leora_run.is_owner() AND NOT leora_run.may_set_all_of(acting, past) THEN
    RAISE EXCEPTION '% may not read and set all that run % of % could set', acting, of_run, past.started_by
      USING ERRCODE = 'insufficient_privilege', HINT = 'let that role undo it, or the owner of the history';
  END IF;
  FOR written IN
    SELECT DISTINCT j.table_schema AS schema, j.table_name AS name, j.column_name AS col, j.table_oid AS was, c.oid AS now
      FROM leora_run.journal j
      JOIN pg_namespace n ON n.nspname = j.table_schema
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = j.table_name
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = j.column_name AND NOT a.attisdropped
     WHERE j.run = of_run
  LOOP
    -- A restored copy of the database has other numbers for its tables.
    IF written.was <> written.now AND (NOT leora_run.is_owner() OR EXISTS (
         SELECT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = written.col AND NOT a.attisdropped
          WHERE c.oid = written.was AND c.relkind IN ('r', 'p', 'f'))) THEN
      RAISE EXCEPTION '% is not the table that run % changed: another has its name now', written.name, of_run
        USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = format('give that table its name back (its oid is %s), or let the owner of the history undo the run in a restored database',
                      written.was);
    END IF;
    IF NOT past.writes ? (written.name || '.' || written.col) THEN
      RAISE EXCEPTION 'run % could not set %.%, and its journal says that it did', of_run, written.name, written.col
        USING ERRCODE = 'data_corrupted', HINT = 'put the values back by hand';
    END IF;
    IF NOT (leora_run.may(acting, 'SELECT', written.schema, written.name, ARRAY[written.col])
            AND leora_run.may(acting, 'UPDATE', written.schema, written.name, ARRAY[written.col])) THEN
      RAISE EXCEPTION '% may not read and set %.%, which run % changed', acting, written.name, written.col, of_run
        USING ERRCODE = 'insufficient_privilege',
        HINT = format('GRANT SELECT, UPDATE ON TABLE %I.%I TO %I;', written.schema, written.name, acting);
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = past.started_by)
       AND NOT leora_run.may(past.started_by::name, 'UPDATE', written.schema, written.name, ARRAY[written.col]) THEN
      RAISE EXCEPTION '%, who started run %, may not set %.%', past.started_by, of_run, written.name, written.col
        USING ERRCODE = 'insufficient_privilege', HINT = 'an undo writes only what the one who ran it may write too';
    END IF;
  END LOOP;
END $$;

-- Starts a run of the role that logged in.
CREATE FUNCTION leora_run.start_run(
  id uuid, folder text, title text, checksums jsonb, settings jsonb, as_of date, started_from text, tool text,
  started_at timestamptz, meanings jsonb, undoes uuid, writes jsonb
)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  settable jsonb := coalesce(writes, '[]');
BEGIN
  IF NOT (isfinite(as_of) AND isfinite(started_at)) THEN
    RAISE EXCEPTION 'a run starts at a time that is finite' USING ERRCODE = 'datetime_field_overflow';
  END IF;
  IF undoes IS NOT NULL THEN
    PERFORM leora_run.check_undo(undoes);
    SELECT past.writes INTO settable FROM leora_run.run AS past WHERE past.id = undoes;
  END IF;
  INSERT INTO leora_run.run (id, folder, title, checksums, settings, as_of, started_by, started_from, tool, started_at,
                             outcome, meanings, undoes, writes)
  VALUES (id, folder, title, checksums, settings, as_of, session_user, started_from, tool, started_at,
          'running', meanings, undoes, settable);
END $$;

-- The run, if it is one of the role that logged in, and not over.
CREATE FUNCTION leora_run.own_run(of_run uuid)
RETURNS leora_run.run LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  own leora_run.run;
BEGIN
  SELECT * INTO own FROM leora_run.run WHERE id = of_run AND started_by = session_user AND outcome IN ('running', 'partial');
  IF NOT FOUND THEN
    RAISE EXCEPTION '% has no run % that is at work', session_user, of_run USING ERRCODE = 'insufficient_privilege',
      HINT = 'only the role that started a run adds to it, until it is done';
  END IF;
  RETURN own;
END $$;

-- Journals what a rule of a run changes; returns how many rows these are.
CREATE FUNCTION leora_run.write_journal(
  of_run uuid, of_step integer, of_rule integer, in_schema text, in_table text, in_column text, keys text[],
  changes leora_run.change[]
)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  own leora_run.run := leora_run.own_run(of_run);
  acting name := leora_run.acting_role();
  changed oid := leora_run.table_of(in_schema, in_table);
  total bigint;
BEGIN
  IF NOT own.writes ? (in_table || '.' || in_column) THEN
    RAISE EXCEPTION 'run % may not set %.%', of_run, in_table, in_column USING ERRCODE = 'insufficient_privilege',
      HINT = 'writes = [...] of its folder does not name that column';
  END IF;
  IF NOT (leora_run.may(acting, 'SELECT', in_schema, in_table, array_append(keys, in_column))
          AND leora_run.may(acting, 'UPDATE', in_schema, in_table, ARRAY[in_column])) THEN
    RAISE EXCEPTION '% may not read and set %.%', acting, in_table, in_column USING ERRCODE = 'insufficient_privilege',
      HINT = format('GRANT SELECT, UPDATE ON TABLE %I.%I TO %I;', in_schema, in_table, acting);
  END IF;
  IF EXISTS (SELECT FROM unnest(changes) AS c
              WHERE c.rows > 0 IS NOT TRUE OR c.rows <> cardinality(c.keys_uuid) OR c.rows <> cardinality(c.keys_bigint)
                 OR c.rows <> cardinality(c.keys_text) OR num_nonnulls(c.keys_uuid, c.keys_bigint, c.keys_text) <> 1) THEN
    RAISE EXCEPTION 'a change has as many rows as keys' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  WITH written AS (
    INSERT INTO leora_run.journal
    SELECT of_run, of_step, of_rule, in_schema, in_table, in_column, c.old_value, c.new_value, c.rows, keys,
           c.keys_uuid, c.keys_bigint, c.keys_text,
           leora_run.row_digest(ROW(of_run, of_step, of_rule, in_schema, in_table, in_column, c.old_value, c.new_value, c.rows,
             keys, c.keys_uuid, c.keys_bigint, c.keys_text, NULL, changed)::leora_run.journal), changed
      FROM unnest(changes) AS c
    RETURNING journal.rows
  )
  SELECT sum(written.rows) INTO total FROM written;
  RETURN total;
END $$;

-- Records a step that is done, unless the view could not show it.
CREATE FUNCTION leora_run.record_step(of_run uuid, step jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE leora_run.run SET steps = steps || step WHERE id = (leora_run.own_run(of_run)).id;
  PERFORM sum(shown.number), sum(shown.ms), sum(shown.changed) FROM leora_run.step AS shown WHERE shown.run = of_run;
END $$;

-- Records that a rule is written in batches from now on; returns the transaction id from which on rows are newer. It is that
-- of the oldest transaction of this database that is still open: what that one writes later is newer, and so is what a
-- subtransaction of it writes, whose own id no snapshot tells. Of those that the snapshot has and that hold no lock on their
-- id, nobody knows in which database they are.
CREATE FUNCTION leora_run.start_batches(of_run uuid, of_rule text, kept jsonb, planned bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  seen pg_snapshot := pg_current_snapshot();
  ceiling bigint := pg_snapshot_xmax(seen)::text::bigint;
  began bigint;
BEGIN
  PERFORM pg_stat_clear_snapshot();
  WITH held AS MATERIALIZED (
    SELECT l.transactionid AS id, l.pid IS DISTINCT FROM pg_backend_pid() AND (a.datid IS NULL OR d.oid IS NOT NULL) AS counts
      FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
      LEFT JOIN pg_database d ON d.oid = a.datid AND d.datname = current_database()
     WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
  ), open AS (
    SELECT ceiling - age(id) + age((ceiling % 4294967296)::text::xid) AS id FROM held WHERE counts
    UNION ALL
    SELECT id::text::bigint FROM pg_snapshot_xip(seen) AS id
     WHERE (id::text::bigint % 4294967296)::text::xid NOT IN (SELECT held.id FROM held)
  )
  SELECT least(ceiling, min(open.id)) INTO began FROM open;
  UPDATE leora_run.run
     SET batched = jsonb_set(batched, ARRAY[of_rule],
                             jsonb_build_object('finished', false, 'began', began, 'kept', kept, 'planned', planned))
   WHERE id = (leora_run.own_run(of_run)).id;
  RETURN began;
END $$;

-- Records that all batches of a rule are written.
CREATE FUNCTION leora_run.finish_batches(of_run uuid, of_rule text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE leora_run.run SET batched = jsonb_set(batched, ARRAY[of_rule, 'finished'], 'true')
   WHERE id = (leora_run.own_run(of_run)).id;
END $$;

-- Records that a run can be resumed, and why it has stopped.
CREATE FUNCTION leora_run.pause_run(of_run uuid, message text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE leora_run.run SET outcome = 'partial', finished_at = clock_timestamp(), error = message
   WHERE id = (leora_run.own_run(of_run)).id;
END $$;

-- Records how a run ended, and deletes the journals that are further back than the newest ones that it keeps: those of the
-- same role, or of every role where the owner of the history ran it.
CREATE FUNCTION leora_run.end_run(of_run uuid, ended text, message text, in_force jsonb, keep bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE leora_run.run SET finished_at = clock_timestamp(), outcome = ended, error = message, settings = in_force
   WHERE id = (leora_run.own_run(of_run)).id;
  UPDATE leora_run.run SET digest = leora_run.run_digest(of_run) WHERE id = of_run;
  DELETE FROM leora_run.journal WHERE keep IS NOT NULL AND run IN (
    SELECT r.id FROM leora_run.run AS r
     WHERE (r.started_by = session_user OR (SELECT leora_run.is_owner()))
       AND EXISTS (SELECT FROM leora_run.journal AS j WHERE j.run = r.id)
     ORDER BY r.number DESC OFFSET keep);
END $$;

-- Records a migration, once; returns whether it is new.
CREATE FUNCTION leora_run.record_migration(of_run uuid, named text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO leora_run.migration AS known (name, run, recorded_at)
  VALUES (named, (leora_run.own_run(of_run)).id, clock_timestamp())
      ON CONFLICT (name) DO UPDATE SET run = excluded.run, recorded_at = excluded.recorded_at, rolled_back_at = NULL
   WHERE known.rolled_back_at IS NOT NULL;
  RETURN FOUND;
END $$;

-- Records that a migration was rolled back; returns whether it was recorded. Who takes back what another role recorded may
-- set a column that its run changed, or all that it could set.
CREATE FUNCTION leora_run.record_rollback(of_run uuid, named text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  past leora_run.run;
  acting name := leora_run.acting_role();
BEGIN
  PERFORM leora_run.own_run(of_run);
  SELECT run.* INTO past FROM leora_run.migration known LEFT JOIN leora_run.run ON run.id = known.run
   WHERE known.name = named AND known.rolled_back_at IS NULL FOR UPDATE OF known;
  IF FOUND AND past.started_by IS DISTINCT FROM session_user AND NOT leora_run.is_owner()
     AND NOT EXISTS (SELECT FROM leora_run.journal j WHERE j.run = past.id
                        AND j.table_oid = leora_run.table_of(j.table_schema, j.table_name)
                        AND (leora_run.may(acting, 'UPDATE', j.table_schema, j.table_name, ARRAY[j.column_name])
                          -- From PostgreSQL 17 on, this is what lets a role lock the table.
                          OR CASE WHEN current_setting('server_version_num')::integer >= 170000
                                  THEN has_table_privilege(acting, j.table_oid, 'MAINTAIN') END))
     AND NOT leora_run.may_set_all_of(acting, past) AND NOT leora_run.has_lost_all_of(past) THEN
    RAISE EXCEPTION '% may set nothing that run % of % changed, which recorded the migration %', acting, past.id, past.started_by, named
      USING ERRCODE = 'insufficient_privilege', HINT = 'let that role take it back, or the owner of the history';
  END IF;
  UPDATE leora_run.migration SET rolled_back_at = clock_timestamp() WHERE name = named AND rolled_back_at IS NULL;
  RETURN FOUND;
END $$;

-- Who runs folders is granted these.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA leora_run FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leora_run.may, leora_run.acting_role, leora_run.is_owner, leora_run.table_of TO PUBLIC;
