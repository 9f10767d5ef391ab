//! `show`: a distribution as a chart, rows as a table, or a text.

use leora_report::{Distribution, Entry, ShownTable};
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::reporting::note::report_text;
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
        about: "Shows a distribution as a chart, rows as a table, or a text.",
        usage: "show(table(\"Customer\").distribution(\"accountType\"))",
        example: "show(\"Customers by state\", table(\"Customer\").distribution(\"state\"));\nshow([\"slug\", \"name\"], table(\"Tenant\").rows([\"slug\", \"name\"]));",
        errors: &["`show` can't show a list of single values", "`show` can't show a column"],
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
    call.report(Entry::Table(shown_table(&maps, columns)))
}

fn shown_table(maps: &[Map], columns: Option<Vec<String>>) -> ShownTable {
    let of_first = || maps.first().map(|row| row.keys().map(ToString::to_string).collect());
    let columns: Vec<String> = columns.or_else(of_first).unwrap_or_default();
    let cell = |row: &Map, name: &String| {
        row.get(name.as_str()).map_or_else(String::new, Dynamic::to_string)
    };
    let rows =
        maps.iter().map(|row| columns.iter().map(|name| cell(row, name)).collect()).collect();
    ShownTable { columns, rows }
}

#[cfg(test)]
mod tests {
    use leora_report::{Entry, ShownTable};

    use crate::testing::{failure, notes, run};

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
    fn a_text_is_a_note_and_single_values_are_refused() {
        assert_eq!(notes("show(\"x\"); show(5);"), ["x", "5"]);
        assert!(failure("show([1]);").contains("`show` can't show a list of single values"));
        assert!(failure("show(col(\"a\"));").contains("`show` can't show a column"));
    }
}
