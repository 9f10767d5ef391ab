//! `update(..).where(..).set(..)`: one rule.

use leora_host::HostError;
use leora_report::{Entry, Place};
use leora_rule::{Change, Expr, Rule, RuleLocation};
use rhai::{Dynamic, Engine, Map, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::rules::assignment::{Given, SetTarget};
use crate::api::rules::condition::narrow;
use crate::api::rules::mistaken_part::mistaken_part;
use crate::api::values::refuse_in_texts;
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "update",
            forms: &["update(table: text) -> update"],
            about: "Begins a rule for a table's rows; it does nothing until `.set(...)`.",
            usage: "update(\"Customer\").where(condition).set(\"accountType\", value)",
            example: "let done = update(\"Customer\")\n    .where(col(\"accountType\").is_null())\n    .set(\"accountType\", \"PROSPECT\");\nnote(`${done.changed} customers have a class now`);",
            errors: &[
                "update(\"Customer\") never reaches .set(...), so it does nothing",
                "there is no table Custmer in schema public",
            ],
        },
        Function {
            name: "where",
            forms: &["update.where(it: condition) -> update"],
            about: "The rows that the rule may touch. A second `.where` narrows further.",
            usage: "where(col(\"accountType\").is_null())",
            example: "update(\"Customer\")\n    .where(col(\"city\") == \"Napa\")\n    .where(col(\"accountType\").is_null())\n    .set(\"accountType\", \"TARGET\");",
            errors: &[
                "a condition is needed here, and this is a text",
                "a condition is needed here, and name is a text",
            ],
        },
        Function {
            name: "set",
            forms: &[
                "update.set(column: text, value: value) -> change",
                "update.set(column: text, arms: list) -> change",
                "update.set(column: text, values: lookup) -> change",
                "update.set(columns: map) -> map",
            ],
            about: "Writes the rule: a value, a list of arms `[ condition, value ]` of which the first that holds wins, or a `lookup`. A map sets several columns, each from the row as it was before; it returns a change for each column.",
            usage: ".set(\"accountType\", \"ACTIVE\") or .set(\"accountType\", [[condition, value], ...])",
            example: "update(\"Customer\").set(\"accountType\", [\n    [ col(\"lastOrderDate\").within(months(6)), \"ACTIVE\"   ],\n    [ otherwise,                              \"PROSPECT\" ],\n]);\n\n// Several columns, each from the row as it was before.\nupdate(\"Customer\").where(col(\"city\") == \"Napa\").set(#{\n    accountType: \"TARGET\",\n    riskStatus: [\n        [ col(\"lastOrderDate\").within(months(6)), \"HEALTHY\" ],\n        [ otherwise,                              \"DORMANT\" ],\n    ],\n});",
            errors: &[
                "the manifest does not allow setting Customer.city",
                "arm 2 stands after `otherwise`, so it can never match",
                "arm 1 is not a condition and a value",
                "the value set for orderingPaceDays reads orderingPaceDays itself",
                "the values set for city and paymentTerms read each other",
                "AccountType has no value GOLD; its values are ACTIVE, TARGET, PROSPECT",
            ],
        },
    ],
    register,
};

/// `update("Table")`, with the condition so far.
#[derive(Clone)]
struct Update {
    number: usize,
    table: String,
    filter: Option<Expr>,
    /// Where the condition is written, where a single `where` has it.
    filter_place: Option<Place>,
}

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Update>("update");
    engine.register_fn("update", update);
    engine.register_fn("where", narrow_update);
    engine.register_fn("set", set);
    engine.register_fn("set", set_columns);
    refuse_in_texts::<Update>(
        engine,
        "an update(...)",
        "it is a rule",
        "end it with .set(\"column\", value)",
    );
}

fn update(context: NativeCallContext, table: &str) -> Update {
    let call = ApiCall::new(context);
    let number = call.step.start_update(table, call.place());
    Update { number, table: table.to_owned(), filter: None, filter_place: None }
}

