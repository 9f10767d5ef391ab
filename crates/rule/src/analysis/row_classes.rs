//! The rows of a table grouped into classes that no rule tells apart, and counted: one pass over the table, however many
//! rules are then evaluated.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::analysis::breakpoints::{Bounds, Breakpoints, Granularity};
use crate::sql::own_names::operation;
use crate::{
    Column, Comparability, DataType, Kind, Relation, RuleError, Sql, SqlBuilder, Table, Value,
    quote_identifier,
};

const CLASSES: &str = "row_classes";

/// Classes of rows, each with the values of one of its rows.
pub(crate) struct RowClasses {
    pub(crate) with: String,
    pub(crate) relation: Relation,
    rows: String,
    before: Vec<(String, String)>,
    taken: Vec<(String, String)>,
}

impl RowClasses {
    /// `set` are the columns that rules set.
    pub(crate) fn compile(
        source: &Relation,
        breakpoints: &Breakpoints,
        set: &[String],
        sql: &mut SqlBuilder<'_>,
    ) -> Result<Self, RuleError> {
        let table = &source.table;
        let (mut columns, mut shown, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for column in breakpoints.columns().filter_map(|name| table.column(name)) {
            let quoted = quote_identifier(&column.name);
            let granularity = breakpoints.granularity(column);
            let (key, one) = group_column(&quoted, &column.data_type, &granularity, sql);
            keys.extend(key);
            shown.push(format!("{one} AS {quoted}"));
            columns.push(Column { figure: None, ..column.clone() });
        }
        let mut add = |prefix: &str, name: &str, value: &str, data_type: DataType| {
            let name = free_name(table, &format!("{prefix} {name}"));
            shown.push(format!("{value} AS {}", quote_identifier(&name)));
            columns.push(Column::nullable(&name, data_type));
            name
        };
        let boolean = DataType::built_in("boolean", Kind::Bool);
        let count = DataType::built_in("bigint", Kind::Integer { min: 0, max: i64::MAX });
        let (mut before, mut taken) = (Vec::new(), Vec::new());
        for column in set.iter().filter_map(|name| table.column(name)) {
            let (name, quoted) = (&column.name, quote_identifier(&column.name));
            let exact = group_column(&quoted, &column.data_type, &Granularity::Exact, sql);
            let old = add("before", name, &exact.1, column.data_type.clone());
            before.push((name.clone(), old));
            taken.push((name.clone(), add("taken", name, "false", boolean.clone())));
        }
        let rows = add("rows", "", "pg_catalog.count(*)", count);
        let grouping = if keys.is_empty() { "()".into() } else { keys.join(", ") };
        let with = format!(
            "WITH {CLASSES} AS MATERIALIZED (SELECT {} FROM {} AS rows GROUP BY {grouping})",
            shown.join(", "),
            source.text(),
        );
        let reduced = Table { columns, key: vec![], unwritable: None, ..Table::clone(table) };
        let classes = Sql { text: CLASSES.into(), parameters: sql.parameters().to_vec() };
        let relation = Relation::from_sql(Arc::new(reduced), classes);
        Ok(Self { with, relation, rows, before, taken })
    }

    /// The number of rows of a class, as SQL.
    pub(crate) fn rows(&self) -> String {
        quote_identifier(&self.rows)
    }

    /// The present value of a column, as SQL.
    pub(crate) fn before(&self, column: &str) -> Option<String> {
        paired(&self.before, column).map(quote_identifier)
    }

    /// The name of the column that says whether the `where` of a rule that sets this column took the row.
    pub(crate) fn taken(&self, column: &str) -> Option<&str> {
        paired(&self.taken, column)
    }
}

fn paired<'a>(names: &'a [(String, String)], column: &str) -> Option<&'a str> {
    names.iter().find(|(name, _)| name == column).map(|(_, other)| other.as_str())
}

