//! The rows of a table, lumped together where no rule tells them apart, and counted: one pass over the table, however
//! many rules are then judged.

use std::sync::Arc;

use crate::analysis::breakpoints::{Breakpoints, Granularity, Marks};
use crate::{
    Column, DataType, Kind, Relation, RuleError, Sql, SqlBuilder, Table, Value, quote_identifier,
};

/// The name that the lumps have in a statement.
const LUMPS: &str = "lumps";

/// Lumps of rows, each with one of its rows to stand for all.
pub(crate) struct Lumps {
    /// The `WITH` that makes them.
    pub(crate) with: String,
    /// They, as something that rules can be judged on.
    pub(crate) source: Relation,
    rows: String,
    before: Vec<(String, String)>,
    taken: Vec<(String, String)>,
}

impl Lumps {
    /// Lumps the rows by what is asked of them; `set` are the columns that rules set.
    pub(crate) fn of(
        source: &Relation,
        cuts: &Breakpoints,
        set: &[String],
        sql: &mut SqlBuilder<'_>,
    ) -> Result<Self, RuleError> {
        let table = &source.table;
        let (mut columns, mut shown, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for column in cuts.columns().filter_map(|name| table.column(name)) {
            let quoted = quote_identifier(&column.name);
            let grain = cuts.grain(column);
            let (key, one) = lumped(&quoted, &column.data_type, &grain, sql);
            keys.extend(key);
            shown.push(format!("{one} AS {quoted}"));
            columns.push(column.clone());
        }
        let mut further = |prefix: &str, name: &str, value: &str, data_type: DataType| {
            let name = free_name(table, &format!("{prefix} {name}"));
            shown.push(format!("{value} AS {}", quote_identifier(&name)));
            columns.push(plain_column(&name, data_type));
            name
        };
        let (mut before, mut taken) = (Vec::new(), Vec::new());
        for column in set.iter().filter_map(|name| table.column(name)) {
            let (name, quoted) = (&column.name, quote_identifier(&column.name));
            let old = further("before", name, &quoted, column.data_type.clone());
            before.push((name.clone(), old));
            taken.push((name.clone(), further("taken", name, "false", truth_type())));
        }
        let rows = further("rows", "", "count(*)", count_type());
        let grouping = if keys.is_empty() { "()".into() } else { keys.join(", ") };
        let with = format!(
            "WITH {LUMPS} AS MATERIALIZED (SELECT {} FROM {} AS rows GROUP BY {grouping})",
            shown.join(", "),
            source.text(),
        );
        let reduced = Table { columns, key: vec![], unwritable: None, ..Table::clone(table) };
        let lumps = Sql { text: LUMPS.into(), parameters: sql.parameters().to_vec() };
        let source = Relation::from_sql(Arc::new(reduced), lumps);
        Ok(Self { with, source, rows, before, taken })
    }

    /// How many rows a lump has, as SQL.
    pub(crate) fn rows(&self) -> String {
        quote_identifier(&self.rows)
    }

    /// The value that a column has now, as SQL.
    pub(crate) fn before(&self, column: &str) -> Option<String> {
        beside(&self.before, column).map(quote_identifier)
    }

    /// The name of the column that tells whether some rule took the row, to set this column.
    pub(crate) fn taken(&self, column: &str) -> Option<&str> {
        beside(&self.taken, column)
    }
}

fn beside<'a>(names: &'a [(String, String)], column: &str) -> Option<&'a str> {
    names.iter().find(|(name, _)| name == column).map(|(_, other)| other.as_str())
}

/// What rows are grouped by for a column, and the value that stands for all of a group.
fn lumped(
    column: &str,
    data_type: &DataType,
    grain: &Granularity,
    sql: &mut SqlBuilder<'_>,
) -> (Vec<String>, String) {
    let one = format!("min({column})");
    match grain {
        Granularity::Each => (vec![column.to_owned()], column.to_owned()),
        Granularity::Known => (vec![format!("({column} IS NULL)")], one),
        Granularity::Moments(marks) => {
            let (of, cast) = match data_type.kind {
                Kind::Date => (column.to_owned(), "date"),
                Kind::TimestampTz => (column.to_owned(), "timestamptz"),
                _ => (column.to_owned(), "timestamp"),
            };
            let text = |at: &jiff::civil::DateTime| match data_type.kind {
                Kind::Date => Value::Date(at.date()).to_sql_text(),
                _ => Value::Timestamp(*at).to_sql_text(),
            };
            (bucketed(&of, cast, marks, text, sql), one)
        }
        Granularity::Numbers(marks) => {
            let (of, cast) = match data_type.kind {
                Kind::Float => (column.to_owned(), data_type.cast.as_str()),
                _ => (format!("{column}::numeric"), "numeric"),
            };
            let text = |number: &rust_decimal::Decimal| Some(number.to_string());
            (bucketed(&of, cast, marks, text, sql), one)
        }
        Granularity::Texts(texts) => {
            let bind = |sql: &mut SqlBuilder<'_>| {
                texts.iter().map(|text| sql.bind(Some(text.clone()), &data_type.cast)).collect()
            };
            let list: Vec<String> = sql.calculated(bind);
            let known = format!("CASE WHEN {column} IN ({}) THEN {column} END", list.join(", "));
            (vec![known, format!("({column} IS NULL)")], one)
        }
    }
}

/// Groups by the place among the cuts, and beside those that stand apart by whether it is one of them.
fn bucketed<T: Ord>(
    value: &str,
    cast: &str,
    marks: &Marks<T>,
    text: impl Fn(&T) -> Option<String>,
    sql: &mut SqlBuilder<'_>,
) -> Vec<String> {
    let mut array = |of: &std::collections::BTreeSet<T>| {
        let bound: Vec<String> = of.iter().map(|at| sql.bind(text(at), cast)).collect();
        // As a subquery, the texts become values once, and not for every row.
        format!("(SELECT ARRAY[{}])", bound.join(", "))
    };
    let mut keys = vec![format!("width_bucket({value}, {})", array(&marks.cuts))];
    if !marks.apart.is_empty() {
        keys.push(format!("({value} = ANY ({}::{cast}[]))", array(&marks.apart)));
    }
    keys
}

/// A name that no column of the table has.
fn free_name(table: &Table, wanted: &str) -> String {
    let mut name = wanted.trim_end().to_owned();
    while table.column(&name).is_some() {
        name.push('_');
    }
    name
}

fn plain_column(name: &str, data_type: DataType) -> Column {
    Column {
        name: name.to_owned(),
        data_type,
        nullable: true,
        default: None,
        cascades_to: None,
        generated: false,
    }
}

fn truth_type() -> DataType {
    DataType { cast: "boolean".into(), display: "boolean".into(), kind: Kind::Bool }
}

fn count_type() -> DataType {
    let kind = Kind::Integer { min: 0, max: i64::MAX };
    DataType { cast: "bigint".into(), display: "bigint".into(), kind }
}
