//! `not_allowed`, `unreachable_arm`, `missing_value`: mistakes in the rules that a dry run comes to.

use std::collections::BTreeSet;

use jiff::civil::Date;
use leora_folder::ScriptFolder;
use leora_host::{ReachedRule, permit};
use leora_report::{Finding, FindingKind, Place};
use leora_rule::{Arm, Assignment, Expr, Node, Rule, Value, unreachable_arms};

use crate::lint::permissions::refusal;

pub(crate) fn check_rules(
    rules: &[ReachedRule],
    folder: &ScriptFolder,
    as_of: Date,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, ReachedRule { rule, .. }) in rules.iter().enumerate() {
        found.extend(not_allowed(rule, folder));
        found.extend(find_unreachable_arms(rule, folder, as_of));
        found.extend(value_missing_in_list(rule, folder));
        found.extend(value_missing_in_lookup(rule, &rules[..index], folder));
    }
    found
}

/// The first character of a line: rules and arms know only their line.
fn place(rule: &Rule, line: Option<usize>, folder: &ScriptFolder) -> Option<Place> {
    let written = rule.location.as_ref()?;
    let line = line.unwrap_or(written.line);
    let source = folder.sources().find(|source| source.path == written.file)?;
    let text = source.text.lines().nth(line.checked_sub(1)?)?;
    let indent = text.chars().take_while(|sign| sign.is_whitespace()).count();
    Some(Place { file: written.file.clone(), line, column: indent + 1 })
}

fn not_allowed(rule: &Rule, folder: &ScriptFolder) -> Option<Finding> {
    let refused = permit::check_column(&folder.manifest, &rule.table, &rule.column).err()?;
    Some(refusal(refused, place(rule, None, folder), &folder.manifest))
}

fn find_unreachable_arms(rule: &Rule, folder: &ScriptFolder, as_of: Date) -> Vec<Finding> {
    // The keys of a data file are different from each other, and may be a million.
    if rule.location.as_ref().is_some_and(|location| location.data_file.is_some()) {
        return vec![];
    }
    let arms = rule.arms();
    let finding = |one: leora_rule::UnreachableArm| {
        let line =
            |arm: usize| arms[arm].line.map(|line| format!(", line {line},")).unwrap_or_default();
        let (number, before) = (one.arm + 1, one.covered_by + 1);
        Finding {
            kind: FindingKind::UnreachableArm,
            message: format!(
                "arm {number} can never match: arm {before}{} takes every row that it would",
                line(one.covered_by)
            ),
            help: Some(
                "put the narrower of the two first, or check the limits that they use".into(),
            ),
            place: place(rule, arms[one.arm].line, folder),
            fix: None,
        }
    };
    match rule.assignment {
        Assignment::Arms(_) => {
            let unreachable = unreachable_arms(rule, as_of).into_iter();
            unreachable.filter(|one| !has_empty_list(&arms[one.arm])).map(finding).collect()
        }
        Assignment::Lookup { .. } | Assignment::Value(_) => vec![],
    }
}

/// Whether an arm asks for a list that has nothing in it: what fills it from the database finds nothing in a dry run.
fn has_empty_list(arm: &Arm) -> bool {
    fn in_condition(condition: &Expr) -> bool {
        matches!(condition.node(), Node::IsOneOf(_, values) if values.is_empty())
            || condition.node().children().into_iter().any(in_condition)
    }
    arm.condition.as_ref().is_some_and(in_condition)
}

/// The constants that a rule's arms give.
fn values(rule: &Rule) -> Vec<Value> {
    let literal = |arm: &Arm| match arm.value.node() {
        Node::Literal(value) if *value != Value::Null => Some(value.clone()),
        _ => None,
    };
    rule.arms().iter().filter_map(literal).collect()
}

fn texts(values: &[Value]) -> BTreeSet<String> {
    values.iter().map(ToString::to_string).collect()
}

/// A list in `where`, of the column that the rule sets, that has some of the values of its arms but not all: when the rule
/// runs again, rows that it gave one of the others are left out.
fn value_missing_in_list(rule: &Rule, folder: &ScriptFolder) -> Option<Finding> {
    let given = texts(&values(rule));
    let list = lists(rule.filter.as_ref()?, &rule.column).into_iter().find(|list| {
        let several = list.len() > 1 && list.is_subset(&given);
        several && list.len() < given.len()
    })?;
    let missing: Vec<&str> = given.difference(&list).map(String::as_str).collect();
    Some(Finding {
        kind: FindingKind::MissingValue,
        message: format!(
            "the list in `where` misses {}, which the rule's own arms give: rows that have it are never looked at again",
            missing.join(" and ")
        ),
        help: Some(format!("add it to .is_one_of([...]) on {}", rule.column)),
        place: place(rule, None, folder),
        fix: None,
    })
}

