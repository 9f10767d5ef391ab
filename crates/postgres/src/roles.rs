//! Roles, and who owns what in a schema.

use std::collections::BTreeMap;

use leora_report::DatabaseError;

use crate::Session;
use crate::connection::Cells;

/// Who owns what in a schema, and which tables hide rows by row-level security.
#[derive(Clone, Debug, Default)]
pub struct Ownership {
    /// The owners of tables and views, by name.
    pub tables: BTreeMap<String, TableOwner>,
    /// The owners of enums and other types that are no table's, by name.
    pub types: BTreeMap<String, Owner>,
    /// The schema's owner.
    pub schema: Option<Owner>,
    /// The database's owner.
    pub database: Option<Owner>,
}

/// A role that owns something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// Its name.
    pub role: String,
    /// Whether it is a superuser, of which no other role should be a member.
    pub superuser: bool,
}

/// The owner of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOwner {
    /// The owner.
    pub owner: Owner,
    /// Whether row-level security is on.
    pub row_security: bool,
    /// Whether it applies to the owner too.
    pub forced: bool,
    /// The sequences that its defaults take numbers from.
    pub sequences: Vec<String>,
}

/// A role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Whether the role exists.
    pub exists: bool,
    /// Whether it may do everything.
    pub superuser: bool,
}

const OWNERS: &str = "\
SELECT 'table', c.relname::text, r.rolname::text, r.rolsuper::text, c.relrowsecurity::text, c.relforcerowsecurity::text,
       (SELECT json_agg(s.relname ORDER BY s.relname)::text FROM pg_attrdef d
          JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass
          JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S' AND s.relnamespace = c.relnamespace WHERE d.adrelid = c.oid)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
 WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL
SELECT 'type', t.typname::text, r.rolname::text, r.rolsuper::text, NULL, NULL, NULL
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_roles r ON r.oid = t.typowner
 WHERE n.nspname = $1::text AND t.typtype IN ('e', 'd')
UNION ALL
SELECT 'schema', n.nspname::text, r.rolname::text, r.rolsuper::text, NULL, NULL, NULL
  FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname = $1::text
UNION ALL
SELECT 'database', d.datname::text, r.rolname::text, r.rolsuper::text, NULL, NULL, NULL
  FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = current_database()";

impl Session {
    /// Who owns what in a schema.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn ownership(&mut self, schema: &str) -> Result<Ownership, DatabaseError> {
        let mut found = Ownership::default();
        for row in self.connection.fetch_inlined(OWNERS, &[schema])? {
            let mut cells = Cells::new(row);
            let (kind, name) = (cells.text(), cells.text());
            let owner = Owner { role: cells.text(), superuser: cells.flag() };
            match kind.as_str() {
                "type" => {
                    found.types.insert(name, owner);
                }
                "schema" => found.schema = Some(owner),
                "database" => found.database = Some(owner),
                _ => {
                    let (row_security, forced) = (cells.flag(), cells.flag());
                    let sequences = cells.list();
                    let table = TableOwner { owner, row_security, forced, sequences };
                    found.tables.insert(name, table);
                }
            }
        }
        Ok(found)
    }

    /// The role of this connection.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn current_role(&mut self) -> Result<Role, DatabaseError> {
        let text =
            "SELECT rolname::text, rolsuper::text FROM pg_roles WHERE rolname = current_user";
        let mut cells = Cells::of_first(self.connection.fetch_text(text)?);
        let name = cells.optional();
        let (exists, superuser) = (name.is_some(), cells.flag());
        Ok(Role { name: name.unwrap_or_default(), exists, superuser })
    }

    /// The role of this name, which need not exist.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn role(&mut self, name: &str) -> Result<Role, DatabaseError> {
        let text = "SELECT rolsuper::text FROM pg_roles WHERE rolname = $1::text";
        let superuser = Cells::of_first(self.connection.fetch_inlined(text, &[name])?).optional();
        Ok(Role {
            name: name.to_owned(),
            exists: superuser.is_some(),
            superuser: superuser.as_deref() == Some("true"),
        })
    }
}
