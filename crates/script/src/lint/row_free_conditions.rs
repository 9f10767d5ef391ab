//! `same_for_every_row`: a condition of a rule that was read from the database before, and looks at no column of the row.

use std::collections::BTreeSet;

use leora_report::{Finding, FindingKind};
use rhai::{AST, ASTNode, Expr, Position, Stmt};

use crate::compiled_script::CompiledScript;
use crate::lint::column_values::{column_names, gives_column};
use crate::messages::wording::same_for_every_row;
use crate::syntax_tree::calls::{call_of, call_of_node};

/// The conditions of arms and of `.where(...)` that are the same for every row, such as `n > 4` where n is a count.
pub(crate) fn conditions_without_row(script: &CompiledScript) -> Vec<Finding> {
    let columns = column_names(&script.ast);
    let reads = Reads::from_ast(&script.ast);
    let mut found: Vec<Position> = Vec::new();
    script.ast.walk(&mut |path| {
        let call = path.last().and_then(call_of_node).map(|(call, _)| call);
        let conditions: Vec<&Expr> = match call.map(|call| (call.name.as_str(), &call.args[..])) {
            Some(("where", [condition])) => vec![condition],
            Some(("set", [_, Expr::Array(arms, _)])) => {
                arms.iter().filter_map(condition_of_arm).collect()
            }
            _ => vec![],
        };
        let same =
            conditions.into_iter().filter(|one| reads.are_in(one) && !gives_column(one, &columns));
        found.extend(same.map(Expr::start_position));
        true
    });
    let finding =
        |position| script.finding(FindingKind::SameForEveryRow, position, same_for_every_row());
    found.into_iter().map(finding).collect()
}

fn condition_of_arm(arm: &Expr) -> Option<&Expr> {
    match arm {
        Expr::Array(pair, _) if pair.len() == 2 => pair.first(),
        _ => None,
    }
}

/// What a script knows of the database when it makes a rule.
struct Reads {
    /// The variables that hold it.
    variables: BTreeSet<String>,
    /// The script's own functions: they may give a column, whatever they are given.
    functions: BTreeSet<String>,
}

impl Reads {
    fn from_ast(ast: &AST) -> Self {
        let functions = ast.iter_functions().map(|function| function.name.to_owned()).collect();
        let mut reads = Self { variables: BTreeSet::new(), functions };
        ast.walk(&mut |path| {
            if let Some(ASTNode::Stmt(Stmt::Var(parts, ..))) = path.last()
                && reads.are_in(&parts.1)
            {
                reads.variables.insert(parts.0.name.to_string());
            }
            true
        });
        reads
    }

    /// Whether an expression is made of what was read, as far as the text tells.
    fn are_in(&self, expr: &Expr) -> bool {
        let (mut has_read, mut has_function) = (false, false);
        expr.walk(&mut Vec::new(), &mut |path| {
            match path.last() {
                Some(ASTNode::Expr(Expr::Variable(parts, ..))) => {
                    has_read |= self.variables.contains(parts.1.as_str());
                }
                Some(ASTNode::Expr(inner)) => {
                    if let Some((call, _)) = call_of(inner) {
                        has_read |= ["table", "query"].contains(&call.name.as_str());
                        has_function |=
                            call.is_qualified() || self.functions.contains(call.name.as_str());
                    }
                }
                _ => {}
            }
            true
        });
        has_read && !has_function
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder};

    /// The places of the findings in a script.
    fn places(script: &str) -> Vec<String> {
        let found = findings(&folder(script)).into_iter();
        found.filter_map(|one| Some(one.split_once(": same_for_every_row")?.0.to_owned())).collect()
    }

    #[test]
    fn a_count_that_stands_for_related_rows_is_found() {
        let count = "let n = table(\"Order\").where(col(\"customerId\") == col(\"id\")).count();\n";
        for (rule, place) in [
            ("update(\"T\").set(\"c\", [[n > 4, \"A\"], [otherwise, \"B\"]]);", "2:26"),
            ("update(\"T\").where(n > 4).set(\"c\", \"A\");", "2:21"),
            ("let many = n > 4; update(\"T\").set(\"c\", [[many, \"A\"]]);", "2:42"),
            ("update(\"T\").set(\"c\", [[table(\"U\").count() > 4, \"A\"]]);", "2:43"),
        ] {
            assert_eq!(places(&format!("{count}{rule}")), [place], "{rule}");
        }
    }

    #[test]
    fn switches_columns_and_functions_are_left_alone() {
        for script in [
            "let all = setting(\"all\", false); update(\"T\").where(all or col(\"a\") == 1).set(\"c\", 1);",
            "let all = setting(\"all\", false); update(\"T\").set(\"c\", [[all, 1]]);",
            "let n = table(\"U\").count(); update(\"T\").where(col(\"a\") > n).set(\"c\", 1);",
            "fn above(n) { col(\"a\") > n } let n = table(\"U\").count(); update(\"T\").where(above(n)).set(\"c\", 1);",
            "let n = table(\"U\").where(col(\"a\") == 1).count(); update(\"T\").set(\"c\", n);",
        ] {
            assert_eq!(places(script), [] as [&str; 0], "{script}");
        }
    }
}