fn narrow_update(
    context: NativeCallContext,
    update: &mut Update,
    condition: Dynamic,
) -> Answer<Update> {
    let call = ApiCall::new(context);
    let argument = call.source_map().and_then(|map| map.filter(call.position()));
    let place = argument.and_then(|position| call.place_of(position));
    update.filter_place = place.filter(|_| update.filter.is_none());
    update.filter = narrow(&call, update.filter.take(), &condition)?;
    Ok(update.clone())
}

fn set(
    context: NativeCallContext,
    update: &mut Update,
    column: &str,
    value: Dynamic,
) -> Answer<Change> {
    let call = ApiCall::new(context);
    let target = SetTarget { table: &update.table, column, is_one_of_several: false };
    let given = target.assignment(&call, value)?;
    let began = call.step.finish_update(update.number);
    let rule = rule(&call, update, column, given, began.as_ref());
    let filter = update.filter_place.as_ref();
    apply(&call, std::slice::from_ref(&rule), filter).map(|mut changes| changes.remove(0))
}

/// `set(#{ column: value, ... })`: the columns in the order in which they are written. Returns the change of each.
fn set_columns(context: NativeCallContext, update: &mut Update, columns: Map) -> Answer<Map> {
    let call = ApiCall::new(context);
    if columns.is_empty() {
        return Err(call.mistake(
            "there are no columns, so nothing would be set",
            "write it like .set(#{ accountType: \"ACTIVE\", accountPriority: \"HIGH\" })",
        ));
    }
    let mut assignments = Vec::new();
    let mut columns: Vec<_> = columns.into_iter().collect();
    let written = |column: &str| call.source_map()?.column(call.position(), column);
    columns.sort_by_key(|(column, _)| written(column));
    let is_one_of_several = columns.len() > 1;
    for (column, value) in columns {
        let target = SetTarget { table: &update.table, column: &column, is_one_of_several };
        assignments.push((column.to_string(), target.assignment(&call, value)?));
    }
    let began = call.step.finish_update(update.number);
    let mut rules: Vec<Rule> = Vec::new();
    for (column, assignment) in assignments {
        let joins_previous = !rules.is_empty();
        let rule = rule(&call, update, &column, assignment, began.as_ref());
        rules.push(Rule { joins_previous, ..rule });
    }
    let changes = apply(&call, &rules, update.filter_place.as_ref())?.into_iter();
    Ok(changes.map(|change| (change.column.as_str().into(), Dynamic::from(change))).collect())
}

fn rule(
    call: &ApiCall<'_>,
    update: &Update,
    column: &str,
    Given { assignment, data_file }: Given,
    began: Option<&Place>,
) -> Rule {
    let Update { table, filter, .. } = update.clone();
    let location = rule_location(call, column, began);
    let location = location.map(|location| RuleLocation { data_file, ..location });
    Rule { table, filter, column: column.to_owned(), assignment, location, joins_previous: false }
}

/// Where a rule is written: from the column's line in a map, else from `update(...)`, when that is in the same file as
/// `set(...)`.
fn rule_location(call: &ApiCall<'_>, column: &str, began: Option<&Place>) -> Option<RuleLocation> {
    let set = call.place()?;
    let (map, position) = (call.source_map(), call.position());
    let value_line = map.and_then(|map| map.value_line(position, column));
    let column_line = map.and_then(|map| map.column_line(position, column));
    let began = began.filter(|began| began.file == set.file).map(|began| began.line);
    let line = column_line.or(began).unwrap_or(set.line);
    Some(RuleLocation { file: set.file, line, value_line, data_file: None })
}

