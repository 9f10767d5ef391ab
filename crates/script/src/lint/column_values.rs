//! `column_as_value`, `chained_comparison`, `compared_with_nothing`: columns where the language needs a plain value, and
//! comparisons that mean something else.

use std::collections::BTreeSet;
use std::ops::Range;

use leora_report::{Finding, FindingKind, Fix, Place, Replacement};
use leora_rule::{Arithmetic, Comparison, Function, Style};
use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::compiled_script::CompiledScript;
use crate::messages::surroundings::comparison_with_nothing;
use crate::messages::wording::{
    Message, chained_comparison, column_as_value, compared_with_nothing,
};
use crate::piece::{PieceKind, split_pieces};
use crate::syntax_tree::calls::{call_of, chain_links, positions_of_calls};
use crate::syntax_tree::position::place;

/// A column where the language looks at a value: `switch` would silently fall to its `_`.
pub(crate) fn columns_as_values(script: &CompiledScript) -> Vec<Finding> {
    let columns = column_names(&script.ast);
    let is_column = |expr: &Expr| gives_column(expr, &columns);
    let position_of = |expr: &Expr| is_column(expr).then(|| expr.start_position());
    let mut found = Vec::new();
    script.ast.walk(&mut |path| {
        found.extend(match path.last() {
            Some(ASTNode::Stmt(Stmt::Switch(parts, _))) => position_of(&parts.0),
            Some(ASTNode::Stmt(Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..))) => {
                position_of(&flow.expr)
            }
            Some(ASTNode::Expr(Expr::And(parts, _) | Expr::Or(parts, _))) => {
                parts.iter().find_map(position_of)
            }
            Some(ASTNode::Expr(Expr::FnCall(call, position))) if call.name == "!" => {
                call.args.iter().any(is_column).then_some(*position)
            }
            _ => None,
        });
        true
    });
    let mut found = findings(script, found, FindingKind::ColumnAsValue, &column_as_value());
    let operators = operator_fixes(script, &columns);
    for finding in &mut found {
        let place = finding.place.as_ref();
        finding.fix =
            operators.iter().find(|(at, _)| Some(at) == place).map(|(_, fix)| fix.clone());
    }
    found
}

/// `and` for each `&&` of an expression with a column, and `or` for each `||`; by the place of its first column.
fn operator_fixes(script: &CompiledScript, columns: &BTreeSet<String>) -> Vec<(Place, Fix)> {
    let byte = |position: Position| Some(place(position, &script.file)?.byte_offset(&script.text));
    let pieces = split_pieces(&script.text);
    let mut fixes = Vec::new();
    script.ast.walk(&mut |path| {
        let (parts, signs, word) = match path.last() {
            Some(ASTNode::Expr(Expr::And(parts, _))) => (parts, ['&', '&'], "and"),
            Some(ASTNode::Expr(Expr::Or(parts, _))) => (parts, ['|', '|'], "or"),
            _ => return true,
        };
        let column = parts.iter().find(|part| gives_column(part, columns));
        let span = parts.first().zip(parts.last()).and_then(|(first, last)| {
            Some(byte(first.start_position())?..byte(last.start_position())?)
        });
        let at = column.and_then(|column| place(column.start_position(), &script.file));
        let (Some(span), Some(at)) = (span, at) else { return true };
        let sign = String::from_iter(signs);
        let starts = pieces.iter().filter(|piece| span.contains(&piece.start));
        let starts = starts.filter(|piece| piece.kind == PieceKind::Sign);
        let found = starts.filter(|piece| script.text[piece.start..].starts_with(&sign));
        let replacements: Vec<Replacement> = found
            .map(|piece| Replacement {
                place: Place::from_byte_offset(&script.file, &script.text, piece.start),
                replaced: sign.clone(),
                text: word.to_owned(),
            })
            .collect();
        if !replacements.is_empty() {
            fixes.push((at, Fix { title: format!("write `{word}`"), replacements }));
        }
        true
    });
    fixes
}

fn findings(
    script: &CompiledScript,
    found: Vec<Position>,
    kind: FindingKind,
    message: &Message,
) -> Vec<Finding> {
    found.into_iter().map(|position| script.finding(kind, position, message.clone())).collect()
}

fn comparison(name: &str) -> Option<Comparison> {
    Comparison::ALL.iter().copied().find(|comparison| comparison.symbol() == name)
}

fn is_equality(call: &FnCallExpr) -> bool {
    comparison(&call.name).is_some_and(Comparison::tests_equality)
}

fn is_order(call: &FnCallExpr) -> bool {
    comparison(&call.name).is_some_and(|comparison| !comparison.tests_equality())
}

fn is_operator(name: &str) -> bool {
    comparison(name).is_some()
        || Arithmetic::ALL.iter().any(|arithmetic| arithmetic.symbol() == name)
        || ["and", "or", "not", "!"].contains(&name)
}

fn is_condition(name: &str) -> bool {
    ["is_null", "is_not_null", "is_one_of", "between", "within"].contains(&name)
}

/// Whether it is a function that gives something of a column that it is given.
fn is_function(name: &str) -> bool {
    Function::ALL.iter().any(|one| one.style() != Style::PeriodAgo && one.name() == name)
}

