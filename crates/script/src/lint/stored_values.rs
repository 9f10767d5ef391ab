//! `stored_value_read`: `.set(#{ a: .., b: [ [ col("a") == .., .. ] ] })`, where `col("a")` is not the value that the rule gives.

use std::collections::BTreeSet;

use leora_report::{Finding, FindingKind};
use rhai::{ASTNode, Expr};

use crate::compiled_script::CompiledScript;
use crate::messages::wording::message;
use crate::syntax_tree::calls::{call_of_node, first_text};

/// The methods in which `col` is a column of other rows.
const OF_OTHER_ROWS: [&str; 6] = ["where", "sum", "min", "max", "average", "count_distinct"];

/// Only columns that are written in the map: one with a name of its own is taken as it is meant.
pub(crate) fn stored_values_read(script: &CompiledScript) -> Vec<Finding> {
    let mut found = Vec::new();
    script.ast.walk(&mut |path| {
        let call = path.last().and_then(call_of_node).map(|(call, _)| call);
        if let Some(call) = call.filter(|call| call.name == "set")
            && let [Expr::Map(entries, _)] = &call.args[..]
        {
            let set: BTreeSet<&str> = entries.0.iter().map(|(key, _)| key.name.as_str()).collect();
            for (key, value) in &entries.0 {
                found.extend(reads(value, &set, &key.name, script));
            }
        }
        true
    });
    found
}

fn reads(
    value: &Expr,
    set: &BTreeSet<&str>,
    column: &str,
    script: &CompiledScript,
) -> Vec<Finding> {
    let mut found = Vec::new();
    value.walk(&mut vec![], &mut |path: &[ASTNode<'_>]| {
        let is_elsewhere = path.iter().any(|node| match node {
            ASTNode::Expr(Expr::MethodCall(call, _)) => OF_OTHER_ROWS.contains(&&*call.name),
            _ => false,
        });
        if let Some(ASTNode::Expr(Expr::FnCall(call, position))) = path.last()
            && !is_elsewhere
            && call.name == "col"
            && let Some(read) = first_text(call).filter(|read| *read != column)
            && set.contains(read)
        {
            let message = message(
                format!("{read} is read as it was before, not as this rule sets it"),
                format!(
                    "for the new value, set {column} in a rule after this one; for the old one, give it a name before: let before = col(\"{read}\")"
                ),
            );
            found.push(script.finding(FindingKind::StoredValueRead, *position, message));
        }
        true
    });
    found
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder};

    #[test]
    fn a_column_that_the_same_rule_sets_is_read_as_it_was() {
        let script = "update(\"T\").where(col(\"c\").is_null()).set(#{\n  c: \"A\",\n  d: [[col(\"c\") == \"A\", 1]],\n});";
        let expected =
            "3:8: stored_value_read: c is read as it was before, not as this rule sets it";
        assert_eq!(findings(&folder(script)), [expected]);
        for script in [
            "let before = col(\"c\"); update(\"T\").set(#{ c: \"A\", d: [[before == \"A\", 1]] });",
            "update(\"T\").set(#{ c: 1, d: [[related(\"U\", \"t\").where(col(\"c\") == 1).exists(), 1]] });",
            "update(\"T\").set(#{ c: [[col(\"c\").is_null(), 1]], d: 2 });",
        ] {
            assert_eq!(findings(&folder(script)), [] as [&str; 0], "{script}");
        }
    }
}