fn apply(call: &ApiCall<'_>, rules: &[Rule], filter: Option<&Place>) -> Answer<Vec<Change>> {
    let most = call.step.limits().rule_parts;
    if rules.iter().map(Rule::parts).sum::<u64>() > most {
        return Err(call.limit("rule_parts", most));
    }
    let names: Vec<String> =
        rules.iter().map(|rule| format!("{}.{}", rule.table, rule.column)).collect();
    call.step.on_start(&names.join(", "));
    let place = |error: &HostError| mistaken_part(call, rules, error.rule_part()?, filter);
    let changes = call.ask_about(|host| host.writer().apply_rules(rules), place)?;
    let switches = call.step.switches_off();
    for change in &changes {
        let (change, switches) = (change.clone(), switches.clone());
        call.report(Entry::Change { change, switches })?;
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use leora_rule::{Node, Value};

    use crate::testing::{failure, rules, run};

    #[test]
    fn a_rule_is_made_in_one_chain_or_in_several_statements() {
        let script = "let rule = update(\"T\");\nrule.where(col(\"a\"));\nrule.where(col(\"b\"));\nrule.set(\"c\", 1);";
        let chain = "update(\"T\").where(col(\"a\")).where(col(\"b\")).set(\"c\", 1);";
        for script in [script, chain] {
            let rule = rules(script).remove(0);
            assert_eq!((rule.table.as_str(), rule.column.as_str()), ("T", "c"));
            let filter = rule.filter.expect("a condition");
            assert!(matches!(filter.node(), Node::And(..)), "{filter:?}");
        }
    }

    #[test]
    fn arms_keep_their_order_and_their_lines() {
        let script = "update(\"T\").set(\"c\", [\n  [col(\"a\"), 1],\n  [otherwise, ()],\n]);";
        let rule = rules(script).remove(0);
        let lines: Vec<Option<usize>> = rule.arms().iter().map(|arm| arm.line).collect();
        assert_eq!(lines, [Some(2), Some(3)]);
        assert_eq!(*rule.arms()[1].value.node(), Node::Literal(Value::Null));
        assert_eq!(rule.location.expect("a place").line, 1);
    }

    #[test]
    fn a_map_sets_several_columns_in_the_order_of_their_lines() {
        let script = "let done = update(\"T\").where(col(\"a\")).set(#{\n  d: [\n    [otherwise, 1],\n  ],\n  c: 2,\n});\nnote(`${done.c.changed} ${done.d.rows}`);";
        let rules = rules(script);
        let found: Vec<_> = rules
            .iter()
            .map(|rule| {
                let line = rule.location.as_ref().map(|place| place.line);
                (rule.column.as_str(), line, rule.arms()[0].line, rule.joins_previous)
            })
            .collect();
        assert_eq!(found, [("d", Some(2), Some(3), false), ("c", Some(5), Some(5), true)]);
        assert!(rules.iter().all(|rule| rule.filter.is_some()));
        let none = "there are no columns, so nothing would be set; write it like";
        assert!(failure("update(\"T\").set(#{});").contains(none));
    }

    #[test]
    fn a_rule_of_another_shape_is_refused() {
        for (script, message) in [
            (
                "update(\"T\").set(\"c\", []);",
                "there are no arms, so nothing would be set; write each arm like [ condition, value ]",
            ),
            (
                "update(\"T\").set(\"c\", [[true, 1, 2]]);",
                "arm 1 is not a condition and a value; write each arm like [ condition, value ]",
            ),
            (
                "update(\"T\").set(\"c\", table(\"T\"));",
                "a value is needed here, and this is a table; give a text, a number, true/false, a column, or () for none",
            ),
            (
                "update(\"T\").where(\"x\").set(\"c\", 1);",
                "a condition is needed here, and this is a text; write it with col(...), as in col(\"lastOrderDate\").within(months(6))",
            ),
        ] {
            assert!(failure(script).ends_with(message), "{script}: {}", failure(script));
        }
    }

    #[test]
    fn an_update_without_set_is_a_mistake() {
        // A lint finds the ones that are not behind a function.
        let ran = run("fn begin() { update(\"T\") }\nbegin();");
        let failure = ran.result.failure.expect("a mistake");
        assert_eq!(failure.message, "update(\"T\") never reaches .set(...), so it does nothing");
        assert_eq!(failure.place.map(|place| (place.line, place.column)), Some((1, 14)));
    }
}
