-- Who could run folders before can go on, and what was created now belongs to the owner, whoever created it.
DO $$
DECLARE
  runner text;
  owner text := (SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(nspowner)) FROM pg_catalog.pg_namespace WHERE nspname = 'leora_run');
  created text;
BEGIN
  FOR runner IN
    SELECT DISTINCT CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(held.grantee)) END
      FROM pg_catalog.pg_class AS relation CROSS JOIN pg_catalog.aclexplode(relation.relacl) AS held
     WHERE relation.oid = 'leora_run.run'::pg_catalog.regclass AND held.privilege_type = 'INSERT' AND held.grantee <> relation.relowner
  LOOP
    EXECUTE pg_catalog.format('GRANT SELECT ON leora_run.run, leora_run.step, leora_run.transition, leora_run.migration TO %s', runner);
    EXECUTE pg_catalog.format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA leora_run TO %s', runner);
    -- Who could not write migrations records none now.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS relation CROSS JOIN pg_catalog.aclexplode(relation.relacl) AS held
                    WHERE relation.oid = 'leora_run.migration'::pg_catalog.regclass AND held.privilege_type = 'INSERT'
                      AND CASE held.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(held.grantee)) END = runner) THEN
      EXECUTE pg_catalog.format('REVOKE EXECUTE ON FUNCTION leora_run.record_migration, leora_run.record_rollback FROM %s', runner);
    END IF;
  END LOOP;
  FOR created IN
    SELECT pg_catalog.format('%s %s', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TYPE' END, oid::pg_catalog.regclass)
      FROM pg_catalog.pg_class WHERE relnamespace = 'leora_run'::pg_catalog.regnamespace AND relkind IN ('v', 'c')
    UNION ALL
    SELECT pg_catalog.format('FUNCTION %s', oid::pg_catalog.regprocedure)
      FROM pg_catalog.pg_proc WHERE pronamespace = 'leora_run'::pg_catalog.regnamespace
  LOOP
    EXECUTE pg_catalog.format('ALTER %s OWNER TO %s', created, owner);
  END LOOP;
END $$;
