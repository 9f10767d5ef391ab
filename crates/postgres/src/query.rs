//! `query`: a script's own SELECT, kept from writing by the server.

use leora_report::DatabaseError;
use leora_rule::{GATHERED, Query, QueryNames, Sql, Value, quote_identifier};
use serde_json::json;

use crate::connection::Cells;
use crate::query_row::row_of_object;
use crate::session::savepoint::READ_ONLY;
use crate::{ReadLimits, Reader, Session};

impl Reader<'_> {
    /// Runs one SELECT of a script, read-only, within the session's [`ReadLimits`]. A text stays text, also a date.
    ///
    /// # Errors
    /// [`DatabaseError::QueryNotAllowed`] for names that mean something else here than the text shows; else of the server,
    /// also when the statement would write.
    pub fn query(
        &mut self,
        query: &Query,
        parameters: &[Value],
    ) -> Result<Vec<Vec<(String, Value)>>, DatabaseError> {
        let statement = self.query_statement(query)?;
        let ReadLimits { bytes, query_rows, query_time } = self.session.read_limits;
        // As a subquery it can be nothing but a SELECT: a WITH that writes must stand at the top.
        // A line longer than all that may be read is not even sent.
        let text = format!(
            "SELECT CASE WHEN pg_catalog.octet_length(line) OPERATOR(pg_catalog.<=) {bytes} THEN line END FROM \
             (SELECT pg_catalog.row_to_json(answer)::pg_catalog.text AS line FROM ({statement}) AS answer LIMIT {}) AS lines",
            query_rows + 1
        );
        let sql = Sql { text, parameters: parameters.iter().map(Value::to_sql_text).collect() };
        // A trigger may have changed how the server reads strings, and the text was judged as the standard has them.
        let settings = format!(
            "{READ_ONLY}; SET LOCAL standard_conforming_strings = on; SET LOCAL statement_timeout = {}; \
             SET LOCAL {GATHERED} = {bytes}; SET LOCAL search_path = {}, pg_temp",
            query_time.as_millis(),
            quote_identifier(&self.session.target().schema),
        );
        let read = |session: &mut Session| {
            let rows = session.connection.fetch_in_time(&sql, bytes, query_time)?;
            let full =
                query.gathers().then(|| session.connection.fetch_text(IS_FULL)).transpose()?;
            Ok((rows, full.is_some_and(|rows| Cells::of_first(rows).flag())))
        };
        let too_much = |limit, most: String| DatabaseError::ReadLimitReached { limit, most };
        let (rows, is_full) =
            self.session.without_effects_under(&settings, read).map_err(|error| match error {
                DatabaseError::Server(server) if server.code == "57014" => {
                    too_much("query_time", format!("{} s", query_time.as_secs()))
                }
                other => other,
            })?;
        if rows.len() as u64 > query_rows {
            return Err(too_much("query_rows", query_rows.to_string()));
        }
        if is_full || rows.iter().any(|row| row[0].is_none()) {
            return Err(too_much("read_bytes", bytes.to_string()));
        }
        Ok(rows.iter().map(|row| row_of_object(row[0].as_deref().unwrap_or("{}"))).collect())
    }

    /// The statement of a query, after asking the server what the names in it stand for.
    ///
    /// # Errors
    /// [`DatabaseError::QueryNotAllowed`], and of the server.
    pub fn query_statement(&mut self, query: &Query) -> Result<String, DatabaseError> {
        let QueryNames { fields, relations, functions, types, operators } = query.names();
        // In a database with a one-byte encoding, letters beyond ASCII become small too.
        let small = fields.iter().map(|name| name.to_lowercase()).collect();
        let fields: Vec<&String> = fields.union(&small).collect();
        let names =
            [json!(fields), json!(functions), json!(types), json!(operators), json!(relations)];
        let [fields, functions, types, operators, relations] = names.map(|list| list.to_string());
        let schema = &self.session.target().schema.clone();
        let parameters = [&fields, &functions, &types, &operators, schema, &relations];
        let parameters = parameters.map(String::as_str);
        let mut of_extensions = vec![];
        for row in self.session.connection.fetch_inlined(MEANINGS, &parameters)? {
            let mut cells = Cells::new(row);
            let (what, name) = (cells.text(), cells.text());
            match what.as_str() {
                "extension" => of_extensions.push(name),
                _ => return Err(not_allowed(&what, &name)),
            }
        }
        Ok(query.statement(&of_extensions))
    }
}

fn not_allowed(what: &str, name: &str) -> DatabaseError {
    let (kind, reason) = match what {
        "field" => ("function", "takes a row, so it would be called wherever a column may stand"),
        "type" => ("type", "has a check, a cast or parts that may call functions of the database"),
        "cast" => (
            "type",
            "belongs to what is read, and has a cast that calls a function of the database",
        ),
        "operator" => ("operator", "is the server's, and this database has another of that name"),
        _ => (
            "function",
            "is the server's, and this database has another of that name beside an extension's",
        ),
    };
    DatabaseError::QueryNotAllowed {
        message: format!("a query can't use the {kind} {name}"),
        help: format!("{name} {reason}: say it in another way"),
    }
}

/// Whether more was to be gathered than there was room for.
const IS_FULL: &str = "SELECT (pg_catalog.current_setting('leora_run.gathered') OPERATOR(pg_catalog.~~) '-%')::pg_catalog.text";

