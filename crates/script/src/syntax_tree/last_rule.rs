//! A script as far as its last rule: what stands after it can't change the rules, and what it reads need not be read
//! to know them.

use std::collections::BTreeMap;

use rhai::{AST, ASTNode, Stmt};

use crate::syntax_tree::calls::{call_of_node, first_text};

/// `None` when the script has no rule.
pub(crate) fn up_to_last_rule(ast: &AST, modules: &BTreeMap<String, AST>) -> Option<AST> {
    let imports = any_node(ast, |node| matches!(node, ASTNode::Stmt(Stmt::Import(..))));
    let functions = AST::new(Vec::<Stmt>::new(), ast.shared_lib().clone());
    let elsewhere = any_node(&functions, is_rule)
        || imports && modules.values().any(|one| any_node(one, is_rule));
    if elsewhere {
        // The text alone does not say where a function is called.
        return Some(ast.clone());
    }
    ast.statements().iter().rposition(statement_has_rule).map(|last| up_to_statement(ast, last))
}

pub(crate) fn sql_files(ast: &AST) -> Vec<String> {
    let mut files = Vec::new();
    ast.walk(&mut |path| {
        let call = path.last().and_then(call_of_node).map(|(call, _)| call);
        let file = call.filter(|call| call.name == "run_sql").and_then(first_text);
        files.extend(file.map(str::to_owned));
        true
    });
    files
}

fn up_to_statement(ast: &AST, last: usize) -> AST {
    let statements = ast.statements().iter().take(last + 1).cloned();
    let mut part = AST::new(statements, ast.shared_lib().clone());
    if let Some(source) = ast.source() {
        part.set_source(source);
    }
    part
}

/// A rule begins with `update(...)` and ends with `.set(...)`, perhaps in another statement.
fn is_rule(node: &ASTNode<'_>) -> bool {
    call_of_node(node).is_some_and(|(call, _)| ["update", "set"].contains(&call.name.as_str()))
}

fn any_node(ast: &AST, accepts: impl Fn(&ASTNode<'_>) -> bool) -> bool {
    !ast.walk(&mut |path| !path.last().is_some_and(&accepts))
}

fn statement_has_rule(statement: &Stmt) -> bool {
    !statement.walk(&mut Vec::new(), &mut |path| !path.last().is_some_and(is_rule))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{sql_files, up_to_last_rule};
    use crate::testing::parse;

    /// How many statements of a script are kept.
    fn kept(script: &str) -> Option<usize> {
        let module = parse("fn classify() { update(\"T\").set(\"c\", 1); }");
        let modules = BTreeMap::from([("classes".to_owned(), module)]);
        up_to_last_rule(&parse(script), &modules).map(|part| part.statements().len())
    }

    #[test]
    fn what_stands_after_the_last_rule_is_left_out() {
        assert_eq!(
            kept("let a = 1; update(\"T\").set(\"c\", a); note(\"x\"); note(\"y\");"),
            Some(2)
        );
        assert_eq!(kept("note(\"x\");"), None);
        let rule_in_a_variable =
            "let rule = update(\"T\"); note(\"x\"); rule.set(\"c\", 1); note(\"y\");";
        assert_eq!(kept(rule_in_a_variable), Some(3));
        assert_eq!(kept("for i in 0..2 { update(\"T\").set(\"c\", i); } note(\"x\");"), Some(1));
    }

    #[test]
    fn a_script_is_kept_whole_when_functions_or_modules_have_rules() {
        assert_eq!(kept("fn f() { update(\"T\").set(\"c\", 1); } f(); note(\"x\");"), Some(2));
        assert_eq!(kept("import \"lib/classes\" as c; c::classify(); note(\"x\");"), Some(3));
        assert_eq!(kept("fn f() { 1 } f(); note(\"x\");"), None);
    }

    #[test]
    fn the_sql_files_are_those_that_are_named() {
        let script = parse(
            "run_sql(\"a.sql\"); if true { run_sql(\"b.sql\"); } let c = \"c.sql\"; run_sql(c);",
        );
        assert_eq!(sql_files(&script), ["a.sql", "b.sql"]);
    }
}