/// `1 < column < 5` is `(1 < column) < 5`, which compares true or false with 5.
pub(crate) fn chained_comparisons(script: &CompiledScript) -> Vec<Finding> {
    let columns = column_names(&script.ast);
    let compares = |expr: &Expr| {
        let call = call_of(expr).map(|(call, _)| call);
        call.is_some_and(|call| is_equality(call) || is_order(call)) && gives_column(expr, &columns)
    };
    let plain = |expr: &Expr| {
        let decimal = matches!(expr, Expr::DynamicConstant(value, _) if value.is_decimal());
        decimal || matches!(expr, Expr::IntegerConstant(..) | Expr::StringConstant(..))
    };
    let is_chain = |call: &FnCallExpr| match &call.args[..] {
        [a, b] if is_order(call) => compares(a) || compares(b),
        [a, b] if is_equality(call) => compares(a) && plain(b) || compares(b) && plain(a),
        _ => false,
    };
    let found = positions_of_calls(&script.ast, is_chain);
    findings(script, found, FindingKind::ChainedComparison, &chained_comparison())
}

pub(crate) fn comparisons_with_nothing(script: &CompiledScript) -> Vec<Finding> {
    let columns = column_names(&script.ast);
    let nothing = |expr: &Expr| matches!(expr, Expr::Unit(_));
    let with_nothing = |call: &FnCallExpr| match &call.args[..] {
        [a, b] if is_equality(call) || is_order(call) => {
            nothing(a) && gives_column(b, &columns) || nothing(b) && gives_column(a, &columns)
        }
        _ => false,
    };
    let finding = |position: Position| {
        let message = compared_with_nothing();
        let message = match test_for_nothing(script, position) {
            Some((written, test)) => message.rewriting_bytes(&script.text, written, test),
            None => message,
        };
        script.finding(FindingKind::ComparedWithNothing, position, message)
    };
    positions_of_calls(&script.ast, with_nothing).into_iter().map(finding).collect()
}

/// The bytes of `== ()` at a position, and what to write there.
fn test_for_nothing(
    script: &CompiledScript,
    position: Position,
) -> Option<(Range<usize>, &'static str)> {
    let (before, rest) = script.split_at(position)?;
    let sign = rest.trim_start_matches(['=', '!']);
    let nothing = before.len() + rest.len() - sign.trim_start().len();
    let is_nothing = script.text[nothing..].starts_with("()");
    let bytes = nothing..nothing + 2;
    let found = is_nothing.then(|| comparison_with_nothing(&script.text, bytes))??;
    Some((found.written, found.test))
}

/// The variables that hold a column in every declaration of the script.
pub(crate) fn column_names(ast: &AST) -> BTreeSet<String> {
    let mut other: BTreeSet<String> = ast
        .iter_functions()
        .flat_map(|function| function.params.into_iter().map(str::to_owned))
        .collect();
    let mut columns = BTreeSet::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Var(parts, ..))) => {
                let names =
                    if gives_column(&parts.1, &columns) { &mut columns } else { &mut other };
                names.insert(parts.0.name.to_string());
            }
            Some(ASTNode::Stmt(Stmt::For(parts, _))) => {
                other.insert(parts.0.name.to_string());
            }
            _ => {}
        }
        true
    });
    &columns - &other
}

/// Whether an expression of the script gives a column, or a condition on one.
pub(crate) fn gives_column(expr: &Expr, columns: &BTreeSet<String>) -> bool {
    match expr {
        Expr::Variable(parts, ..) => columns.contains(parts.1.as_str()),
        Expr::FnCall(call, _) => match call.name.as_str() {
            "col" | "col_or" | "coalesce" | "today" | "ago" | "days_since" | "days_between"
            | "least" | "greatest" => true,
            name if is_operator(name) || is_function(name) => {
                call.args.iter().any(|argument| gives_column(argument, columns))
            }
            _ => false,
        },
        Expr::Dot(parts, ..) => {
            let method = |link: &&Expr| matches!(link, Expr::MethodCall(call, _) if is_condition(&call.name) || is_function(&call.name));
            gives_column(&parts.lhs, columns) && chain_links(&parts.rhs).iter().all(method)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{findings, folder};

    /// The kinds of the findings in a script.
    fn kinds(script: &str) -> Vec<String> {
        let kind = |finding: &String| finding.split(": ").nth(1).unwrap_or_default().to_owned();
        findings(&folder(script)).iter().map(kind).collect()
    }

    #[test]
    fn columns_are_no_values_of_the_language() {
        for script in [
            "switch col(\"a\") { 1 => 2, _ => 3 }",
            "if col(\"a\").is_null() { }",
            "let a = col(\"a\"); if a == 1 { }",
            "if col(\"a\").lower().contains(\"x\") { }",
            "if abs(col(\"a\")) > 5 { }",
            "if days_since(col(\"a\")) > 5 { }",
            "let b = true && col(\"a\") == 1; b;",
            "let b = !col(\"a\"); b;",
        ] {
            assert_eq!(kinds(script), ["column_as_value"], "{script}");
        }
    }

    #[test]
    fn comparisons_in_a_chain_or_with_nothing_are_found() {
        assert_eq!(kinds("let b = 1 < col(\"a\") < 5; b;"), ["chained_comparison"]);
        assert_eq!(kinds("let b = (col(\"a\") == 1) == 2; b;"), ["chained_comparison"]);
        assert_eq!(kinds("let b = col(\"a\") == (); b;"), ["compared_with_nothing"]);
        assert_eq!(kinds("let b = (col(\"a\") == 1) == (col(\"b\") == 1); b;"), [] as [&str; 0]);
    }

    #[test]
    fn a_variable_that_is_not_always_a_column_is_no_column() {
        let script = "let a = col(\"a\"); a; if true { let a = 1; if a == 1 { } }";
        assert_eq!(kinds(script), [] as [&str; 0]);
        assert_eq!(kinds("fn f(a) { if a == 1 { } } let a = col(\"a\"); f(a);"), [] as [&str; 0]);
    }
}
