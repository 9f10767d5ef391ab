//! What a run has to know of the tables that it writes: their size, triggers, views, deferred constraints.

use leora_report::DatabaseError;

use crate::connection::{Cells, first_column};
use crate::inspection::Inspection;

/// What a run has to know of the tables that it writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableFacts {
    /// The size of each.
    pub sizes: Vec<TableSize>,
    /// The enabled triggers, without those of foreign keys.
    pub triggers: Vec<Trigger>,
    /// The views that read from any of them; a materialized one has to be refreshed.
    pub views: Vec<(String, bool)>,
    /// The constraints that are checked only at the end of a transaction, as `Table.name`.
    pub deferred: Vec<String>,
}

/// How large a table is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSize {
    /// Its name.
    pub name: String,
    /// About how many rows it has; none where they were never counted.
    pub rows: Option<u64>,
    /// Its size in bytes, with its indexes.
    pub bytes: u64,
}

/// A trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Its name, as `Table.name`.
    pub name: String,
    /// What it can do to a run.
    pub kind: TriggerKind,
    /// Its function and the owner of that, where the function runs with rights that its owner lacks.
    pub lent: Option<(String, String)>,
}

impl Trigger {
    /// Whose function runs with rights that its owner lacks: "Customer.audit calls audit() of ann".
    pub fn describe_lent_rights(&self) -> Option<String> {
        let (function, owner) = self.lent.as_ref()?;
        Some(format!("{} calls {function}() of {owner}", self.name))
    }
}

/// What a trigger can do to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerKind {
    /// It may store other values than those that are set, or skip rows.
    MayChange,
    /// It runs, and leaves the values as they are.
    Acts,
}

/// Rows that were never counted: -1, or no rows on no pages where the table has some, as before PostgreSQL 14.
const SIZES: &str = "\
SELECT c.relname::text,
       CASE WHEN c.reltuples > 0 OR c.reltuples = 0 AND (c.relpages > 0 OR pg_relation_size(c.oid) = 0) THEN c.reltuples::bigint::text END,
       pg_total_relation_size(c.oid)::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relname IN (SELECT json_array_elements_text($2::text::json)) AND c.relkind IN ('r', 'p')
 ORDER BY 1";

