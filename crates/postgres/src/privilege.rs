//! Privileges: whether a role has one, and the statement that gives it.

use std::collections::BTreeMap;

use leora_report::DatabaseError;
use leora_rule::{Sql, quote_identifier, quote_qualified};

use crate::Session;
use crate::connection::TextRow;

/// Something that a role must be allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Privilege {
    /// To connect to the database.
    Connect,
    /// To use what is in a schema.
    Usage {
        /// The schema.
        schema: String,
    },
    /// To make tables and types in a schema.
    Create {
        /// The schema.
        schema: String,
    },
    /// To be the owner of a table or type, or a member of its role.
    Own {
        /// The sort of object.
        kind: OwnedKind,
        /// Its schema.
        schema: String,
        /// Its name.
        name: String,
    },
    /// To read, insert, update, delete or refer to the rows of a table.
    Table {
        /// Its schema.
        schema: String,
        /// Its name.
        name: String,
        /// What is done with it.
        verb: TableVerb,
    },
    /// To lock a whole table.
    Lock {
        /// Its schema.
        schema: String,
        /// Its name.
        name: String,
    },
    /// To take numbers from a sequence.
    Sequence {
        /// Its schema.
        schema: String,
        /// Its name.
        name: String,
    },
    /// To see every row of these tables of a schema, in spite of row-level security.
    EveryRow {
        /// Their schema.
        schema: String,
        /// Their names.
        tables: Vec<String>,
    },
    /// To make the schema of the history, where it is missing.
    History,
}

/// What can be owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnedKind {
    /// A table.
    Table,
    /// A type, such as an enum.
    Type,
}

/// What is done with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableVerb {
    /// Its rows are read.
    Select,
    /// Rows are added.
    Insert,
    /// Rows are changed.
    Update,
    /// Rows are deleted.
    Delete,
    /// A foreign key refers to it.
    References,
}

impl TableVerb {
    /// The privilege's name in SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::References => "REFERENCES",
        }
    }
}

/// Who owns what in a schema, and which tables keep rows from some.
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
    /// Whether it is a superuser: nobody should be a member of that.
    pub superuser: bool,
}

/// The owner of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOwner {
    /// The owner.
    pub owner: Owner,
    /// Whether row-level security is on.
    pub row_security: bool,
    /// Whether it holds for the owner too.
    pub forced: bool,
    /// The sequences that its defaults take numbers from.
    pub sequences: Vec<String>,
}

/// A role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Whether there is such a role.
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

/// The row of pg_class for a schema and a name, `$2` and `$3`.
const RELATION: &str = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2::text AND c.relname = $3::text";

impl Session {
    /// Who owns what in a schema.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn ownership(&mut self, schema: &str) -> Result<Ownership, DatabaseError> {
        let sql = Sql { text: OWNERS.to_owned(), parameters: vec![Some(schema.to_owned())] };
        let mut found = Ownership::default();
        for row in self.connection.fetch_inlined(&sql)? {
            let [sort, name, role, superuser, security, forced, sequences] =
                <[Option<String>; 7]>::try_from(row).unwrap_or_default();
            let truth = |text: Option<String>| text.as_deref() == Some("true");
            let (name, superuser) = (name.unwrap_or_default(), truth(superuser));
            let owner = Owner { role: role.unwrap_or_default(), superuser };
            match sort.as_deref() {
                Some("type") => {
                    found.types.insert(name, owner);
                }
                Some("schema") => found.schema = Some(owner),
                Some("database") => found.database = Some(owner),
                _ => {
                    let sequences = sequences.and_then(|json| serde_json::from_str(&json).ok());
                    let table = TableOwner {
                        owner,
                        row_security: truth(security),
                        forced: truth(forced),
                        sequences: sequences.unwrap_or_default(),
                    };
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
        let row = self.connection.fetch_text(text)?.into_iter().next();
        let exists = row.is_some();
        let [name, superuser] = row.and_then(|row| row.try_into().ok()).unwrap_or_default();
        let superuser = superuser.as_deref() == Some("true");
        Ok(Role { name: name.unwrap_or_default(), exists, superuser })
    }

    /// What is known of a role.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn role(&mut self, name: &str) -> Result<Role, DatabaseError> {
        let text = "SELECT rolsuper::text FROM pg_roles WHERE rolname = $1::text".to_owned();
        let rows = self
            .connection
            .fetch_inlined(&Sql { text, parameters: vec![Some(name.to_owned())] })?;
        let superuser = rows.first().map(|row| row[0].as_deref() == Some("true"));
        Ok(Role {
            name: name.to_owned(),
            exists: superuser.is_some(),
            superuser: superuser == Some(true),
        })
    }

    /// Whether a role that there is has a privilege, itself or through a role that it inherits from.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn has_privilege(
        &mut self,
        role: &str,
        privilege: &Privilege,
    ) -> Result<bool, DatabaseError> {
        let (condition, objects) = self.condition(privilege);
        let parameters = std::iter::once(role.to_owned()).chain(objects).map(Some).collect();
        let text = format!("SELECT coalesce(({condition}), false)::text");
        let rows: Vec<TextRow> = self.connection.fetch_inlined(&Sql { text, parameters })?;
        Ok(rows[0][0].as_deref() == Some("true"))
    }

