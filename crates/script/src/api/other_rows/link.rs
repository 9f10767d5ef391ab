//! Which rows belong to a row.

use leora_rule::{Expr, Figure, FigureSource, Link, Node};
use rhai::Map;

use crate::api::values::expression;
use crate::api_call::{Answer, ApiCall};

/// Columns that are equal: `#{ theirs: "ours" }`.
pub(super) fn equal_columns(call: &ApiCall<'_>, table: &str, columns: &Map) -> Answer<Link> {
    let pair = |(theirs, mine): (&_, &rhai::Dynamic)| {
        let mine = mine.clone().into_string().ok()?;
        Some((ToString::to_string(theirs), mine))
    };
    match columns.iter().map(pair).collect::<Option<Vec<_>>>() {
        Some(pairs) if !pairs.is_empty() => Ok(Link::Columns { table: table.to_owned(), pairs }),
        _ => Err(call.mistake(
            format!("which columns of {table} equal which of the row is not said"),
            format!("write its column, and the row's own as a text: (\"{table}\", #{{ customerId: \"id\" }})"),
        )),
    }
}

pub(super) fn figure(call: &ApiCall<'_>, source: FigureSource) -> Answer<Expr> {
    let figure = Figure::new(source).map_err(|error| {
        call.mistake(error.to_string(), "read fewer tables one behind the other")
    })?;
    expression(call, Node::Figure(figure.into()))
}

/// A figure by the name of the variable that holds it, else by this one.
pub(super) fn called(call: &ApiCall<'_>, expr: Expr, otherwise: Option<String>) -> Answer<Expr> {
    let name = call.variable().map(str::to_owned).or(otherwise);
    match (expr.node(), name) {
        (Node::Figure(figure), Some(name)) => {
            expression(call, Node::Figure(figure.as_ref().clone().called(&name).into()))
        }
        _ => Ok(expr),
    }
}

/// A value of the row at the end of these links, each to the parent of the row before.
pub(super) fn on_parent(call: &ApiCall<'_>, path: &[Link], value: Expr) -> Answer<Expr> {
    path.iter().rev().try_fold(value, |value, link| {
        figure(call, FigureSource::Parent { link: link.clone(), value })
    })
}
