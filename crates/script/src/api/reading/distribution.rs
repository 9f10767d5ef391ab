//! `distribution`, `distribution_by`, and what a distribution has: how many rows have each value.

use leora_host::Selection;
use leora_report::Distribution;
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};
use rust_decimal::Decimal;

use crate::api::reading::rows::check_row_count;
use crate::api::reference::{Function, Primitive};
use crate::api::values::refuse_in_texts;
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "distribution",
            forms: &["table.distribution(column: text) -> distribution"],
            about: "How many rows have each value of a column.",
            usage: "table(\"Customer\").distribution(\"accountType\")",
            example: "show(table(\"Customer\").distribution(\"state\"));",
            errors: &["Customer has no column typ"],
        },
        Function {
            name: "total",
            forms: &["distribution.total -> integer"],
            about: "How many rows there are in all.",
            usage: "",
            example: "let states = table(\"Customer\").distribution(\"state\");\nnote(`${states.total} customers`);",
            errors: &[],
        },
        Function {
            name: "count",
            forms: &["distribution.count(value: text) -> integer"],
            about: "How many rows have this value; `()` stands for none.",
            usage: "",
            example: "let classes = table(\"Customer\").distribution(\"accountType\");\nnote(`${classes.count(\"ACTIVE\")} active, ${classes.count(())} without a class`);",
            errors: &[],
        },
        Function {
            name: "share",
            forms: &["distribution.share(value: text) -> number"],
            about: "The same in percent, to a tenth.",
            usage: "table(\"Customer\").distribution(\"accountType\").share(\"ACTIVE\")",
            example: "let classes = table(\"Customer\").distribution(\"accountType\");\nnote(`${classes.share(\"ACTIVE\")}% are active`);",
            errors: &["a distribution can't stand in a text: it has many values"],
        },
        Function {
            name: "distribution_by",
            forms: &["table.distribution_by(group: text, column: text) -> list"],
            about: "A distribution for each value of another column: a list of `#{ group, distribution }`.",
            usage: "table(\"Customer\").distribution_by(\"tenantId\", \"accountType\")",
            example: "for part in table(\"Customer\").distribution_by(\"tenantId\", \"accountType\") {\n    show(`tenant ${part.group}`, part.distribution);\n}",
            errors: &[],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Distribution>("distribution");
    engine.register_fn("distribution", distribution);
    engine.register_fn("distribution_by", distribution_by);
    engine.register_get("total", |all: &mut Distribution| all.total() as i64);
    engine.register_fn("count", |all: &mut Distribution, value: &str| {
        rows_with(all, Some(value)) as i64
    });
    engine.register_fn("count", |all: &mut Distribution, _: ()| rows_with(all, None) as i64);
    engine.register_fn("share", |all: &mut Distribution, value: &str| {
        percent(rows_with(all, Some(value)), all.total())
    });
    engine.register_fn("share", |all: &mut Distribution, _: ()| {
        percent(rows_with(all, None), all.total())
    });
    refuse_in_texts::<Distribution>(
        engine,
        "a distribution",
        "it has many values",
        "show(...) shows all of it; .count(\"ACTIVE\") and .total are numbers",
    );
}

fn distribution(
    context: NativeCallContext,
    rows: &mut Selection,
    column: &str,
) -> Answer<Distribution> {
    let call = ApiCall::new(context);
    call.step.on_start(&format!("{}.{column}", rows.table));
    let found = call.ask(|host| host.reader().distribution(rows, column))?;
    check_row_count(&call, found.values.len())?;
    Ok(found)
}

fn distribution_by(
    context: NativeCallContext,
    rows: &mut Selection,
    group: &str,
    column: &str,
) -> Answer<Array> {
    let call = ApiCall::new(context);
    call.step.on_start(&format!("{}.{column} by {group}", rows.table));
    let groups = call.ask(|host| host.reader().distribution_by(rows, group, column))?;
    check_row_count(&call, groups.iter().map(|(_, found)| found.values.len()).sum())?;
    Ok(groups.into_iter().map(group_map).collect())
}

fn group_map((group, distribution): (Option<String>, Distribution)) -> Dynamic {
    Dynamic::from(Map::from_iter([
        ("group".into(), group.map_or(Dynamic::UNIT, Dynamic::from)),
        ("distribution".into(), Dynamic::from(distribution)),
    ]))
}

fn rows_with(all: &Distribution, value: Option<&str>) -> u64 {
    all.values.iter().filter(|share| share.value.as_deref() == value).map(|share| share.rows).sum()
}

/// A share in percent, to a tenth; of nothing it is 0.
fn percent(rows: u64, total: u64) -> Decimal {
    let share = Decimal::from(rows) * Decimal::ONE_HUNDRED;
    let mut percent = share.checked_div(total.into()).unwrap_or_default();
    percent.rescale(1);
    percent
}

#[cfg(test)]
mod tests {
    use leora_host::GivenAnswers;
    use leora_report::ValueCount;

    use crate::Settings;
    use crate::testing::run_with;

    fn notes(script: &str) -> Vec<String> {
        let counts = vec![
            ValueCount { value: Some("A".into()), rows: 2 },
            ValueCount { value: None, rows: 1 },
        ];
        let given = GivenAnswers {
            distributions: [("T.c".to_owned(), counts.clone())].into(),
            groups: [("T.c".to_owned(), vec![(Some("north".into()), counts)])].into(),
            ..GivenAnswers::default()
        };
        let ran = run_with(script, given, Settings::default());
        assert!(ran.result.failure.is_none(), "{:?}", ran.result.failure);
        ran.notes().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_distribution_has_counts_and_shares() {
        let script = "let d = table(\"T\").distribution(\"c\"); note(`${d.total} ${d.count(\"A\")} ${d.count(())} ${d.count(\"B\")} ${d.share(\"A\")} ${d.share(())}`);";
        assert_eq!(notes(script), ["3 2 1 0 66.7 33.3"]);
    }

    #[test]
    fn a_share_of_nothing_is_0() {
        let script = "note(`${table(\"U\").distribution(\"c\").share(\"A\")}`);";
        assert_eq!(notes(script), ["0.0"]);
    }

    #[test]
    fn there_is_a_distribution_for_each_group() {
        let script = "for part in table(\"T\").distribution_by(\"g\", \"c\") { note(`${part.group} ${part.distribution.total}`); }";
        assert_eq!(notes(script), ["north 3"]);
    }
}
