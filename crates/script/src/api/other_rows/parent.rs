//! `parent`: the row that a row refers to.

use leora_rule::{Expr, Link};
use rhai::{Engine, Map, NativeCallContext};

use crate::api::other_rows::link::{called, equal_columns, on_parent};
use crate::api::other_rows::related::Related;
use crate::api::reference::{Function, Primitive};
use crate::api::values::{refuse_comparisons, refuse_in_texts};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "parent",
            forms: &[
                "parent(column: text) -> parent",
                "parent(table: text, equal: map) -> parent",
                "parent.parent(column: text) -> parent",
                "parent.parent(table: text, equal: map) -> parent",
            ],
            about: "The row that a column of the row refers to, by its foreign key; or the one row of a table that has equal columns: its own, and the row's. Where there is none, its columns are missing.",
            usage: "parent(\"tenantId\").col(\"name\")",
            example: "let tenant = parent(\"tenantId\");\nnote(`${table(\"Customer\").count(tenant.col(\"name\").is_null())} customers without a tenant`);",
            errors: &[
                "Customer.city has no foreign key, so it refers to no row",
                "several rows of HealthThreshold may have the same tenantId, so none is the parent",
            ],
        },
        Function {
            name: "col",
            forms: &["parent.col(name: text) -> column"],
            about: "A column of that row.",
            usage: "",
            example: "note(`${table(\"Customer\").count(parent(\"tenantId\").col(\"name\") == \"Leora\")}`);",
            errors: &[],
        },
        Function {
            name: "related",
            forms: &[
                "parent.related(table: text, column: text) -> related",
                "parent.related(table: text, equal: map) -> related",
            ],
            about: "The rows that refer to that row.",
            usage: "",
            example: "let siblings = parent(\"tenantId\").related(\"Customer\", \"tenantId\");\nnote(`${table(\"Customer\").count(siblings.count() > 1000)}`);",
            errors: &[],
        },
    ],
    register,
};

/// `parent("column")`, and the parents of it.
#[derive(Clone)]
struct Parent {
    path: Vec<Link>,
    /// The variable that holds it.
    variable: Option<String>,
}

impl Parent {
    fn by_column(call: &ApiCall<'_>, path: &[Link], column: &str) -> Self {
        let link = Link::ForeignKey { table: None, column: column.to_owned() };
        Self::by_link(call, path, link)
    }

    fn by_link(call: &ApiCall<'_>, path: &[Link], link: Link) -> Self {
        let path = path.iter().cloned().chain([link]).collect();
        Self { path, variable: call.variable().map(str::to_owned) }
    }
}

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Parent>("parent");
    engine.register_fn("parent", |context: NativeCallContext, column: &str| {
        Parent::by_column(&ApiCall::new(context), &[], column)
    });
    engine.register_fn("parent", |context: NativeCallContext, table: &str, equal: Map| {
        let call = ApiCall::new(context);
        let link = equal_columns(&call, table, &equal)?;
        Answer::Ok(Parent::by_link(&call, &[], link))
    });
    engine.register_fn("parent", |context: NativeCallContext, row: &mut Parent, column: &str| {
        Parent::by_column(&ApiCall::new(context), &row.path, column)
    });
    engine.register_fn(
        "parent",
        |context: NativeCallContext, row: &mut Parent, table: &str, equal: Map| {
            let call = ApiCall::new(context);
            let link = equal_columns(&call, table, &equal)?;
            Answer::Ok(Parent::by_link(&call, &row.path, link))
        },
    );
    engine.register_fn("col", |context: NativeCallContext, row: &mut Parent, name: &str| {
        let call = ApiCall::new(context);
        let shown = row.variable.as_ref().map(|row| format!("{row}.{name}"));
        called(&call, on_parent(&call, &row.path, Expr::column(name))?, shown)
    });
    engine.register_fn(
        "related",
        |context: NativeCallContext, row: &mut Parent, table: &str, column: &str| {
            Related::by_column(&ApiCall::new(context), row.path.clone(), table, column)
        },
    );
    engine.register_fn(
        "related",
        |context: NativeCallContext, row: &mut Parent, table: &str, equal: Map| {
            let call = ApiCall::new(context);
            let link = equal_columns(&call, table, &equal)?;
            Answer::Ok(Related::new(&call, row.path.clone(), link))
        },
    );
    refuse_comparisons::<Parent>(
        engine,
        "parent(...)",
        "it is a row: name a column of it, as in parent(\"tenantId\").col(\"slug\") == \"north\"",
    );
    refuse_in_texts::<Parent>(
        engine,
        "parent(...)",
        "it is another row for each row",
        "name a column of it, as in parent(\"tenantId\").col(\"name\")",
    );
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, rules};

    #[test]
    fn parents_are_chained() {
        let script = "let rep = parent(\"salesRepId\");\nupdate(\"T\").where(rep.parent(\"managerId\").col(\"name\") == \"Ann\" and rep.related(\"Visit\", \"repId\").count() > 3).set(\"c\", 1);";
        let filter = rules(script)[0].filter.as_ref().expect("a condition").to_string();
        assert_eq!(filter, "salesRepId.managerId.name == \"Ann\" and salesRepId.Visit.count() > 3");
    }

    #[test]
    fn there_is_an_end_to_the_chain() {
        let script = "parent(\"a\").parent(\"b\").parent(\"c\").parent(\"d\").col(\"e\");";
        let message = "other rows lie at most 3 levels deep";
        assert!(failure(script).contains(message), "{}", failure(script));
    }
}