/// BEFORE (2) each row (1). A function runs with the rights of the role, `$3` or else the present one, which may be a superuser, see rows that policies
/// hide, be a member of roles that the function's owner is no member of, or have privileges on relations and columns that the owner
/// has not. The history's functions look at who logged in. The triggers of partitions count, but the copies there of a
/// trigger of the whole table do not.
const TRIGGERS: &str = "\
WITH RECURSIVE tree AS (
  SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1::text AND c.relname IN (SELECT json_array_elements_text($2::text::json))
  UNION SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
)
SELECT c.relname || '.' || t.tgname, (t.tgtype & 3 = 3)::text, p.proname::text,
       CASE WHEN NOT p.prosecdef AND NOT o.rolsuper AND o.oid <> r.oid
             AND (r.rolsuper OR r.rolbypassrls AND NOT o.rolbypassrls OR r.rolcreaterole AND NOT o.rolcreaterole
                  OR r.rolcreatedb AND NOT o.rolcreatedb OR r.rolreplication AND NOT o.rolreplication OR EXISTS (SELECT FROM pg_roles m
                    WHERE m.oid <> r.oid AND pg_has_role(r.oid, m.oid, 'MEMBER') AND NOT pg_has_role(o.oid, m.oid, 'MEMBER'))
                  OR EXISTS (SELECT FROM pg_class k JOIN pg_namespace s ON s.oid = k.relnamespace
                    WHERE k.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND s.nspname <> 'information_schema' AND s.nspname !~ '^pg_'
                      AND has_schema_privilege(r.oid, s.oid, 'USAGE')
                      -- To run folders, a role reads the tables of the history.
                      AND (k.relowner = r.oid AND NOT pg_has_role(o.oid, r.oid, 'MEMBER')
                        OR k.relkind = 'S' AND has_sequence_privilege(r.oid, k.oid, 'USAGE') AND NOT has_sequence_privilege(o.oid, k.oid, 'USAGE')
                        OR s.nspname <> 'leora_run' AND k.relkind <> 'S' AND (NOT has_schema_privilege(o.oid, s.oid, 'USAGE')
                          AND (has_any_column_privilege(r.oid, k.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(r.oid, k.oid, 'DELETE, TRUNCATE'))
                        OR EXISTS (SELECT FROM unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS verb
                             WHERE has_table_privilege(r.oid, k.oid, verb) AND NOT has_table_privilege(o.oid, k.oid, verb))
                        OR EXISTS (SELECT FROM pg_attribute a, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS verb
                             WHERE a.attrelid = k.oid AND a.attnum > 0 AND NOT a.attisdropped
                               AND has_column_privilege(r.oid, k.oid, a.attnum, verb) AND NOT has_column_privilege(o.oid, k.oid, a.attnum, verb)))))
                  OR EXISTS (SELECT FROM pg_namespace s WHERE s.nspname !~ '^pg_' AND has_schema_privilege(r.oid, s.oid, 'CREATE')
                    AND NOT has_schema_privilege(o.oid, s.oid, 'CREATE'))
                  OR EXISTS (SELECT FROM pg_proc f JOIN pg_namespace s ON s.oid = f.pronamespace
                    WHERE s.nspname NOT IN ('information_schema', 'leora_run') AND s.nspname !~ '^pg_' AND has_schema_privilege(r.oid, s.oid, 'USAGE')
                      AND has_function_privilege(r.oid, f.oid, 'EXECUTE') AND NOT has_function_privilege(o.oid, f.oid, 'EXECUTE')))
            THEN o.rolname END::text
  FROM pg_trigger t JOIN tree ON tree.oid = t.tgrelid JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_roles o ON o.oid = p.proowner LEFT JOIN pg_roles r ON r.rolname = coalesce(nullif($3::text, ''), current_user)
 WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
   AND NOT EXISTS (SELECT FROM pg_trigger whole WHERE whole.oid = t.tgparentid AND whole.tgenabled <> 'D') ORDER BY 1";

const VIEWS: &str = "\
SELECT DISTINCT v.oid::regclass::text, (v.relkind = 'm')::text
  FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class
  JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND v.oid <> c.oid AND v.relkind IN ('v', 'm')
   AND n.nspname = $1::text AND c.relname IN (SELECT json_array_elements_text($2::text::json)) ORDER BY 1";

const DEFERRED: &str = "\
SELECT c.relname || '.' || k.conname
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relname IN (SELECT json_array_elements_text($2::text::json)) AND k.condeferred ORDER BY 1";

impl Inspection<'_> {
    /// The triggers of these tables whose functions would run with rights that their owners lack, if the present role writes.
    pub fn triggers_with_lent_rights(
        &mut self,
        tables: &[String],
    ) -> Result<Vec<Trigger>, DatabaseError> {
        let schema = self.session.target().schema.clone();
        let mut triggers = self.triggers(&schema, &serde_json::json!(tables).to_string(), "")?;
        triggers.retain(|trigger| trigger.lent.is_some());
        Ok(triggers)
    }

    fn triggers(
        &mut self,
        schema: &str,
        tables: &str,
        role: &str,
    ) -> Result<Vec<Trigger>, DatabaseError> {
        let trigger = |row| {
            let mut row = Cells::new(row);
            let name = row.text();
            let kind = if row.flag() { TriggerKind::MayChange } else { TriggerKind::Acts };
            let (function, owner) = (row.text(), row.optional());
            Trigger { name, kind, lent: owner.map(|owner| (function, owner)) }
        };
        Ok(self.ask(TRIGGERS, &[schema, tables, role])?.into_iter().map(trigger).collect())
    }

    /// The facts about these tables of a schema, as this role would write them.
    pub fn table_facts(
        &mut self,
        schema: &str,
        tables: &[String],
        role: &str,
    ) -> Result<TableFacts, DatabaseError> {
        let tables = serde_json::json!(tables).to_string();
        let about = [schema, tables.as_str()];
        let sizes = self.ask(SIZES, &about)?.into_iter().map(|row| {
            let mut row = Cells::new(row);
            let name = row.text();
            let rows = row.optional_number();
            TableSize { name, rows, bytes: row.number() }
        });
        let triggers = self.triggers(schema, &tables, role)?;
        let views =
            self.session.connection.fetch_showing_names(VIEWS, &about)?.into_iter().map(|row| {
                let mut row = Cells::new(row);
                (row.text(), row.flag())
            });
        Ok(TableFacts {
            sizes: sizes.collect(),
            triggers,
            views: views.collect(),
            deferred: first_column(self.ask(DEFERRED, &about)?),
        })
    }
}