/// The lists of a condition that a column is compared with.
fn lists(condition: &Expr, column: &str) -> Vec<BTreeSet<String>> {
    let own = match condition.node() {
        Node::IsOneOf(a, values) if *a.node() == Node::Column(column.to_owned()) => {
            Some(texts(values))
        }
        _ => None,
    };
    let inside = condition.node().children().into_iter().flat_map(|child| lists(child, column));
    own.into_iter().chain(inside).collect()
}

/// A lookup that lacks values which earlier rules give the column that it reads.
fn value_missing_in_lookup(
    rule: &Rule,
    earlier: &[ReachedRule],
    folder: &ScriptFolder,
) -> Option<Finding> {
    let Assignment::Lookup { column, pairs } = &rule.assignment else { return None };
    let of_column =
        |reached: &&ReachedRule| reached.rule.table == rule.table && reached.rule.column == *column;
    let given: Vec<Value> =
        earlier.iter().filter(of_column).flat_map(|one| values(&one.rule)).collect();
    let keys: Vec<Value> = pairs.iter().map(|pair| pair.key.clone()).collect();
    let (given, keys) = (texts(&given), texts(&keys));
    let missing: Vec<&str> = given.difference(&keys).map(String::as_str).collect();
    if missing.is_empty() {
        return None;
    }
    let line = pairs.iter().filter_map(|pair| pair.line).min();
    Some(Finding {
        kind: FindingKind::MissingValue,
        message: format!(
            "this lookup has no value for {}, which an earlier rule gives {column}: such rows are left alone",
            missing.join(" and ")
        ),
        help: Some(format!("add it, as in #{{ {}: \"...\" }}", missing[0])),
        place: place(rule, line, folder),
        fix: None,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use leora_system::Interrupt;

    use crate::testing::{describe_finding, folder};
    use crate::{Program, Settings, check_rules};

    /// The findings in the rules of a script.
    fn found(script: &str) -> Vec<String> {
        let folder = folder(script);
        let program = Program::compile(&folder).expect("a script that compiles");
        let settings = Settings::default();
        let as_of = date(2025, 10, 25);
        let findings = check_rules(&program, &folder, &settings, as_of, &Interrupt::default());
        findings.iter().map(describe_finding).collect()
    }

    #[test]
    fn an_arm_that_an_earlier_one_covers_can_not_match() {
        let script = "update(\"T\").set(\"c\", [\n  [col(\"at\").within(months(12)), \"A\"],\n  [col(\"at\").within(months(6)), \"B\"],\n]);";
        let finding = "3:3: unreachable_arm: arm 2 can never match: arm 1, line 2, takes every row that it would";
        assert_eq!(found(script), [finding]);
    }

    #[test]
    fn a_list_that_is_filled_from_the_database_may_match() {
        let list = |name: &str| {
            format!(
                "let {name} = []; for row in query(\"SELECT 1 AS a\") {{ {name}.push(row.a); }}\n"
            )
        };
        let rule = "update(\"T\").set(\"c\", [[col(\"a\").is_one_of(x), \"A\"], [col(\"a\").is_one_of(y), \"B\"]]);";
        assert_eq!(found(&format!("{}{}{rule}", list("x"), list("y"))), [] as [&str; 0]);
    }

    #[test]
    fn a_list_in_where_has_the_values_of_all_arms() {
        let script = "update(\"T\").where(col(\"c\").is_one_of([\"A\", \"B\"])).set(\"c\", [[col(\"x\"), \"A\"], [col(\"y\"), \"B\"], [otherwise, \"C\"]]);";
        let finding = "1:1: missing_value: the list in `where` misses C, which the rule's own arms give: rows that have it are never looked at again";
        assert_eq!(found(script), [finding]);
    }

    #[test]
    fn a_lookup_has_the_values_that_earlier_rules_give() {
        let script =
            "update(\"T\").set(\"c\", \"A\");\nupdate(\"T\").set(\"d\", lookup(\"c\", #{ B: 1 }));";
        let finding = "2:1: missing_value: this lookup has no value for A, which an earlier rule gives c: such rows are left alone";
        assert_eq!(found(script), [finding]);
    }

    #[test]
    fn a_rule_behind_a_switch_is_checked_too() {
        let script = "let on = setting(\"on\", false);\nif on {\n  let column = \"e\";\n  update(\"T\").set(column, 1);\n}";
        assert_eq!(found(script), ["4:3: not_allowed: the manifest does not allow setting T.e"]);
    }
}