    /// The condition under which the role `$1` has a privilege, on the objects `$2`, `$3`. By their oid: to look them
    /// up by name, whoever asks would need the schema's USAGE.
    fn condition(&self, privilege: &Privilege) -> (String, Vec<String>) {
        let schema_has = |verb: &str| {
            format!(
                "SELECT has_schema_privilege($1::text, n.oid, '{verb}') FROM pg_namespace n WHERE n.nspname = $2::text"
            )
        };
        let table_has = |verbs: &str| {
            format!("SELECT has_table_privilege($1::text, c.oid, '{verbs}') {RELATION}")
        };
        match privilege {
            Privilege::Connect => {
                ("has_database_privilege($1::text, current_database(), 'CONNECT')".into(), vec![])
            }
            Privilege::History => {
                ("has_database_privilege($1::text, current_database(), 'CREATE')".into(), vec![])
            }
            Privilege::Usage { schema } => (schema_has("USAGE"), vec![schema.clone()]),
            Privilege::Create { schema } => (schema_has("CREATE"), vec![schema.clone()]),
            Privilege::Own { kind: OwnedKind::Table, schema, name } => (
                format!("SELECT pg_has_role($1::text, c.relowner, 'USAGE') {RELATION}"),
                vec![schema.clone(), name.clone()],
            ),
            Privilege::Own { kind: OwnedKind::Type, schema, name } => (
                "SELECT pg_has_role($1::text, t.typowner, 'USAGE') FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
                 WHERE n.nspname = $2::text AND t.typname = $3::text".into(),
                vec![schema.clone(), name.clone()],
            ),
            Privilege::Table { schema, name, verb } => {
                (table_has(verb.sql()), vec![schema.clone(), name.clone()])
            }
            Privilege::Lock { schema, name } => {
                let verbs = match self.has_maintain() {
                    true => "UPDATE, DELETE, TRUNCATE, MAINTAIN",
                    false => "UPDATE, DELETE, TRUNCATE",
                };
                (table_has(verbs), vec![schema.clone(), name.clone()])
            }
            Privilege::Sequence { schema, name } => (
                format!("SELECT has_sequence_privilege($1::text, c.oid, 'USAGE') {RELATION}"),
                vec![schema.clone(), name.clone()],
            ),
            Privilege::EveryRow { schema, tables } => (
                "SELECT bool_and(r.rolsuper OR r.rolbypassrls OR NOT c.relrowsecurity \
                          OR pg_has_role(r.oid, c.relowner, 'USAGE') AND NOT c.relforcerowsecurity) \
                   FROM pg_roles r, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                  WHERE r.rolname = $1::text AND n.nspname = $2::text \
                    AND c.relname IN (SELECT json_array_elements_text($3::text::json))".into(),
                vec![schema.clone(), serde_json::json!(tables).to_string()],
            ),
        }
    }

    /// Whether the server has the privilege to lock and maintain tables without writing to them.
    fn has_maintain(&self) -> bool {
        self.version() >= 170_000
    }

    /// The statement that gives a role a privilege; `owner` is who owns the object, for those that only owners have.
    pub fn grant_statement(
        &self,
        role: &str,
        privilege: &Privilege,
        owner: Option<&Owner>,
    ) -> String {
        let to = quote_identifier(role);
        let database = quote_identifier(&self.target().database);
        match privilege {
            Privilege::Connect => format!("GRANT CONNECT ON DATABASE {database} TO {to};"),
            Privilege::History => format!("GRANT CREATE ON DATABASE {database} TO {to};"),
            Privilege::Usage { schema } => {
                format!("GRANT USAGE ON SCHEMA {} TO {to};", quote_identifier(schema))
            }
            Privilege::Create { schema } => {
                format!("GRANT CREATE ON SCHEMA {} TO {to};", quote_identifier(schema))
            }
            Privilege::Own { kind, schema, name } => match owner.filter(|owner| !owner.superuser) {
                Some(owner) => format!("GRANT {} TO {to};", quote_identifier(&owner.role)),
                None => {
                    let word = match kind {
                        OwnedKind::Table => "TABLE",
                        OwnedKind::Type => "TYPE",
                    };
                    format!("ALTER {word} {} OWNER TO {to};", quote_qualified(schema, name))
                }
            },
            Privilege::Table { schema, name, verb } => {
                let table = quote_qualified(schema, name);
                format!("GRANT {} ON TABLE {table} TO {to};", verb.sql())
            }
            Privilege::Lock { schema, name } => {
                let verb = if self.has_maintain() { "MAINTAIN" } else { "UPDATE" };
                format!("GRANT {verb} ON TABLE {} TO {to};", quote_qualified(schema, name))
            }
            Privilege::Sequence { schema, name } => {
                format!("GRANT USAGE ON SEQUENCE {} TO {to};", quote_qualified(schema, name))
            }
            Privilege::EveryRow { .. } => format!("ALTER ROLE {to} BYPASSRLS;"),
        }
    }
}
