//! The owner of what an SQL file makes: it is reassigned to the owner of the related tables, as if that role had made it.
//! Otherwise the application, which works as that role, could not read its own new tables.

use leora_report::{DatabaseError, ObjectChange, ObjectOwnership, ObjectVerb};
use leora_rule::{quote_identifier, quote_qualified};

use crate::connection::{Cells, first_column};
use crate::{Owner, Session};

/// Who owns the existing tables that a new one is related to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelatedTablesOwner {
    /// None of the tables exists.
    NoTables,
    /// The role that makes the new objects.
    SameRole,
    /// One other role.
    OtherRole(NewOwner),
    /// Several roles, by name.
    SeveralRoles(Vec<String>),
}

impl RelatedTablesOwner {
    /// The other role, where it is one.
    pub fn other_role(&self) -> Option<&NewOwner> {
        match self {
            Self::OtherRole(owner) => Some(owner),
            _ => None,
        }
    }
}

/// The owner of the related tables, where that is not the role that makes the new ones: it is to own these too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOwner {
    /// The owner.
    pub owner: Owner,
    /// Whether the role may reassign to it what the role has made.
    pub can_reassign: bool,
    /// Whether it may own something in the schema.
    pub can_create: bool,
}

/// The owners of the related tables; `$4` is the privilege to make another role the owner.
const OWNERS: &str = "\
SELECT DISTINCT o.rolname::text, o.rolsuper::text,
       coalesce(r.rolsuper OR pg_has_role(r.oid, o.oid, $4::text), false)::text,
       (coalesce(r.rolsuper, false) OR has_schema_privilege(o.oid, n.oid, 'CREATE'))::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
  LEFT JOIN pg_roles r ON r.rolname = $1::text
 WHERE n.nspname = $2::text AND c.relname IN (SELECT json_array_elements_text($3::text::json)) AND c.relkind IN ('r', 'p')
 ORDER BY 1";

