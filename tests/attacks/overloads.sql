-- Offers, in the schema of the tables, another function for each name and another operator for each symbol that the
-- program's statements use: for the types of the tables' columns, and for the types that PostgreSQL's own takes. Each only
-- says in the server's log that it was called.
SET check_function_bodies = off;
-- What it calls itself are PostgreSQL's own.
SET search_path = pg_catalog, pg_temp;
CREATE FUNCTION pg_temp.offer(statement text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 1;
EXCEPTION WHEN OTHERS THEN
  -- There is no such function or operator for these types.
  RETURN 0;
END $$;
CREATE TEMP TABLE used AS SELECT DISTINCT v ->> 0 AS name, (v ->> 1)::boolean AS is_operator FROM json_array_elements('{names}'::json) v;
CREATE TEMP TABLE kinds AS
  SELECT t.oid, format_type(t.oid, NULL) AS name FROM pg_type t
   WHERE t.oid IN (SELECT atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0)
      OR t.oid = ANY (ARRAY['int2', 'int4', 'int8', 'name', 'oid', '"char"', 'json', 'jsonb', 'timestamptz', 'text[]', 'int8[]', 'regclass', 'tid', 'xid', 'int2[]', 'uuid[]']::regtype[]::oid[]);
-- What a call might find better than PostgreSQL's own: the type itself, where that takes any, and one that is cast to it.
CREATE TEMP TABLE closer AS
  SELECT p.oid AS taken, k.oid AS given FROM pg_type p CROSS JOIN kinds k WHERE p.typtype = 'p' AND p.typname LIKE 'any%'
  UNION SELECT castsource, casttarget FROM (SELECT casttarget AS castsource, castsource AS casttarget FROM pg_cast
                                             WHERE castcontext = 'i') c JOIN kinds k ON k.oid = c.casttarget
  UNION SELECT oid, oid FROM pg_type WHERE typtype <> 'p';
CREATE TEMP TABLE offers AS
  SELECT DISTINCT u.name, s.arguments FROM used u JOIN pg_proc p ON p.proname = u.name AND p.pronamespace = 'pg_catalog'::regnamespace
   CROSS JOIN LATERAL (
     SELECT oidvectortypes(p.proargtypes) AS arguments
     UNION
     SELECT string_agg(format_type(CASE WHEN a.number = changed.number OR a.type = changed.type THEN changed.given ELSE a.type END, NULL),
                       ', ' ORDER BY a.number)
       FROM (SELECT x.number, x.type, c.given FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS x(type, number)
               JOIN closer c ON c.taken = x.type) AS changed
      CROSS JOIN unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(type, number)
      GROUP BY changed.number, changed.given
     UNION
     -- Instead of one that takes any number of arguments.
     SELECT repeat(k.name || ', ', n) || k.name FROM kinds k CROSS JOIN generate_series(0, 3) n WHERE p.provariadic <> 0
   ) AS s
   WHERE NOT u.is_operator;
CREATE TABLE public.offered AS
SELECT sum(pg_temp.offer(format($f$CREATE FUNCTION public.%I(%s) RETURNS text LANGUAGE plpgsql AS $b$BEGIN RAISE LOG %L; RETURN NULL; END$b$$f$,
         name, arguments, 'overload called: ' || name || ' (' || arguments || ')'))) AS functions, 0::bigint AS operators FROM offers;
CREATE TEMP TABLE operator_offers AS
  SELECT row_number() OVER () AS number, o.* FROM (
    SELECT u.name, l.name AS left_type, r.name AS right_type FROM used u CROSS JOIN kinds l
      JOIN kinds r ON l.oid = r.oid OR r.name IN ('text', 'integer', 'bigint', 'numeric', 'date') WHERE u.is_operator
    UNION
    SELECT u.name, format_type(o.oprleft, NULL), format_type(o.oprright, NULL) FROM used u JOIN pg_operator o ON o.oprname = u.name
     WHERE u.is_operator AND o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprleft <> 0) AS o;
UPDATE public.offered SET operators = (
SELECT sum(pg_temp.offer(format($f$CREATE FUNCTION public.overload_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS $b$BEGIN RAISE LOG %L; RETURN NULL; END$b$;
         CREATE OPERATOR public.%s (LEFTARG = %2$s, RIGHTARG = %3$s, FUNCTION = public.overload_%1$s)$f$,
         number, left_type, right_type,
         CASE WHEN name IN ('=', '<>', '<', '<=', '>', '>=', '~~') THEN 'boolean' ELSE left_type END,
         'overload called: ' || left_type || ' ' || name || ' ' || right_type, name))) FROM operator_offers);
