//! Privileges: whether a role has one, and the statement that grants it.

use leora_report::DatabaseError;
use leora_rule::{quote_identifier, quote_qualified};

use crate::connection::Cells;
use crate::history::{HISTORY_RECORDERS, HISTORY_UPGRADE, history_functions};
use crate::{Owner, Session};

/// Something that a role must be allowed to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Privilege {
    /// To connect to the database.
    Connect,
    /// To create temporary tables in the database.
    Temporary,
    /// To use what is in a schema.
    Usage {
        /// The schema.
        schema: String,
    },
    /// To create tables and types in a schema.
    Create {
        /// The schema.
        schema: String,
    },
    /// To be the owner of a table or type, or a member of its role.
    Own {
        /// The kind of object.
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
    /// To see every row of these tables of a schema, despite row-level security.
    EveryRow {
        /// Their schema.
        schema: String,
        /// Their names.
        tables: Vec<String>,
    },
    /// To call the functions of the history.
    HistoryFunctions {
        /// Also those that record migrations.
        records: bool,
    },
    /// To create the schema of the history, where it is missing.
    History,
    /// To upgrade the history of an older version.
    HistoryUpgrade,
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

const RELATION: &str = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2::text AND c.relname = $3::text";

impl Session {
    /// Whether an existing role has a privilege, itself or through a role that it inherits from.
    pub fn has_privilege(
        &mut self,
        role: &str,
        privilege: &Privilege,
    ) -> Result<bool, DatabaseError> {
        let (condition, objects) = self.condition(privilege);
        let parameters: Vec<&str> =
            std::iter::once(role).chain(objects.iter().map(String::as_str)).collect();
        let text = format!("SELECT coalesce(({condition}), false)::text");
        Ok(Cells::of_first(self.connection.fetch_inlined(&text, &parameters)?).flag())
    }

    /// The condition under which the role `$1` has a privilege, on the objects `$2`, `$3`. By their oid: to look them
    /// up by name, this role would need the schema's USAGE.
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
            Privilege::Temporary => {
                ("has_database_privilege($1::text, current_database(), 'TEMPORARY')".into(), vec![])
            }
            Privilege::History => {
                ("has_database_privilege($1::text, current_database(), 'CREATE')".into(), vec![])
            }
            Privilege::HistoryUpgrade => (
                "SELECT pg_catalog.pg_has_role($1::text, n.nspowner, 'USAGE') FROM pg_catalog.pg_namespace n \
                 WHERE n.nspname = 'leora_run'".into(),
                vec![],
            ),
            Privilege::HistoryFunctions { records } => (
                "SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege($1::text, p.oid, 'EXECUTE')) \
                 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'leora_run' \
                 AND NOT (p.proname IN (SELECT json_array_elements_text($2::text::json)))".into(),
                vec![serde_json::json!(if *records { &[][..] } else { &HISTORY_RECORDERS[..] }).to_string()],
            ),
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

    /// The statement that grants a role a privilege; `owner` is who owns the object, for those that only owners have.
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
            Privilege::Temporary => format!("GRANT TEMPORARY ON DATABASE {database} TO {to};"),
            Privilege::History => format!("GRANT CREATE ON DATABASE {database} TO {to};"),
            Privilege::HistoryUpgrade => HISTORY_UPGRADE.trim_end().to_owned(),
            Privilege::HistoryFunctions { records: true } => {
                format!("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA leora_run TO {to};")
            }
            Privilege::HistoryFunctions { records: false } => {
                let functions = history_functions().join(", ");
                format!("GRANT EXECUTE ON FUNCTION {functions} TO {to};")
            }
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
