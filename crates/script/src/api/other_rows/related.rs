//! `related`: the rows that refer to a row, and what is made of them.

use leora_rule::{Aggregate, Expr, FigureSource, Link};
use rhai::{Dynamic, Engine, Map, NativeCallContext};

use crate::api::other_rows::link::{called, equal_columns, figure, on_parent};
use crate::api::reference::{Function, Primitive};
use crate::api::rules::condition::narrow;
use crate::api::values::{refuse_comparisons, refuse_in_texts};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "related",
            forms: &[
                "related(table: text, column: text) -> related",
                "related(table: text, equal: map) -> related",
            ],
            about: "The rows of another table that refer to the row: by the foreign key of their column, or, without one, by columns that are equal: theirs, and the row's own.",
            usage: "related(\"SalesOrder\", \"customerId\")",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nnote(`${table(\"Customer\").count(orders.count() >= 4)} customers with four orders or more`);",
            errors: &[
                "SalesOrder.customer has no foreign key to Customer",
                "other rows lie at most 3 levels deep",
            ],
        },
        Function {
            name: "where",
            forms: &["related.where(it: condition) -> related"],
            about: "Those of them for which the condition holds. There `col` is a column of theirs, and `outer` one of the row itself.",
            usage: "",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nlet lately = orders.where(col(\"orderedAt\").within(months(3)));\nnote(`${table(\"Customer\").count(lately.exists())} ordered in three months`);",
            errors: &[],
        },
        Function {
            name: "count",
            forms: &["related.count() -> column"],
            about: "How many there are; 0 of none.",
            usage: "related(\"SalesOrder\", \"customerId\").count() >= 4",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nnote(`${table(\"Customer\").count(orders.count() == 0)} never ordered`);",
            errors: &[],
        },
        Function {
            name: "exists",
            forms: &["related.exists() -> condition"],
            about: "Whether there is one.",
            usage: "related(\"SalesOrder\", \"customerId\").exists()",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nnote(`${table(\"Customer\").count(not(orders.exists()))} never ordered`);",
            errors: &[],
        },
        Function {
            name: "sum",
            forms: &["related.sum(column: text) -> column", "related.sum(value: column) -> column"],
            about: "The sum of a column of theirs, or of an expression; 0 of none. Missing values do not count.",
            usage: "related(\"SalesOrder\", \"customerId\").sum(\"total\") > 10000",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nnote(`${table(\"Customer\").count(orders.sum(\"total\") > 10000)}`);",
            errors: &["sum(...) needs numbers, and status is a text"],
        },
        Function {
            name: "min",
            forms: &["related.min(column: text) -> column", "related.min(value: column) -> column"],
            about: "The smallest value; missing where there are none.",
            usage: "related(\"SalesOrder\", \"customerId\").min(\"orderedAt\")",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nnote(`${table(\"Customer\").count(orders.min(\"orderedAt\") < ago(years(2)))}`);",
            errors: &[],
        },
        Function {
            name: "max",
            forms: &["related.max(column: text) -> column", "related.max(value: column) -> column"],
            about: "The largest value; missing where there are none.",
            usage: "related(\"SalesOrder\", \"customerId\").max(\"orderedAt\").within(months(6))",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nnote(`${table(\"Customer\").count(orders.max(\"orderedAt\").within(months(6)))}`);",
            errors: &[
                "max(...) needs a number, a date, a text or a value of an enum, and isPaid is true or false",
            ],
        },
        Function {
            name: "average",
            forms: &[
                "related.average(column: text) -> column",
                "related.average(value: column) -> column",
            ],
            about: "The mean; missing where there are none.",
            usage: "related(\"SalesOrder\", \"customerId\").average(\"total\")",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nnote(`${table(\"Customer\").count(orders.average(\"total\") > 1000)}`);",
            errors: &[],
        },
        Function {
            name: "count_distinct",
            forms: &[
                "related.count_distinct(column: text) -> column",
                "related.count_distinct(value: column) -> column",
            ],
            about: "How many different values they have; 0 of none.",
            usage: "related(\"SalesOrder\", \"customerId\").count_distinct(\"status\")",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nnote(`${table(\"Customer\").count(orders.count_distinct(\"status\") > 1)}`);",
            errors: &[],
        },
        Function {
            name: "outer",
            forms: &["outer(name: text) -> column"],
            about: "Inside `related(...).where(...)`: a column of the row itself.",
            usage: "outer(\"lastOrderDate\")",
            example: "let orders = related(\"SalesOrder\", \"customerId\");\nlet since_order = orders.where(col(\"orderedAt\") > outer(\"lastOrderDate\"));\nnote(`${table(\"Customer\").count(since_order.exists())} ordered after that`);",
            errors: &["outer(\"city\") stands in no related(...).where(...)"],
        },
    ],
    register,
};

/// `related("Table", "column")`, with the condition so far; of the row at the end of `path`.
#[derive(Clone)]
pub(crate) struct Related {
    pub(super) path: Vec<Link>,
    pub(super) link: Link,
    filter: Option<Expr>,
    /// The variable that holds it.
    variable: Option<String>,
}

impl Related {
    pub(super) fn new(call: &ApiCall<'_>, path: Vec<Link>, link: Link) -> Self {
        Self { path, link, filter: None, variable: call.variable().map(str::to_owned) }
    }

    pub(super) fn by_column(
        call: &ApiCall<'_>,
        path: Vec<Link>,
        table: &str,
        column: &str,
    ) -> Self {
        let link = Link::ForeignKey { table: Some(table.to_owned()), column: column.to_owned() };
        Self::new(call, path, link)
    }

