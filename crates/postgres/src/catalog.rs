//! What the database's catalog says about tables, types, indexes and foreign keys.

use leora_report::DatabaseError;
use leora_rule::{Column, DataType, ForeignKey, Index, KeyBy, Kind, Sql, Table, quote_qualified};

use crate::Session;
use crate::connection::TextRow;

/// Reads the catalog of the CRM's schema.
#[derive(Debug)]
pub struct Catalog<'s> {
    session: &'s mut Session,
}

/// The tables of these names, each with its columns and its key as JSON: one statement, since planning three would be
/// most of their cost.
const TABLES: &str = "\
SELECT c.relname::text,
       CASE WHEN c.relkind = 'v' THEN 'it is a view' WHEN c.relkind = 'm' THEN 'it is a materialized view'
            WHEN c.relkind = 'f' THEN 'it is a foreign table'
            WHEN c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid)
            THEN 'other tables inherit from it, and their keys may repeat'
            ELSE (SELECT 'the rule ' || r.rulename || ' rewrites its updates' FROM pg_rewrite r
                   WHERE r.ev_class = c.oid AND r.ev_type = '2' ORDER BY 1 LIMIT 1) END,
       (SELECT json_agg(json_build_array(a.attname::text, a.attnotnull::text,
               (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),
               (a.attgenerated <> '' OR a.attidentity = 'a')::text, format_type(a.atttypid, a.atttypmod),
               (SELECT s.nspname::text FROM pg_namespace s WHERE s.oid = t.typnamespace), t.typname::text,
               coalesce(b.typname, t.typname)::text, (coalesce(b.typtype, t.typtype) = 'e')::text,
               CASE WHEN coalesce(b.typtype, t.typtype) = 'e' THEN
                 (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_enum e
                   WHERE e.enumtypid = coalesce(b.oid, t.oid)) END,
               referring.names ->> a.attnum::text) ORDER BY a.attnum)
          FROM pg_attribute a
          JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_type b ON b.oid = nullif(t.typbasetype, 0)
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text,
       (SELECT json_agg(a.attname ORDER BY k.place)
          FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE i.indrelid = c.oid AND i.indisprimary)::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  -- Tables that change with a column, by its number: once for a table, since no index finds them.
  CROSS JOIN LATERAL (SELECT json_object_agg(number, name) AS names FROM (
    SELECT a.number, min(k.conrelid::regclass::text) AS name FROM pg_constraint k CROSS JOIN unnest(k.confkey) AS a(number)
     WHERE k.contype = 'f' AND k.confrelid = c.oid AND k.confupdtype IN ('c', 'n', 'd') GROUP BY 1) AS found) AS referring
 WHERE n.nspname = $1::text AND c.relname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json)))
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";

const UNIQUE_COLUMNS: &str = "\
SELECT DISTINCT a.attname::text
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
 WHERE n.nspname = $1::text AND t.relname = $2::text AND i.indisunique AND i.indisvalid ORDER BY 1";

/// How full the pages of an index are (`WITH`) is the administrator's choice.
const INDEX: &str = "\
SELECT c.relname::text, t.relname::text, i.indisunique::text, (i.indisvalid AND i.indisready AND i.indislive)::text,
       (SELECT (i.indimmediate AND regexp_replace(pg_get_indexdef(i.indexrelid), ' WITH \\([^)]*\\)', '')
                = format('CREATE %sINDEX %I ON %I.%I USING btree (%s)', CASE WHEN i.indisunique THEN 'UNIQUE ' END,
                         c.relname, n.nspname, t.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY k.place)))::text
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
         WHERE k.place <= i.indnkeyatts),
       pg_get_indexdef(i.indexrelid),
       (SELECT json_agg(coalesce(a.attname::text, pg_get_indexdef(i.indexrelid, k.place::int, true))
                        ORDER BY k.place)::text
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
         WHERE k.place <= i.indnkeyatts)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relname = $2::text";

