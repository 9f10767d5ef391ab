-- The schema leora_run, if there is one: its comment, its owner, whether the role $1 (or this one) trusts that owner and may
-- act for it, whether it may read the history, and a line for all that is in the schema and can run code or lead elsewhere,
-- in the same words on every version of PostgreSQL. A view is listed with what it uses: to write it out would take longer
-- than all the rest.
WITH ns AS MATERIALIZED (
  SELECT oid, nspowner, nspacl FROM pg_catalog.pg_namespace WHERE nspname = 'leora_run'
), rel AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.relpersistence, c.reloptions, c.relacl, ns.nspowner
    FROM pg_catalog.pg_class c, ns WHERE c.relnamespace = ns.oid
), line AS (
  SELECT pg_catalog.concat(
           CASE WHEN relkind = 'r' THEN 'table ' WHEN relkind = 'v' THEN 'view ' WHEN relkind = 'i' THEN 'index '
                WHEN relkind = 'S' THEN 'sequence ' WHEN relkind = 'c' THEN 'type ' ELSE 'other relation ' END, relname,
           CASE WHEN relrowsecurity THEN ' with row-level security' END,
           CASE WHEN relowner <> nspowner THEN pg_catalog.concat(' owned by ', pg_catalog.pg_get_userbyid(relowner)) END,
           CASE WHEN relpersistence <> 'p' THEN ' not permanent' END,
           CASE WHEN relkind = 'i' THEN (
             SELECT pg_catalog.concat(' on ', i.indrelid::pg_catalog.regclass, ' (', i.indkey, ')',
                      CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN ' by an expression' END)
               FROM pg_catalog.pg_index i WHERE i.indexrelid = rel.oid) END,
           CASE WHEN relkind = 'v' THEN pg_catalog.concat(reloptions, ' of ', (
             SELECT pg_catalog.string_agg(used, ', ') FROM (
               SELECT DISTINCT pg_catalog.concat(
                        CASE WHEN d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass THEN d.refobjid::pg_catalog.regclass::text
                             WHEN d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass THEN d.refobjid::pg_catalog.regprocedure::text
                             ELSE pg_catalog.concat(d.refclassid::pg_catalog.regclass, ' ', d.refobjid) END, ' ', d.refobjsubid) COLLATE "C" AS used
                 FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_depend d ON d.objid = w.oid
                WHERE w.ev_class = rel.oid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.deptype = 'n'
                  AND d.refobjid <> rel.oid
                ORDER BY used) AS uses)) END) AS text
    FROM rel
  UNION ALL
  SELECT pg_catalog.concat('column ', rel.relname, '.', a.attname, ' ', pg_catalog.format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attnotnull THEN ' not null' END, CASE WHEN a.attidentity <> '' THEN ' identity' END,
           CASE WHEN a.attgenerated <> '' THEN ' generated' END, CASE WHEN a.attacl IS NOT NULL THEN ' with grants of its own' END,
           CASE WHEN a.atthasdef THEN (
             SELECT pg_catalog.concat(' default ', pg_catalog.pg_get_expr(e.adbin, e.adrelid))
               FROM pg_catalog.pg_attrdef e WHERE e.adrelid = rel.oid AND e.adnum = a.attnum) END)
    FROM rel JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid
   WHERE rel.relkind IN ('r', 'c') AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT pg_catalog.concat('trigger ', rel.relname, '.', t.tgname)
    FROM rel JOIN pg_catalog.pg_trigger t ON t.tgrelid = rel.oid WHERE NOT t.tgisinternal
  UNION ALL
  SELECT pg_catalog.concat('rule ', rel.relname, '.', w.rulename)
    FROM rel JOIN pg_catalog.pg_rewrite w ON w.ev_class = rel.oid WHERE rel.relkind <> 'v' OR w.rulename <> '_RETURN'
  UNION ALL
  SELECT pg_catalog.concat('policy ', rel.relname, '.', p.polname)
    FROM rel JOIN pg_catalog.pg_policy p ON p.polrelid = rel.oid
  UNION ALL
  SELECT pg_catalog.concat('inheritance of ', rel.relname)
    FROM rel JOIN pg_catalog.pg_inherits i ON rel.oid IN (i.inhparent, i.inhrelid)
  UNION ALL
  SELECT pg_catalog.concat('constraint ', rel.relname, '.', k.conname, ' ', k.contype, k.conkey, k.confdeltype,
           CASE WHEN k.confrelid <> 0 THEN k.confrelid::pg_catalog.regclass END)
    FROM rel JOIN pg_catalog.pg_constraint k ON k.conrelid = rel.oid WHERE k.contype <> 'n'
  UNION ALL
  SELECT pg_catalog.concat('function ', p.proname, '(', pg_catalog.oidvectortypes(p.proargtypes), ') ',
           (SELECT l.lanname FROM pg_catalog.pg_language l WHERE l.oid = p.prolang), ' ', p.provolatile,
           CASE WHEN p.prosecdef THEN ' security definer' END, p.proconfig,
           CASE WHEN p.proowner <> ns.nspowner THEN pg_catalog.concat(' owned by ', pg_catalog.pg_get_userbyid(p.proowner)) END, ' ',
           pg_catalog."left"(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex'), 16))
    FROM ns JOIN pg_catalog.pg_proc p ON p.pronamespace = ns.oid
  UNION ALL
  SELECT pg_catalog.concat('type ', t.typname) FROM ns JOIN pg_catalog.pg_type t ON t.typnamespace = ns.oid
   WHERE t.typtype <> 'c' AND (t.typelem = 0 OR t.typcategory <> 'A')
  UNION ALL
  SELECT pg_catalog.concat('grant of ', g.privilege_type, ' on ', rel.relname, ' to ',
           CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(g.grantee) END)
    FROM rel CROSS JOIN pg_catalog.aclexplode(rel.relacl) g WHERE g.grantee <> rel.nspowner AND (g.privilege_type <> 'SELECT' OR rel.relname = 'journal')
  UNION ALL
  SELECT pg_catalog.concat('grant of CREATE on the schema to ',
           CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(g.grantee) END)
    FROM ns CROSS JOIN pg_catalog.aclexplode(ns.nspacl) g WHERE g.grantee <> ns.nspowner AND g.privilege_type = 'CREATE'
)
SELECT pg_catalog.obj_description(ns.oid, 'pg_namespace'), owner.rolname::text,
       -- A superuser is a member of every role, which says nothing about who the owner is. Nor does a membership that the
       -- owner granted, or somebody for it: it counts where this role granted it itself, or one that administers this role and may
       -- not act for the owner.
       (owner.rolsuper OR owner.oid = me.oid OR owner.oid = (SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
          OR NOT me.rolsuper AND pg_catalog.pg_has_role(me.oid, owner.oid, 'USAGE')
             AND owner.oid IN (WITH RECURSIVE granted AS (
                   SELECT me.oid AS role
                   UNION SELECT m.roleid FROM granted JOIN pg_catalog.pg_auth_members m ON m.member = granted.role
                     JOIN pg_catalog.pg_roles g ON g.oid = m.grantor
                    WHERE g.rolsuper OR g.oid = (SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
                       OR m.member = me.oid AND g.oid = me.oid
                       OR NOT pg_catalog.pg_has_role(g.oid, owner.oid, 'USAGE') AND (
                            g.rolcreaterole AND pg_catalog.current_setting('server_version_num')::integer < 160000
                         OR m.member = me.oid AND EXISTS (
                              SELECT FROM pg_catalog.pg_auth_members a
                               WHERE a.roleid = m.member AND a.member = g.oid AND a.admin_option)))
                 SELECT role FROM granted))::text,
       pg_catalog.pg_has_role(me.oid, owner.oid, 'USAGE')::text,
       coalesce((SELECT pg_catalog.has_schema_privilege(me.oid, ns.oid, 'USAGE') AND pg_catalog.has_table_privilege(me.oid, rel.oid, 'SELECT')
                   FROM rel WHERE rel.relname = 'run'), false)::text,
       (SELECT pg_catalog.string_agg(line.text, E'\n') FROM line)
  FROM ns JOIN pg_catalog.pg_roles owner ON owner.oid = ns.nspowner
  JOIN pg_catalog.pg_roles me ON me.rolname = coalesce(nullif($1::text, ''), current_user)
