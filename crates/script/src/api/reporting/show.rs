//! `show`: a distribution as a chart, rows as a table, or a text.

use leora_report::{Distribution, Entry, ShownTable};
use leora_rule::Period;
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::reporting::note::report_text;
use crate::api::values::plain_value;
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "show",
        forms: &[
            "show(it: distribution) -> nothing",
            "show(title: text, it: distribution) -> nothing",
            "show(rows: list) -> nothing",
            "show(columns: list, rows: list) -> nothing",
            "show(it: value) -> nothing",
        ],
        about: "Shows a distribution as a chart, each group of `distribution_by` as a chart of its own, rows as a table, or a text.",
        usage: "show(table(\"Customer\").distribution(\"accountType\"))",
        example: "show(\"Customers by state\", table(\"Customer\").distribution(\"state\"));\nshow([\"slug\", \"name\"], table(\"Tenant\").rows([\"slug\", \"name\"]));",
        errors: &[
            "`show` can't show a list of single values",
            "`show` can't show a column",
            "`show` can't show a distribution in a table, as all has it",
        ],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("show", |context: NativeCallContext, distribution: Distribution| {
        let entry = Entry::Distribution { title: None, distribution };
        ApiCall::new(context).report(entry)
    });
    engine.register_fn(
        "show",
        |context: NativeCallContext, title: &str, distribution: Distribution| {
            let entry = Entry::Distribution { title: Some(title.to_owned()), distribution };
            ApiCall::new(context).report(entry)
        },
    );
    engine.register_fn("show", |context: NativeCallContext, it: Dynamic| {
        report_text(&ApiCall::new(context), "show", &it)
    });
    engine.register_fn("show", |context: NativeCallContext, columns: Array, rows: Array| {
        let call = ApiCall::new(context);
        call.check_size(&columns)?;
        let columns = columns.iter().map(Dynamic::to_string).collect();
        show_rows(&call, rows, Some(columns))
    });
    engine.register_fn("show", |context: NativeCallContext, rows: Array| {
        show_rows(&ApiCall::new(context), rows, None)
    });
}

/// Shows rows as a table: the named columns, else those of the first row.
fn show_rows(call: &ApiCall<'_>, rows: Array, columns: Option<Vec<String>>) -> Answer<()> {
    call.check_size(&rows)?;
    let maps: Option<Vec<Map>> = rows.into_iter().map(Dynamic::try_cast).collect();
    let Some(maps) = maps else {
        return Err(call.mistake(
            "`show` can't show a list of single values",
            "give it the rows of table(...).rows([...]), or a text, as in show(`${list}`)",
        ));
    };
    if columns.is_none() && !maps.is_empty() {
        let groups: Option<Vec<Entry>> = maps.iter().map(distribution_of_group).collect();
        if let Some(groups) = groups {
            return groups.into_iter().try_for_each(|entry| call.report(entry));
        }
    }
    let columns = columns.unwrap_or_else(|| match maps.first() {
        Some(row) => row.keys().map(ToString::to_string).collect(),
        None => vec![],
    });
    let cells = |row: &Map| columns.iter().map(|name| cell(call, row, name)).collect();
    let rows = maps.iter().map(cells).collect::<Answer<_>>()?;
    call.report(Entry::Table(ShownTable { columns, rows }))
}

/// A group of `distribution_by`, as a distribution of its own.
fn distribution_of_group(row: &Map) -> Option<Entry> {
    let (group, distribution) = (row.get("group")?, row.get("distribution")?);
    let distribution = distribution.clone().try_cast::<Distribution>()?;
    let title = if group.is_unit() { "(none)".to_owned() } else { group.to_string() };
    Some(Entry::Distribution { title: Some(title), distribution })
}

fn cell(call: &ApiCall<'_>, row: &Map, name: &str) -> Answer<String> {
    let Some(value) = row.get(name) else { return Ok(String::new()) };
    let has_text = plain_value(value).is_some() || value.is::<Period>();
    if has_text || value.is_array() || value.is_map() {
        return Ok(value.to_string());
    }
    Err(call.mistake(
        format!("`show` can't show {} in a table, as {name} has it", call.describe(value)),
        "show it by itself, or name the columns to show, as in show([\"name\"], rows)",
    ))
}

#[cfg(test)]
mod tests {
    use leora_host::GivenAnswers;
    use leora_report::{Entry, ShownTable, ValueCount};

    use crate::Settings;
    use crate::testing::{failure, notes, run, run_with};

    fn table(script: &str) -> ShownTable {
        let ran = run(script);
        let Some(Entry::Table(table)) = ran.result.entries.first() else {
            panic!("{:?}", ran.result)
        };
        table.clone()
    }

    #[test]
    fn rows_are_a_table_of_their_columns() {
        let all = table("show([#{ a: 1, b: 2 }, #{ a: 3 }]);");
        assert_eq!(all.columns, ["a", "b"]);
        assert_eq!(all.rows, [["1", "2"], ["3", ""]]);
        assert_eq!(table("show([\"b\"], [#{ a: 1, b: 2 }]);").rows, [["2"]]);
    }

    #[test]
    fn each_group_of_a_distribution_is_a_chart() {
        let all = vec![ValueCount { value: Some("A".into()), rows: 2 }];
        let groups = vec![(Some("north".to_owned()), all.clone()), (None, all)];
        let given =
            GivenAnswers { groups: [("T.c".to_owned(), groups)].into(), ..GivenAnswers::default() };
        let ran = run_with(
            "show(table(\"T\").distribution_by(\"g\", \"c\"));",
            given,
            Settings::default(),
        );
        let titles: Vec<_> = ran
            .result
            .entries
            .iter()
            .map(|entry| match entry {
                Entry::Distribution { title, .. } => title.as_deref(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(titles, [Some("north"), Some("(none)")]);
    }

    #[test]
    fn what_has_no_text_is_no_cell() {
        let message = failure("show([#{ a: col(\"b\") }]);");
        assert!(
            message.contains("`show` can't show a column in a table, as a has it"),
            "{message}"
        );
        let all = failure("let all = table(\"T\").distribution(\"c\"); show([#{ all: all }]);");
        assert!(
            all.contains("`show` can't show a distribution in a table, as all has it"),
            "{all}"
        );
    }

    #[test]
    fn a_text_is_a_note_and_single_values_are_refused() {
        assert_eq!(notes("show(\"x\"); show(5);"), ["x", "5"]);
        assert!(failure("show([1]);").contains("`show` can't show a list of single values"));
        assert!(failure("show(col(\"a\"));").contains("`show` can't show a column"));
    }
}
