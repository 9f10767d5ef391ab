-- Nobody but the owner writes the tables, or reads the journal but by its view, whatever the default privileges are.
DO $$
DECLARE
  held record;
BEGIN
  FOR held IN
    SELECT DISTINCT relation.oid::pg_catalog.regclass AS name, CASE relation.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
           CASE WHEN relation.relname = 'journal' OR relation.relkind = 'S' THEN 'ALL'
                ELSE 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER' END AS privileges,
           CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(acl.grantee)) END AS role
      FROM pg_catalog.pg_class AS relation CROSS JOIN pg_catalog.aclexplode(relation.relacl) AS acl
     WHERE relation.relnamespace = 'leora_run'::pg_catalog.regnamespace AND acl.grantee <> relation.relowner
  LOOP
    EXECUTE pg_catalog.format('REVOKE %s ON %s %s FROM %s', held.privileges, held.kind, held.name, held.role);
  END LOOP;
END $$;
REVOKE CREATE ON SCHEMA leora_run FROM PUBLIC;