/// What the names in a query mean here, where it is not what they seem to: `$1` names after a dot, `$2` functions, `$3` types,
/// `$4` operators, `$5` the schema whose objects need no name of a schema, `$6` relations.
///
/// - A name after a dot calls the function of that name which takes a row, where the row has no such column. A row is
///   also a domain over it, and what takes any value.
/// - A cast to a type calls what its casts, its checks and those of its parts call. That leaves enums, domains without a
///   check, and the types of extensions.
/// - A value of a relation, or a part of it, may be cast without a name of its type: to a type of the server, or implicitly.
/// - The types of the operands decide which operator is called. Those of extensions are trusted, as their functions are.
const MEANINGS: &str = "\
WITH RECURSIVE path AS (SELECT n.oid FROM pg_namespace n WHERE n.nspname = $5::text),
value_type (oid) AS (
  SELECT part.oid
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   CROSS JOIN LATERAL (VALUES (c.reltype), (a.atttypid)) AS part (oid)
   WHERE c.relname IN (SELECT json_array_elements_text($6::text::json))
  UNION
  SELECT part.oid
    FROM value_type v JOIN pg_type t ON t.oid = v.oid
    LEFT JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_range r ON t.oid IN (r.rngtypid, r.rngsubtype)
   -- A value may be gathered into an array, and be taken out of one or out of a range.
   CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem), (t.typarray), (r.rngtypid), (r.rngsubtype), (a.atttypid)) AS part (oid)
)
SELECT 'field', p.proname::text
  FROM pg_proc p JOIN pg_type t ON t.oid = p.proargtypes[0] LEFT JOIN pg_type base ON base.oid = t.typbasetype
 WHERE p.proname IN (SELECT json_array_elements_text($1::text::json))
   AND p.pronargs > 0 AND p.pronargs - p.pronargdefaults <= 1
   AND (t.typtype IN ('c', 'p') OR base.typtype IN ('c', 'd'))
   -- It would gather what nobody counts.
   AND NOT (p.pronamespace = 'pg_catalog'::regnamespace AND p.provolatile = 'i' AND p.proname <> 'array_agg')
UNION ALL
SELECT 'field', t.typname::text
  FROM pg_type t JOIN pg_type base ON base.oid = t.typbasetype
 WHERE t.typtype = 'd' AND base.typtype IN ('c', 'd') AND t.typname IN (SELECT json_array_elements_text($1::text::json))
UNION ALL
SELECT 'field', t.typname::text
  FROM pg_cast k JOIN pg_type s ON s.oid = k.castsource JOIN pg_type t ON t.oid = k.casttarget
 WHERE s.typtype = 'c' AND k.castmethod <> 'b' AND t.typname IN (SELECT json_array_elements_text($1::text::json))
UNION ALL
SELECT CASE WHEN bool_and(f.of_extension) THEN 'extension' ELSE 'function' END, f.name
  FROM (SELECT p.proname::text AS name,
               EXISTS (SELECT FROM pg_depend d
                        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') AS of_extension
          FROM pg_proc p JOIN path ON path.oid = p.pronamespace
         WHERE p.proname IN (SELECT json_array_elements_text($2::text::json))) f
 GROUP BY f.name HAVING bool_or(f.of_extension)
UNION ALL
SELECT 'type', t.typname::text
  FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typlen = -1 JOIN pg_type b ON b.oid = coalesce(e.oid, t.oid)
 WHERE t.typname IN (SELECT json_array_elements_text($3::text::json)) AND b.typnamespace <> 'pg_catalog'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = b.oid AND d.deptype = 'e')
   AND (b.typtype NOT IN ('e', 'd')
        OR EXISTS (SELECT FROM pg_constraint c WHERE c.contypid = b.oid AND c.contype = 'c')
        OR EXISTS (SELECT FROM pg_type d WHERE d.oid = b.typbasetype AND d.typnamespace <> 'pg_catalog'::regnamespace)
        OR EXISTS (SELECT FROM pg_cast k WHERE k.castfunc <> 0
                     AND (b.oid IN (k.castsource, k.casttarget) OR b.typarray IN (k.castsource, k.casttarget))))
UNION ALL
SELECT 'cast', t.typname::text
  FROM pg_cast k LEFT JOIN pg_proc p ON p.oid = k.castfunc JOIN pg_type t ON t.oid IN (k.castsource, k.casttarget)
  JOIN pg_type source ON source.oid = k.castsource JOIN pg_type target ON target.oid = k.casttarget
 -- A row that becomes a text by itself is taken by each function of a text.
 WHERE (p.pronamespace <> 'pg_catalog'::regnamespace OR k.castmethod = 'i' AND source.typtype = 'c')
   AND (k.castcontext = 'i' OR target.typnamespace = 'pg_catalog'::regnamespace)
   AND t.typnamespace <> 'pg_catalog'::regnamespace AND t.oid IN (SELECT v.oid FROM value_type v)
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'operator', o.oprname::text
  FROM pg_operator o JOIN path ON path.oid = o.oprnamespace
 WHERE o.oprname IN (SELECT json_array_elements_text($4::text::json))
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e')
 ORDER BY 1 DESC, 2";