    fn make(&self, call: &ApiCall<'_>, aggregate: Aggregate) -> Answer<Expr> {
        let Self { path, link, filter, variable } = self.clone();
        let of = aggregate.value().map(ToString::to_string).unwrap_or_default();
        let name = variable.map(|rows| format!("{rows}.{}({of})", aggregate.name()));
        let made = figure(call, FigureSource::Related { link, filter, aggregate })?;
        called(call, on_parent(call, &path, made)?, name)
    }
}

/// What is made of the values of an expression.
type OfValues = fn(Expr) -> Aggregate;

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Related>("related");
    engine.register_fn("related", |context: NativeCallContext, table: &str, column: &str| {
        Related::by_column(&ApiCall::new(context), vec![], table, column)
    });
    engine.register_fn("related", |context: NativeCallContext, table: &str, equal: Map| {
        let call = ApiCall::new(context);
        let link = equal_columns(&call, table, &equal)?;
        Answer::Ok(Related::new(&call, vec![], link))
    });
    engine.register_fn("where", |context: NativeCallContext, rows: &mut Related, it: Dynamic| {
        let call = ApiCall::new(context);
        let filter = narrow(&call, rows.filter.clone(), &it)?;
        let variable = call.variable().map(str::to_owned);
        Answer::Ok(Related { filter, variable, ..rows.clone() })
    });
    engine.register_fn("count", |context: NativeCallContext, rows: &mut Related| {
        rows.make(&ApiCall::new(context), Aggregate::Count)
    });
    engine.register_fn("exists", |context: NativeCallContext, rows: &mut Related| {
        rows.make(&ApiCall::new(context), Aggregate::Exists)
    });
    let of_values: [(&str, OfValues); 5] = [
        ("sum", Aggregate::Sum),
        ("min", Aggregate::Min),
        ("max", Aggregate::Max),
        ("average", Aggregate::Average),
        ("count_distinct", Aggregate::CountDistinct),
    ];
    for (name, aggregate) in of_values {
        engine.register_fn(
            name,
            move |context: NativeCallContext, rows: &mut Related, of: Dynamic| {
                let call = ApiCall::new(context);
                let value = column_or_expression(&call, name, &of)?;
                rows.make(&call, aggregate(value))
            },
        );
    }
    engine.register_fn("outer", |name: &str| Expr::outer(name));
    refuse_comparisons::<Related>(
        engine,
        "related(...)",
        "it is rows: write .count() >= 4 after it, .exists(), or .sum(\"total\") > 100",
    );
    refuse_in_texts::<Related>(
        engine,
        "related(...)",
        "it is rows of another table",
        "count them in a rule, as in related(\"SalesOrder\", \"customerId\").count() >= 4",
    );
}

/// A column by its name, or an expression.
pub(super) fn column_or_expression(
    call: &ApiCall<'_>,
    name: &str,
    value: &Dynamic,
) -> Answer<Expr> {
    if let Ok(column) = value.clone().into_string() {
        return Ok(Expr::column(&column));
    }
    value.clone().try_cast::<Expr>().ok_or_else(|| {
        let help = match (value.is::<Related>(), name) {
            (true, _) => {
                "rows are no value: write .count(), .exists() or .sum(\"total\") after them".into()
            }
            (false, "top_percent" | "ntile") => {
                format!("write the number first, then the column: {name}(20, \"total\")")
            }
            (false, _) => format!("write it like {name}(\"total\") or {name}(col(\"total\") * 2)"),
        };
        call.mistake(
            format!("{name} needs the name of a column, not {}", call.describe(value)),
            help,
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, rules};

    fn filter(condition: &str) -> String {
        let script = format!("update(\"T\").where({condition}).set(\"c\", 1);");
        rules(&script)[0].filter.as_ref().expect("a condition").to_string()
    }

    #[test]
    fn related_rows_are_narrowed_and_counted() {
        let orders = "related(\"SalesOrder\", \"customerId\")";
        for (condition, expected) in [
            (format!("{orders}.count() >= 4"), "SalesOrder.count() >= 4"),
            (
                format!("{orders}.where(col(\"paid\")).where(col(\"total\") > 5).exists()"),
                "SalesOrder.where(paid and total > 5).exists()",
            ),
            (format!("{orders}.sum(\"total\") > 10"), "SalesOrder.sum(total) > 10"),
            (format!("{orders}.sum(col(\"total\") * 2) > 10"), "SalesOrder.sum(total * 2) > 10"),
            (
                format!("{orders}.where(col(\"at\") > outer(\"seen\")).max(\"at\") > ago(days(3))"),
                "SalesOrder.where(at > outer(seen)).max(at) > ago(3d)",
            ),
            (
                "related(\"SalesOrder\", #{ customerId: \"id\" }).average(\"total\") < 3"
                    .to_owned(),
                "SalesOrder.average(total) < 3",
            ),
        ] {
            assert_eq!(filter(&condition), expected);
        }
    }

    #[test]
    fn what_is_no_column_is_refused() {
        for (script, message) in [
            (
                "related(\"O\", \"c\").sum(3);",
                "1:19: sum needs the name of a column, not a whole number; write it like sum(\"total\") or sum(col(\"total\") * 2)",
            ),
            (
                "related(\"O\", #{});",
                "1:1: which columns of O equal which of the row is not said; write its column, and the row's own as a text: (\"O\", #{ customerId: \"id\" })",
            ),
        ] {
            assert_eq!(failure(script), message);
        }
    }
}
