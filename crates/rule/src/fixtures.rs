//! A table, and short ways to write expressions and rules, for unit tests.

use std::sync::Arc;

use jiff::civil::{Date, date};

use crate::{
    Aggregate, Arm, Assignment, Column, Comparison, DataType, Expr, Figure, FigureSource, Function,
    KeyBy, Kind, Link, Node, Period, Placement, Relation, Rule, Table, Value,
};

/// The business date of all tests.
pub(crate) const AS_OF: Date = date(2025, 10, 25);

/// `Customer`, with a column of every kind; its key is `id`.
pub(crate) fn customers() -> Relation {
    Relation::from_table(Arc::new(table()))
}

pub(crate) fn table() -> Table {
    let grade = |name: &str, labels: &[&str]| Kind::Enum {
        name: name.into(),
        labels: labels.iter().map(|&label| label.into()).collect(),
    };
    let columns = [
        ("id", "uuid", Kind::Uuid),
        ("name", "text", Kind::Text),
        ("orders", "integer", Kind::Integer { min: -2_147_483_648, max: 2_147_483_647 }),
        ("amount", "numeric(9,2)", Kind::Decimal),
        ("ratio", "double precision", Kind::Float),
        ("active", "boolean", Kind::Bool),
        ("born", "date", Kind::Date),
        ("seen", "timestamp(3) without time zone", Kind::Timestamp),
        ("grade", "\"Grade\"", grade("Grade", &["C", "B", "A"])),
        ("priority", "\"Priority\"", grade("Priority", &["LOW", "MEDIUM", "HIGH"])),
        ("place", "point", Kind::Other),
    ];
    let column = |(name, cast, kind): (&str, &str, Kind)| {
        Column::nullable(name, DataType::built_in(cast, kind))
    };
    Table {
        schema: "public".into(),
        name: "Customer".into(),
        columns: columns.into_iter().map(column).collect(),
        key: vec!["id".into()],
        key_by: KeyBy::PrimaryKey,
        unwritable: None,
        is_watched: false,
        placement: Placement::Own,
    }
}

pub(crate) fn expr(node: Node) -> Expr {
    Expr::new(node).expect("not too large")
}

pub(crate) fn col(name: &str) -> Expr {
    Expr::column(name)
}

pub(crate) fn of<const N: usize>(function: Function, arguments: [Expr; N]) -> Expr {
    expr(Node::Call(function, arguments.to_vec()))
}

pub(crate) fn period(text: &str) -> Period {
    text.parse().expect(text)
}

/// The rule that sets `priority` by these arms; `None` is `otherwise`.
pub(crate) fn priority<const N: usize>(arms: [(Option<Expr>, &str); N]) -> Rule {
    let arm = |(condition, value): (Option<Expr>, &str)| Arm {
        condition,
        value: Expr::literal(value.into()),
        line: None,
    };
    set("priority", Assignment::Arms(arms.into_iter().map(arm).collect()))
}

/// The rule that sets a column of every row.
pub(crate) fn set(column: &str, assignment: Assignment) -> Rule {
    Rule {
        table: "Customer".into(),
        filter: None,
        column: column.into(),
        assignment,
        location: None,
        joins_previous: false,
    }
}

impl Rule {
    pub(crate) fn with_filter(self, filter: Expr) -> Self {
        Self { filter: Some(filter), ..self }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Date> for Value {
    fn from(day: Date) -> Self {
        Self::Date(day)
    }
}

impl Expr {
    fn compare(self, comparison: Comparison, value: impl Into<Value>) -> Self {
        expr(Node::Compare(comparison, self, Self::literal(value.into())))
    }

    pub(crate) fn eq_to(self, value: impl Into<Value>) -> Self {
        self.compare(Comparison::Equal, value)
    }

    pub(crate) fn not_eq(self, value: impl Into<Value>) -> Self {
        self.compare(Comparison::NotEqual, value)
    }

    pub(crate) fn less(self, value: impl Into<Value>) -> Self {
        self.compare(Comparison::Less, value)
    }

    pub(crate) fn at_most(self, value: impl Into<Value>) -> Self {
        self.compare(Comparison::LessOrEqual, value)
    }

    pub(crate) fn greater(self, value: impl Into<Value>) -> Self {
        self.compare(Comparison::Greater, value)
    }

    pub(crate) fn at_least(self, value: impl Into<Value>) -> Self {
        self.compare(Comparison::GreaterOrEqual, value)
    }

    pub(crate) fn contains(self, text: &str) -> Self {
        of(Function::Contains, [self, Self::literal(text.into())])
    }

    pub(crate) fn within(self, text: &str) -> Self {
        expr(Node::Within(self, period(text)))
    }

    pub(crate) fn missing(self) -> Self {
        expr(Node::IsNull(self))
    }

    pub(crate) fn one_of<const N: usize>(self, values: [&str; N]) -> Self {
        expr(Node::IsOneOf(self, values.map(Value::from).to_vec()))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        expr(Node::And(self, other))
    }

    pub(crate) fn or(self, other: Self) -> Self {
        expr(Node::Or(self, other))
    }

    pub(crate) fn negated(self) -> Self {
        expr(Node::Not(self))
    }
}

/// An expression of this figure.
pub(crate) fn figure(source: FigureSource) -> Expr {
    expr(Node::Figure(Arc::new(Figure::new(source).expect("not too deep"))))
}

/// What the orders of a customer come to.
pub(crate) fn orders(filter: Option<Expr>, aggregate: Aggregate) -> Expr {
    let table = Some("SalesOrder".into());
    let link = Link::ForeignKey { table, column: "customerId".into() };
    figure(FigureSource::Related { link, filter, aggregate })
}

/// A value of the row that a column refers to.
pub(crate) fn parent(column: &str, value: Expr) -> Expr {
    let link = Link::ForeignKey { table: None, column: column.into() };
    figure(FigureSource::Parent { link, value })
}