/// What rows are grouped by for a column, and the value that represents a group.
fn group_column(
    column: &str,
    data_type: &DataType,
    granularity: &Granularity,
    sql: &mut SqlBuilder<'_>,
) -> (Vec<String>, String) {
    let one = format!("pg_catalog.min({column})");
    match granularity {
        Granularity::Exact if data_type.comparability != Comparability::Ordered => {
            let key = data_type.group_key(column);
            let one = format!("pg_catalog.min({key})::{}", data_type.cast);
            (vec![key], one)
        }
        Granularity::Exact => (vec![column.to_owned()], column.to_owned()),
        Granularity::Presence => (vec![format!("({column} IS NULL)")], one),
        Granularity::Moments(bounds) => {
            let is_date = data_type.kind == Kind::Date;
            let cast = match data_type.kind {
                Kind::TimestampTz => "pg_catalog.timestamptz",
                _ if is_date => "pg_catalog.date",
                _ => "timestamp",
            };
            let text = |at: &jiff::civil::DateTime| match is_date {
                true => Value::Date(at.date()).to_sql_text(),
                false => Value::Timestamp(*at).to_sql_text(),
            };
            (buckets(column, cast, bounds, text, sql), one)
        }
        Granularity::Numbers(bounds) => {
            let (value, cast) = match data_type.kind {
                Kind::Float => (column.to_owned(), data_type.base.cast.as_str()),
                _ => (format!("{column}::numeric"), "numeric"),
            };
            let text = |number: &rust_decimal::Decimal| Some(number.to_string());
            (buckets(&value, cast, bounds, text, sql), one)
        }
        Granularity::Texts(texts) => {
            let bind = |sql: &mut SqlBuilder<'_>| {
                texts
                    .iter()
                    .map(|text| sql.bind(Some(text.clone()), &data_type.base.cast))
                    .collect()
            };
            let list: Vec<String> = sql.computed(bind);
            let is_known = operation(column, "=", &format!("ANY (ARRAY[{}])", list.join(", ")));
            let known = format!("CASE WHEN {is_known} THEN {column} END");
            (vec![known, format!("({column} IS NULL)")], one)
        }
    }
}

/// Groups by the range that a value is in, and where bounds are isolated also by whether the value is one of them.
fn buckets<T: Ord>(
    value: &str,
    cast: &str,
    bounds: &Bounds<T>,
    text: impl Fn(&T) -> Option<String>,
    sql: &mut SqlBuilder<'_>,
) -> Vec<String> {
    let mut array = |values: &BTreeSet<T>| {
        let bound: Vec<String> = values.iter().map(|value| sql.bind(text(value), cast)).collect();
        // In a subquery, so that the texts are cast once and not for every row.
        format!("(SELECT ARRAY[{}])", bound.join(", "))
    };
    let mut keys = vec![format!("pg_catalog.width_bucket({value}, {})", array(&bounds.all))];
    if !bounds.isolated.is_empty() {
        let isolated = format!("ANY ({}::{cast}[])", array(&bounds.isolated));
        keys.push(operation(value, "=", &isolated));
    }
    keys
}

fn free_name(table: &Table, wanted: &str) -> String {
    let mut name = wanted.trim_end().to_owned();
    while table.column(&name).is_some() {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, customers, priority};

    #[test]
    fn rows_are_grouped_by_what_the_rule_tells_apart() {
        let recent = col("seen").within("6mo").and(col("orders").greater(5));
        let rule = priority([(Some(recent), "HIGH"), (Some(col("name").eq_to("Ann")), "LOW")]);
        let mut breakpoints = Breakpoints::new(AS_OF);
        breakpoints.add_rule(&rule);
        let source = customers();
        let mut sql = SqlBuilder::new(&source, AS_OF);
        let set = ["priority".to_owned()];
        let classes =
            RowClasses::compile(&source, &breakpoints, &set, &mut sql).expect("a known column");
        assert_eq!(
            classes.with,
            "WITH row_classes AS MATERIALIZED (SELECT pg_catalog.min(\"name\") AS \"name\", pg_catalog.min(\"orders\") AS \"orders\", \
             \"priority\" AS \"priority\", pg_catalog.min(\"seen\") AS \"seen\", \"priority\" AS \"before priority\", \
             false AS \"taken priority\", pg_catalog.count(*) AS \"rows\" FROM \"public\".\"Customer\" AS rows GROUP BY \
             CASE WHEN (\"name\" OPERATOR(pg_catalog.=) ANY (ARRAY[(SELECT $1::pg_catalog.text::pg_catalog.text)])) THEN \"name\" END, (\"name\" IS NULL), \
             pg_catalog.width_bucket(\"orders\"::numeric, (SELECT ARRAY[$2::pg_catalog.text::numeric])), \
             (\"orders\"::numeric OPERATOR(pg_catalog.=) ANY ((SELECT ARRAY[$3::pg_catalog.text::numeric])::numeric[])), \"priority\", \
             pg_catalog.width_bucket(\"seen\", (SELECT ARRAY[$4::pg_catalog.text::timestamp])))"
        );
        let parameters = ["Ann", "5", "5", "2025-04-25 00:00:00"].map(|text| Some(text.to_owned()));
        assert_eq!(classes.relation.parameters(), parameters);
        assert_eq!(classes.rows(), "\"rows\"");
        assert_eq!(classes.taken("priority"), Some("taken priority"));
        assert_eq!(classes.taken("name"), None);
    }

    #[test]
    fn a_further_column_takes_no_name_that_the_table_has() {
        let mut table = crate::fixtures::table();
        let rows = Column::nullable("rows", DataType::built_in("text", Kind::Text));
        table.columns.push(rows);
        assert_eq!(free_name(&table, "rows "), "rows_");
        assert_eq!(free_name(&table, "taken name"), "taken name");
    }
}
