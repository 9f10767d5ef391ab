//! Columns where the language wants a value at once, and comparisons that mean something else.

use std::collections::BTreeSet;

use leora_report::{Finding, FindingKind};
use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::lint::{Subject, chains};
use crate::messages::runtime::{Words, at, column_as_truth};
use crate::messages::type_names::{CHAINED, WITH_NOTHING};

const EQUALITY: [&str; 2] = ["==", "!="];
const ORDER: [&str; 4] = ["<", "<=", ">", ">="];

/// A column where the language looks at a value: `switch` would fall to its `_` in silence.
pub(crate) fn as_values(subject: &Subject) -> Vec<Finding> {
    let columns = column_names(&subject.ast);
    let is_column = |expr: &Expr| gives_column(expr, &columns);
    let mut found = Vec::new();
    subject.ast.walk(&mut |path| {
        let position = match path.last() {
            Some(ASTNode::Stmt(Stmt::Switch(parts, _))) => looked_at(&parts.0, is_column),
            Some(ASTNode::Stmt(Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..))) => {
                looked_at(&flow.expr, is_column)
            }
            Some(ASTNode::Expr(Expr::And(parts, _) | Expr::Or(parts, _))) => {
                parts.iter().find_map(|part| looked_at(part, is_column))
            }
            Some(ASTNode::Expr(Expr::FnCall(call, position))) if call.name == "!" => {
                call.args.iter().any(is_column).then_some(*position)
            }
            _ => None,
        };
        found.extend(position);
        true
    });
    told(found, FindingKind::ColumnAsValue, &column_as_truth(), &subject.file)
}

fn looked_at(expr: &Expr, is_column: impl Fn(&Expr) -> bool) -> Option<Position> {
    is_column(expr).then(|| expr.start_position())
}

fn told(found: Vec<Position>, kind: FindingKind, words: &Words, file: &str) -> Vec<Finding> {
    let (message, help) = words;
    let finding = |position: Position| Finding {
        kind,
        message: message.clone(),
        help: help.clone(),
        place: at(position, file),
    };
    found.into_iter().map(finding).collect()
}

/// `1 < column < 5` is `(1 < column) < 5`, which compares true or false with 5.
pub(crate) fn chained(subject: &Subject) -> Vec<Finding> {
    let columns = column_names(&subject.ast);
    let compares = |expr: &Expr| {
        let call = chains::call(expr).map(|(call, _)| call);
        let names = |call: &FnCallExpr| [&EQUALITY[..], &ORDER].concat().contains(&&*call.name);
        call.is_some_and(names) && gives_column(expr, &columns)
    };
    let plain = |expr: &Expr| {
        let number = matches!(expr, Expr::IntegerConstant(..) | Expr::FloatConstant(..));
        number || matches!(expr, Expr::StringConstant(..))
    };
    let is_chain = |call: &FnCallExpr| match &call.args[..] {
        [a, b] if ORDER.contains(&&*call.name) => compares(a) || compares(b),
        [a, b] if EQUALITY.contains(&&*call.name) => {
            compares(a) && plain(b) || compares(b) && plain(a)
        }
        _ => false,
    };
    told(
        calls(&subject.ast, is_chain),
        FindingKind::ChainedComparison,
        &owned(CHAINED),
        &subject.file,
    )
}

/// A column that is compared with `()`.
pub(crate) fn with_nothing(subject: &Subject) -> Vec<Finding> {
    let columns = column_names(&subject.ast);
    let nothing = |expr: &Expr| matches!(expr, Expr::Unit(_));
    let is_such = |call: &FnCallExpr| match &call.args[..] {
        [a, b] if [&EQUALITY[..], &ORDER].concat().contains(&&*call.name) => {
            nothing(a) && gives_column(b, &columns) || nothing(b) && gives_column(a, &columns)
        }
        _ => false,
    };
    let found = calls(&subject.ast, is_such);
    told(found, FindingKind::ComparedWithNothing, &owned(WITH_NOTHING), &subject.file)
}

fn owned((message, help): (&str, &str)) -> Words {
    (message.to_owned(), Some(help.to_owned()))
}

/// Where such calls are.
fn calls(ast: &AST, is_such: impl Fn(&FnCallExpr) -> bool) -> Vec<Position> {
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        let call = path.last().and_then(chains::called).filter(|(call, _)| is_such(call));
        found.extend(call.map(|(_, position)| position));
        true
    });
    found
}

/// The variables that hold a column wherever they are declared in the script.
fn column_names(ast: &AST) -> BTreeSet<String> {
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
fn gives_column(expr: &Expr, columns: &BTreeSet<String>) -> bool {
    match expr {
        Expr::Variable(parts, ..) => columns.contains(parts.1.as_str()),
        Expr::FnCall(call, _) => match call.name.as_str() {
            "col" | "col_or" | "coalesce" | "today" | "ago" => true,
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "and" | "or"
            | "not" | "!" => call.args.iter().any(|argument| gives_column(argument, columns)),
            _ => false,
        },
        Expr::Dot(parts, ..) => {
            let method = |call: &FnCallExpr| {
                ["is_null", "is_one_of", "within"].contains(&call.name.as_str())
            };
            gives_column(&parts.lhs, columns)
                && matches!(&parts.rhs, Expr::MethodCall(call, _) if method(call))
        }
        _ => false,
    }
}