const FOREIGN_KEYS: &str = "\
SELECT c.conname::text, f.relname::text, c.confdeltype::text, c.confupdtype::text, c.convalidated::text,
       (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
       (SELECT json_agg(a.attname ORDER BY k.place)::text FROM unnest(c.confkey) WITH ORDINALITY AS k(attnum, place)
          JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum)
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
 WHERE c.contype = 'f' AND n.nspname = $1::text AND t.relname = $2::text ORDER BY c.conname";

const ENUM: &str = "\
SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid
 WHERE n.nspname = $1::text AND t.typname = $2::text HAVING count(*) > 0";

const LOCKABLE: &str = "\
SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p')
   AND c.relname = ANY (ARRAY(SELECT json_array_elements_text($2::text::json)))";

/// BEFORE UPDATE triggers for each row (bits 1, 2 and 16 of tgtype), rewrite rules, and generated columns that
/// depend on the column: by their expression, or, before PostgreSQL 15, themselves.
const INTERFERENCE: &str = "\
WITH the_table AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = $1::text AND c.relname = $2::text)
SELECT 'the BEFORE trigger ' || t.tgname FROM pg_trigger t, the_table
 WHERE t.tgrelid = the_table.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 19 = 19
UNION ALL
SELECT 'the rule ' || r.rulename FROM pg_rewrite r, the_table WHERE r.ev_class = the_table.oid AND r.ev_type = '2'
UNION ALL
SELECT 'the generated column ' || g.attname
  FROM the_table JOIN pg_attribute g ON g.attrelid = the_table.oid AND g.attgenerated <> ''
  JOIN pg_attrdef d ON d.adrelid = g.attrelid AND d.adnum = g.attnum
  JOIN pg_depend p ON p.refobjid = the_table.oid AND (p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
    OR p.classid = 'pg_class'::regclass AND p.objid = the_table.oid AND p.objsubid = g.attnum)
  JOIN pg_attribute a ON a.attrelid = the_table.oid AND a.attnum = p.refobjsubid AND a.attname = $3::text
 ORDER BY 1 LIMIT 1";

const TABLE_NAMES: &str = "\
SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1";

impl<'s> Catalog<'s> {
    /// The catalog as this session's transaction sees it.
    pub fn new(session: &'s mut Session) -> Self {
        Self { session }
    }

    fn ask(&mut self, text: &str, parameters: Vec<String>) -> Result<Vec<TextRow>, DatabaseError> {
        let parameters = parameters.into_iter().map(Some).collect();
        self.session.connection.fetch_inlined(&Sql { text: text.to_owned(), parameters })
    }

    fn ask_named(&mut self, text: &str, name: &str) -> Result<Vec<TextRow>, DatabaseError> {
        let schema = self.session.target().schema.clone();
        // PostgreSQL's text has no NUL; a name with one is the name of nothing.
        if name.contains('\0') {
            return Ok(vec![]);
        }
        self.ask(text, vec![schema, name.to_owned()])
    }

    /// A table, if there is one of this name.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn table(&mut self, name: &str) -> Result<Option<Table>, DatabaseError> {
        Ok(self.tables(&[name])?.pop())
    }

    /// Those of these tables that there are.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn tables(&mut self, names: &[&str]) -> Result<Vec<Table>, DatabaseError> {
        let schema = self.session.target().schema.clone();
        let rows = self.ask(TABLES, vec![schema.clone(), known(names)])?;
        let table = |row: TextRow| {
            let columns: Vec<TextRow> = row[2]
                .as_deref()
                .and_then(|json| serde_json::from_str(json).ok())
                .unwrap_or_default();
            Table {
                schema: schema.clone(),
                name: text(&row, 0),
                columns: columns.into_iter().map(column).collect(),
                key: list(&row, 3),
                key_by: KeyBy::PrimaryKey,
                unwritable: row[1].clone(),
            }
        };
        Ok(rows.into_iter().map(table).collect())
    }

    /// The names of the schema's tables and views.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn table_names(&mut self) -> Result<Vec<String>, DatabaseError> {
        let schema = self.session.target().schema.clone();
        let rows = self.ask(TABLE_NAMES, vec![schema])?;
        Ok(rows.iter().map(|row| text(row, 0)).collect())
    }

    /// The columns of a table that a unique index has.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn unique_columns(&mut self, table: &str) -> Result<Vec<String>, DatabaseError> {
        let schema = self.session.target().schema.clone();
        let rows = self.ask(UNIQUE_COLUMNS, vec![schema, table.to_owned()])?;
        Ok(rows.iter().map(|row| text(row, 0)).collect())
    }

    /// Those of these tables that there are, and that can be locked.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn lockable_tables(&mut self, names: &[&str]) -> Result<Vec<String>, DatabaseError> {
        let schema = self.session.target().schema.clone();
        let rows = self.ask(LOCKABLE, vec![schema, known(names)])?;
        Ok(rows.iter().map(|row| text(row, 0)).collect())
    }

    /// An enum's labels in their order, if there is one of this name.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn enumeration(&mut self, name: &str) -> Result<Option<Vec<String>>, DatabaseError> {
        let rows = self.ask_named(ENUM, name)?;
        Ok(rows.first().map(|row| list(row, 0)))
    }

    /// What on the table may give its rows other values than an UPDATE of the column says, if anything.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn interference(
        &mut self,
        table: &str,
        column: &str,
    ) -> Result<Option<String>, DatabaseError> {
        let schema = self.session.target().schema.clone();
        let rows = self.ask(INTERFERENCE, vec![schema, table.to_owned(), column.to_owned()])?;
        Ok(rows.first().map(|row| text(row, 0)))
    }

    /// An index, if there is one of this name.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn index(&mut self, name: &str) -> Result<Option<Index>, DatabaseError> {
        let rows = self.ask_named(INDEX, name)?;
        Ok(rows.first().map(|row| Index {
            name: text(row, 0),
            table: text(row, 1),
            unique: truth(row, 2),
            valid: truth(row, 3),
            plain: truth(row, 4),
            definition: text(row, 5),
            columns: list(row, 6),
        }))
    }

    /// The foreign keys of a table, by name.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, DatabaseError> {
        let rows = self.ask_named(FOREIGN_KEYS, table)?;
        Ok(rows.iter().map(|row| foreign_key(row)).collect())
    }
}

