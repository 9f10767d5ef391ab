//! Whose is what an SQL file makes: it goes to the owner of the tables that it belongs with, as if that owner had made
//! it. Otherwise the application, which works as that owner, could not read its own new tables.

use leora_report::{DatabaseError, ObjectChange, ObjectOwnership, ObjectVerb};
use leora_rule::{Sql, quote_identifier, quote_qualified};

use crate::{Owner, Session};

/// Who owns the tables that a new one belongs with.
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

/// The owner of the tables that a new one belongs with, where that is not the role that makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOwner {
    /// The owner.
    pub owner: Owner,
    /// Whether the role may make it the owner of what the role has made.
    pub can_reassign: bool,
    /// Whether it may have something in the schema.
    pub can_create: bool,
}

/// `$4` is the privilege to make another role the owner.
const KIN: &str = "\
SELECT DISTINCT o.rolname::text, o.rolsuper::text,
       coalesce(r.rolsuper OR pg_has_role(r.oid, o.oid, $4::text), false)::text,
       (coalesce(r.rolsuper, false) OR has_schema_privilege(o.oid, n.oid, 'CREATE'))::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
  LEFT JOIN pg_roles r ON r.rolname = $1::text
 WHERE n.nspname = $2::text AND c.relname IN (SELECT json_array_elements_text($3::text::json)) AND c.relkind IN ('r', 'p')
 ORDER BY 1";

/// What gives new objects, `$3`, to an owner, `$4`: the sequence of a column goes with its table.
const GIVING: &str = "\
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

/// What the owner, `$3`, gives to others of each table and sequence that it makes: the server does so only for the role
/// that makes it.
const DEFAULTS: &str = "\
SELECT format('GRANT %s ON %s %I.%I TO %s%s;', a.privilege_type, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
              n.nspname, c.relname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
              CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.rolname = $3::text
  JOIN pg_default_acl d ON d.defaclrole = o.oid AND d.defaclnamespace IN (0, n.oid)
   AND d.defaclobjtype = CASE c.relkind WHEN 'S' THEN 'S' ELSE 'r' END
 CROSS JOIN aclexplode(d.defaclacl) a
 WHERE n.nspname = $1::text AND c.relname IN (SELECT json_array_elements_text($2::text::json))
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner = o.oid AND a.grantee <> o.oid";

/// Who works with the tables `$2` without owning them, and has no part in what the maker `$3` makes for the owner `$4`. The
/// roles of a Data API stand for everybody: nobody opens a table to them in passing.
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
    /// Who owns the tables that something made by a role belongs with.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn related_tables_owner(
        &mut self,
        role: &str,
        tables: &[String],
    ) -> Result<RelatedTablesOwner, DatabaseError> {
        // From 16 on a member may be kept from acting as the role.
        let acting = if self.version() >= 160_000 { "SET" } else { "MEMBER" };
        let schema = self.target().schema.clone();
        let rows = self.told(KIN, &[role, &schema, &list(tables), acting])?;
        let mut heirs = rows.into_iter().map(|row| {
            let truth = |at: usize| row[at] == "true";
            let owner = Owner { role: row[0].clone(), superuser: truth(1) };
            NewOwner { owner, can_reassign: truth(2), can_create: truth(3) }
        });
        let (Some(first), second) = (heirs.next(), heirs.next()) else {
            return Ok(RelatedTablesOwner::NoTables);
        };
        Ok(match second {
            Some(second) => {
                let all = [first, second].into_iter().chain(heirs);
                RelatedTablesOwner::SeveralRoles(all.map(|heir| heir.owner.role).collect())
            }
            None if first.owner.role == role => RelatedTablesOwner::SameRole,
            None => RelatedTablesOwner::OtherRole(first),
        })
    }

    /// What lets those who work with some tables, without owning them, do so with new ones, made by a role for an owner.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
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
        let rows = self.told(OTHERS, &[&schema, &list(tables), role, owner])?;
        let new: Vec<String> = new.iter().map(|name| quote_qualified(&schema, name)).collect();
        let statement = |row: Vec<String>| {
            format!("GRANT {} ON TABLE {} TO {};", row[1], new.join(", "), row[0])
        };
        Ok(rows.into_iter().map(statement).collect())
    }

    /// Gives what a role made to the owner of the tables that it belongs with.
    pub(crate) fn reassign_ownership(
        &mut self,
        made: &[ObjectChange],
        role: &str,
        kin: &RelatedTablesOwner,
    ) -> Result<ObjectOwnership, DatabaseError> {
        let RelatedTablesOwner::OtherRole(NewOwner { owner, can_reassign, can_create }) = kin
        else {
            return Ok(ObjectOwnership::Own);
        };
        let (owner, schema) = (&owner.role, self.target().schema.clone());
        let names: Vec<String> = created(made).map(|one| one.name.clone()).collect();
        let names = list(&names);
        let statements = firsts(self.told(GIVING, &[role, &schema, &names, owner])?);
        if statements.is_empty() {
            return Ok(ObjectOwnership::Own);
        }
        if !(*can_reassign && *can_create) {
            return Ok(ObjectOwnership::Kept {
                role: role.into(),
                owner: owner.clone(),
                statements,
            });
        }
        self.connection.execute_text(&statements.join(" "))?;
        let grants = firsts(self.told(DEFAULTS, &[&schema, &names, owner])?);
        if !grants.is_empty() {
            self.connection.execute_text(&grants.join(" "))?;
        }
        Ok(ObjectOwnership::Given { owner: owner.clone() })
    }

    fn told(&mut self, text: &str, parameters: &[&str]) -> Result<Vec<Vec<String>>, DatabaseError> {
        let parameters = parameters.iter().map(|text| Some((*text).to_owned())).collect();
        let rows = self.connection.fetch_inlined(&Sql { text: text.to_owned(), parameters })?;
        Ok(rows
            .into_iter()
            .map(|row| row.into_iter().map(Option::unwrap_or_default).collect())
            .collect())
    }
}

impl NewOwner {
    /// What has to be granted, by whom may do so, before a role can give it what it makes in a schema.
    pub fn missing_grants(&self, role: &str, schema: &str) -> Vec<String> {
        let (owner, role) = (quote_identifier(&self.owner.role), quote_identifier(role));
        let membership = (!self.can_reassign).then(|| format!("GRANT {owner} TO {role};"));
        let create = format!("GRANT CREATE ON SCHEMA {} TO {owner};", quote_identifier(schema));
        membership.into_iter().chain((!self.can_create).then_some(create)).collect()
    }
}

/// What is new.
pub(crate) fn created(made: &[ObjectChange]) -> impl Iterator<Item = &ObjectChange> {
    made.iter().filter(|one| one.verb == ObjectVerb::Created)
}

fn list(names: &[String]) -> String {
    serde_json::json!(names).to_string()
}

fn firsts(rows: Vec<Vec<String>>) -> Vec<String> {
    rows.into_iter().filter_map(|row| row.into_iter().next()).collect()
}