/// The statements that reassign new objects, `$3`, to an owner, `$4`: the sequence of a column goes with its table.
const REASSIGN: &str = "\
SELECT format('ALTER TABLE %I.%I OWNER TO %I;', n.nspname, c.relname, $4::text)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
 WHERE r.rolname = $1::text AND n.nspname = $2::text AND c.relname IN (SELECT json_array_elements_text($3::text::json))
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
   AND NOT (c.relkind = 'S' AND EXISTS (SELECT FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')))
UNION ALL
SELECT format('ALTER TYPE %I.%I OWNER TO %I;', n.nspname, t.typname, $4::text)
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_roles r ON r.oid = t.typowner
 WHERE r.rolname = $1::text AND n.nspname = $2::text AND t.typname IN (SELECT json_array_elements_text($3::text::json)) AND t.typtype = 'e'
UNION ALL
SELECT format('ALTER ROUTINE %s OWNER TO %I;', p.oid::regprocedure, $4::text)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
 WHERE r.rolname = $1::text AND n.nspname = $2::text AND p.oid::regprocedure::text IN (SELECT json_array_elements_text($3::text::json))";

/// The default privileges that the owner, `$3`, grants on each table and sequence that it makes: the server grants them only
/// for the role that makes it.
const DEFAULT_GRANTS: &str = "\
SELECT format('GRANT %s ON %s %I.%I TO %s%s;', a.privilege_type, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
              n.nspname, c.relname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
              CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.rolname = $3::text
  JOIN pg_default_acl d ON d.defaclrole = o.oid AND d.defaclnamespace IN (0, n.oid)
   AND d.defaclobjtype = CASE c.relkind WHEN 'S' THEN 'S' ELSE 'r' END
 CROSS JOIN aclexplode(d.defaclacl) a
 WHERE n.nspname = $1::text AND c.relname IN (SELECT json_array_elements_text($2::text::json))
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner = o.oid AND a.grantee <> o.oid";

/// Who works with the tables `$2` without owning them, and has no privileges on what the role `$3` makes for the owner `$4`.
/// The roles of a Data API stand for everybody: no table is opened to them in passing.
const OTHERS: &str = "\
WITH wanted AS (
    SELECT a.grantee, a.privilege_type
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN aclexplode(c.relacl) a
     WHERE n.nspname = $1::text AND c.relname IN (SELECT json_array_elements_text($2::text::json)) AND a.grantee <> c.relowner
       AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    EXCEPT
    SELECT a.grantee, a.privilege_type
      FROM pg_default_acl d JOIN pg_roles o ON o.oid = d.defaclrole CROSS JOIN aclexplode(d.defaclacl) a
     WHERE d.defaclobjtype = 'r' AND o.rolname IN ($3::text, $4::text)
       AND d.defaclnamespace IN (0, (SELECT oid FROM pg_namespace WHERE nspname = $1::text))
)
SELECT CASE w.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(g.rolname) END,
       string_agg(w.privilege_type, ', ' ORDER BY array_position(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'], w.privilege_type))
  FROM wanted w LEFT JOIN pg_roles g ON g.oid = w.grantee
 WHERE coalesce(g.rolname NOT IN ($3::text, $4::text, 'anon', 'authenticated') AND NOT g.rolsuper, true)
   AND NOT coalesce(pg_has_role(g.oid, (SELECT oid FROM pg_roles WHERE rolname = $4::text), 'USAGE'), false)
 GROUP BY w.grantee, g.rolname ORDER BY 1";

impl Session {
    /// Who owns the tables that are related to what a role makes.
    pub fn related_tables_owner(
        &mut self,
        role: &str,
        tables: &[String],
    ) -> Result<RelatedTablesOwner, DatabaseError> {
        // From 16 on a member may be kept from acting as the role.
        let acting = if self.version() >= 160_000 { "SET" } else { "MEMBER" };
        let schema = self.target().schema.clone();
        let parameters = [role, &schema, &json_list(tables), acting];
        let rows = self.connection.fetch_inlined(OWNERS, &parameters)?;
        let owner = |row| {
            let mut cells = Cells::new(row);
            let owner = Owner { role: cells.text(), superuser: cells.flag() };
            NewOwner { owner, can_reassign: cells.flag(), can_create: cells.flag() }
        };
        let mut owners: Vec<NewOwner> = rows.into_iter().map(owner).collect();
        Ok(match owners.len() {
            0 => RelatedTablesOwner::NoTables,
            1 if owners[0].owner.role == role => RelatedTablesOwner::SameRole,
            1 => RelatedTablesOwner::OtherRole(owners.remove(0)),
            _ => {
                let roles = owners.into_iter().map(|one| one.owner.role);
                RelatedTablesOwner::SeveralRoles(roles.collect())
            }
        })
    }

    /// The grants with which those who work with some tables, without owning them, can work with new ones too, which a
    /// role makes for an owner.
    pub fn grants_for_others(
        &mut self,
        new: &[String],
        tables: &[String],
        role: &str,
        owner: &str,
    ) -> Result<Vec<String>, DatabaseError> {
        if new.is_empty() {
            return Ok(vec![]);
        }
        let schema = self.target().schema.clone();
        let parameters = [schema.as_str(), &json_list(tables), role, owner];
        let rows = self.connection.fetch_inlined(OTHERS, &parameters)?;
        let new: Vec<String> = new.iter().map(|name| quote_qualified(&schema, name)).collect();
        let new = new.join(", ");
        let statement = |row| {
            let mut cells = Cells::new(row);
            let (grantee, privileges) = (cells.text(), cells.text());
            format!("GRANT {privileges} ON TABLE {new} TO {grantee};")
        };
        Ok(rows.into_iter().map(statement).collect())
    }

    pub(crate) fn grants_for_new_tables(
        &mut self,
        made: &[ObjectChange],
        tables: &[String],
        role: &str,
        owner: &RelatedTablesOwner,
    ) -> Result<Vec<String>, DatabaseError> {
        let owner = owner.other_role().map_or(role, |other| &other.owner.role);
        let new = created(made).filter(|one| one.kind == "table").map(|one| one.name.clone());
        self.grants_for_others(&new.collect::<Vec<_>>(), tables, role, owner)
    }

    pub(crate) fn reassign_ownership(
        &mut self,
        made: &[ObjectChange],
        role: &str,
        owner: &RelatedTablesOwner,
    ) -> Result<ObjectOwnership, DatabaseError> {
        let Some(NewOwner { owner, can_reassign, can_create }) = owner.other_role() else {
            return Ok(ObjectOwnership::Unchanged);
        };
        let (owner, schema) = (owner.role.clone(), self.target().schema.clone());
        let names: Vec<String> = created(made).map(|one| one.name.clone()).collect();
        let names = json_list(&names);
        let statements =
            self.connection.fetch_showing_names(REASSIGN, &[role, &schema, &names, &owner])?;
        let statements = first_column(statements);
        if statements.is_empty() {
            return Ok(ObjectOwnership::Unchanged);
        }
        if !(*can_reassign && *can_create) {
            return Ok(ObjectOwnership::NotReassigned { role: role.into(), owner, statements });
        }
        self.connection.execute_text(&statements.join(" "))?;
        let grants = self.connection.fetch_inlined(DEFAULT_GRANTS, &[&schema, &names, &owner])?;
        let grants = first_column(grants);
        if !grants.is_empty() {
            self.connection.execute_text(&grants.join(" "))?;
        }
        Ok(ObjectOwnership::Reassigned { owner })
    }
}

impl NewOwner {
    /// What has to be granted before a role can reassign to it what the role makes in a schema.
    pub fn missing_grants(&self, role: &str, schema: &str) -> Vec<String> {
        let (owner, role) = (quote_identifier(&self.owner.role), quote_identifier(role));
        let membership = (!self.can_reassign).then(|| format!("GRANT {owner} TO {role};"));
        let create = format!("GRANT CREATE ON SCHEMA {} TO {owner};", quote_identifier(schema));
        membership.into_iter().chain((!self.can_create).then_some(create)).collect()
    }
}

fn created(made: &[ObjectChange]) -> impl Iterator<Item = &ObjectChange> {
    made.iter().filter(|one| one.verb == ObjectVerb::Created)
}

fn json_list(names: &[String]) -> String {
    serde_json::json!(names).to_string()
}
