//! What the rows of the catalog's statements mean.

use leora_rule::{
    BaseType, CitusLayout, Column, Comparability, DataType, ForeignKey, Index, KeyBy, Kind,
    OperatorClass, Placement, Table, quote_qualified,
};

use crate::connection::{Cells, TextRow};

/// A table as the statement of the catalog describes it.
pub(crate) struct FoundTable {
    pub(crate) table: Table,
    /// For each column of a type with operators of its own the type's oid.
    pub(crate) types: Vec<Option<String>>,
    /// Whether the database has Citus, which may keep the rows elsewhere.
    pub(crate) has_citus: bool,
}

/// The columns come as JSON.
pub(crate) fn table(schema: &str, row: TextRow) -> FoundTable {
    let mut cells = Cells::new(row);
    let (name, unwritable) = (cells.text(), cells.optional());
    let columns: Vec<TextRow> = serde_json::from_str(&cells.text()).unwrap_or_default();
    let (columns, types) = columns.into_iter().map(column).unzip();
    let (schema, key, is_watched) = (schema.to_owned(), cells.list(), cells.flag());
    let has_citus = cells.flag();
    let (key_by, placement) = (KeyBy::PrimaryKey, Placement::Own);
    let table = Table { schema, name, columns, key, key_by, unwritable, is_watched, placement };
    FoundTable { table, types, has_citus }
}

/// The name of a table that Citus keeps, and how it does.
pub(crate) fn citus_table(row: TextRow) -> (String, CitusLayout) {
    let mut cells = Cells::new(row);
    let (name, kind, by) = (cells.text(), cells.text(), cells.text());
    let layout = match kind.as_str() {
        "distributed" => CitusLayout::Distributed { by },
        "reference" => CitusLayout::Reference,
        "schema" => CitusLayout::SchemaBased,
        _ => CitusLayout::InMetadata,
    };
    (name, layout)
}

fn column(row: TextRow) -> (Column, Option<String>) {
    let mut cells = Cells::new(row);
    let (name, not_null, default) = (cells.text(), cells.flag(), cells.optional());
    let (generated, display) = (cells.flag(), cells.text());
    let (schema, type_name, base) = (cells.text(), cells.text(), cells.text());
    let (is_enum, labels, cascades_to) = (cells.flag(), cells.list(), cells.optional());
    let column_type = cells.optional();
    let (base_schema, base_display, collation) = (cells.text(), cells.text(), cells.optional());
    let (is_tied, comparability) = (cells.flag(), comparability(&cells.text()));
    let data_type = DataType {
        cast: cast(&schema, &type_name, &display),
        kind: kind(&base, is_enum.then_some(labels)),
        display,
        operators: None,
        base: BaseType { cast: quote_qualified(&base_schema, &base), display: base_display },
        collation,
        comparability,
    };
    let column = Column {
        name,
        nullable: !not_null,
        default,
        cascades_to,
        generated,
        data_type,
        is_tied,
        figure: None,
    };
    (column, column_type)
}

pub(crate) fn operator_class(row: TextRow) -> (String, OperatorClass) {
    let mut cells = Cells::new(row);
    let (oid, operand) = (cells.text(), cells.text());
    let operators = serde_json::from_str(&cells.text()).unwrap_or_default();
    (oid, OperatorClass { operand, operators })
}

pub(crate) fn index(row: TextRow) -> Index {
    let mut cells = Cells::new(row);
    Index {
        name: cells.text(),
        table: cells.text(),
        unique: cells.flag(),
        valid: cells.flag(),
        plain: cells.flag(),
        definition: cells.text(),
        columns: cells.list(),
    }
}

pub(crate) fn foreign_key(row: TextRow) -> ForeignKey {
    let mut cells = Cells::new(row);
    ForeignKey {
        name: cells.text(),
        table: cells.text(),
        on_delete: action(&cells.text()).into(),
        on_update: action(&cells.text()).into(),
        validated: cells.flag(),
        columns: cells.list(),
        references: cells.list(),
    }
}

fn action(code: &str) -> &'static str {
    match code {
        "c" => "CASCADE",
        "r" => "RESTRICT",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        _ => "NO ACTION",
    }
}

/// The type to cast a value to. A cast to `varchar(n)` would truncate a longer text silently, where the
/// assignment refuses it: so texts are cast without their length. An interval has its fields in its name, which the
/// grammar knows as PostgreSQL's own.
fn cast(schema: &str, name: &str, display: &str) -> String {
    let qualified = quote_qualified(schema, name);
    // The type with its schema is as long as it is shown: numeric(10,2), timestamp(3) without time zone.
    let length = display.find('(').zip(display.find(')'));
    match (schema, name, length) {
        ("pg_catalog", "interval" | "_interval", _) => display.to_owned(),
        ("pg_catalog", "varchar" | "bpchar", _) | (_, _, None) => qualified,
        ("pg_catalog", _, Some((from, to))) => format!("{qualified}{}", &display[from..=to]),
        _ => qualified,
    }
}

fn comparability(name: &str) -> Comparability {
    match name {
        "ordered" => Comparability::Ordered,
        "equal" => Comparability::EqualOnly,
        _ => Comparability::Incomparable,
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

#[cfg(test)]
mod tests {
    use leora_rule::Kind;

    use super::{action, cast, kind};

    #[test]
    fn texts_are_cast_without_their_length() {
        let own = |name, display| cast("pg_catalog", name, display);
        assert_eq!(own("varchar", "character varying(20)"), "\"pg_catalog\".\"varchar\"");
        assert_eq!(own("bpchar", "character(3)"), "\"pg_catalog\".\"bpchar\"");
        assert_eq!(own("numeric", "numeric(10,2)"), "\"pg_catalog\".\"numeric\"(10,2)");
        assert_eq!(
            own("timestamp", "timestamp(3) without time zone"),
            "\"pg_catalog\".\"timestamp\"(3)"
        );
        for interval in ["interval", "interval(0)", "interval day to second(3)"] {
            assert_eq!(own("interval", interval), interval);
        }
        assert_eq!(own("_interval", "interval(0)[]"), "interval(0)[]");
        assert_eq!(own("int4", "integer"), "\"pg_catalog\".\"int4\"");
        assert_eq!(cast("public", "AccountType", "\"AccountType\""), "\"public\".\"AccountType\"");
    }

    #[test]
    fn types_have_their_kind() {
        assert!(matches!(kind("int2", None), Kind::Integer { min: -32_768, max: 32_767 }));
        assert!(matches!(kind("timestamptz", None), Kind::TimestampTz));
        assert!(matches!(kind("jsonb", None), Kind::Other));
        let labels = vec!["LOW".to_owned()];
        assert!(matches!(kind("Mood", Some(labels)), Kind::Enum { name, .. } if name == "Mood"));
    }

    #[test]
    fn an_unknown_action_is_none() {
        assert_eq!((action("n"), action("a")), ("SET NULL", "NO ACTION"));
    }
}