/// Names as a JSON array. PostgreSQL's text has no NUL; a name with one is the name of nothing.
fn known(names: &[&str]) -> String {
    let names: Vec<&&str> = names.iter().filter(|name| !name.contains('\0')).collect();
    serde_json::json!(names).to_string()
}

fn text(row: &[Option<String>], at: usize) -> String {
    row[at].clone().unwrap_or_default()
}

fn truth(row: &[Option<String>], at: usize) -> bool {
    row[at].as_deref() == Some("true")
}

/// A JSON array of texts.
fn list(row: &[Option<String>], at: usize) -> Vec<String> {
    row[at].as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

fn foreign_key(row: &[Option<String>]) -> ForeignKey {
    let action = |code: &str| match code {
        "c" => "CASCADE",
        "r" => "RESTRICT",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        _ => "NO ACTION",
    };
    ForeignKey {
        name: text(row, 0),
        table: text(row, 1),
        on_delete: action(&text(row, 2)).into(),
        on_update: action(&text(row, 3)).into(),
        validated: truth(row, 4),
        columns: list(row, 5),
        references: list(row, 6),
    }
}

fn column(row: TextRow) -> Column {
    let (schema, name, base) = (text(&row, 5), text(&row, 6), text(&row, 7));
    let display = text(&row, 4);
    let labels = truth(&row, 8).then(|| list(&row, 9));
    let data_type =
        DataType { cast: cast(&schema, &name, &display), kind: kind(&base, labels), display };
    Column {
        name: text(&row, 0),
        nullable: !truth(&row, 1),
        default: row[2].clone(),
        cascades_to: row[10].clone(),
        generated: truth(&row, 3),
        data_type,
    }
}

/// The type to cast a value to. A cast to `varchar(n)` would cut a longer text in silence, where the
/// assignment refuses it: so texts are cast without their length.
fn cast(schema: &str, name: &str, display: &str) -> String {
    match (schema, name) {
        ("pg_catalog", "varchar" | "bpchar") => name.to_owned(),
        ("pg_catalog", _) => display.to_owned(),
        _ => quote_qualified(schema, name),
    }
}

fn kind(base: &str, labels: Option<Vec<String>>) -> Kind {
    if let Some(labels) = labels {
        return Kind::Enum { name: base.to_owned(), labels };
    }
    match base {
        "bool" => Kind::Bool,
        "int2" => Kind::Integer { min: i16::MIN.into(), max: i16::MAX.into() },
        "int4" => Kind::Integer { min: i32::MIN.into(), max: i32::MAX.into() },
        "int8" => Kind::Integer { min: i64::MIN, max: i64::MAX },
        "numeric" => Kind::Decimal,
        "float4" | "float8" => Kind::Float,
        "text" | "varchar" | "bpchar" => Kind::Text,
        "uuid" => Kind::Uuid,
        "date" => Kind::Date,
        "timestamp" => Kind::Timestamp,
        "timestamptz" => Kind::TimestampTz,
        _ => Kind::Other,
    }
}
