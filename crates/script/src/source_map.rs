//! Where the parts of a rule are written: the values of lists and maps do not know their lines.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, Position, Stmt};

use crate::lint::called;

/// A place within a file: line and column, both from 1.
type Spot = (usize, usize);

/// The lines of what the rules of one file are made of, by the place of the call that takes it.
#[derive(Debug, Default)]
pub(crate) struct SourceMap {
    sets: BTreeMap<Spot, Literal>,
    lookups: BTreeMap<Spot, Literal>,
}

/// The lines of a value as it is written.
#[derive(Clone, Debug)]
enum Literal {
    /// Of a list's elements.
    List(Vec<usize>),
    /// Of a map's keys.
    Map(BTreeMap<String, usize>),
    /// Of anything else.
    Other(usize),
}

impl SourceMap {
    /// Looks at the calls of `set` and `lookup`. A variable is followed to its list or map, where it is declared once
    /// and nothing changes it.
    pub(crate) fn of(ast: &AST) -> Self {
        let held = held_by_variables(ast);
        let mut written = Self::default();
        ast.walk(&mut |path| {
            if let Some((call, position)) = path.last().and_then(called)
                && let (Some(spot), Some(last)) = (spot(position), call.args.last())
                && let Some(literal) = followed(last, &held)
            {
                match call.name.as_str() {
                    "set" => written.sets.insert(spot, literal),
                    "lookup" => written.lookups.insert(spot, literal),
                    _ => None,
                };
            }
            true
        });
        written
    }

    /// The line of an arm, counted from 0, of a call of `set` with this many arms.
    pub(crate) fn arm(&self, set: Spot, index: usize, arms: usize) -> Option<usize> {
        match self.sets.get(&set)? {
            Literal::List(lines) if lines.len() == arms => lines.get(index).copied(),
            _ => None,
        }
    }

    /// The line of the single value of a call of `set`.
    pub(crate) fn value(&self, set: Spot) -> Option<usize> {
        match self.sets.get(&set)? {
            Literal::Other(line) => Some(*line),
            _ => None,
        }
    }

    /// The line of a key of a call of `lookup`.
    pub(crate) fn key(&self, lookup: Spot, key: &str) -> Option<usize> {
        match self.lookups.get(&lookup)? {
            Literal::Map(lines) => lines.get(key).copied(),
            _ => None,
        }
    }
}

fn spot(position: Position) -> Option<Spot> {
    Some((position.line()?, position.position()?))
}

/// An expression's lines; of a variable those of what it holds.
fn followed(expr: &Expr, held: &BTreeMap<String, Literal>) -> Option<Literal> {
    let beyond = match expr {
        Expr::Variable(parts, ..) => held.get(parts.1.as_str()).cloned(),
        _ => None,
    };
    beyond.or_else(|| literal(expr))
}

fn literal(expr: &Expr) -> Option<Literal> {
    let line = |expr: &Expr| expr.start_position().line();
    Some(match expr {
        Expr::Array(elements, _) => {
            Literal::List(elements.iter().map(line).collect::<Option<_>>()?)
        }
        Expr::Map(parts, _) => {
            let key =
                |(key, _): &(rhai::Ident, Expr)| Some((key.name.to_string(), key.pos.line()?));
            Literal::Map(parts.0.iter().map(key).collect::<Option<_>>()?)
        }
        other => Literal::Other(line(other)?),
    })
}

/// What the variables hold that are declared once with a list or a map, and that nothing changes.
fn held_by_variables(ast: &AST) -> BTreeMap<String, Literal> {
    let mut declared: BTreeMap<String, Vec<Option<Literal>>> = BTreeMap::new();
    for name in ast.iter_functions().flat_map(|function| function.params) {
        declared.entry(name.to_owned()).or_default().push(None);
    }
    let mut changed = BTreeSet::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Var(parts, ..))) => {
                declared.entry(parts.0.name.to_string()).or_default().push(literal(&parts.1));
            }
            Some(ASTNode::Stmt(Stmt::For(parts, _))) => {
                for name in std::iter::once(&parts.0).chain(&parts.1) {
                    declared.entry(name.name.to_string()).or_default().push(None);
                }
            }
            Some(ASTNode::Stmt(Stmt::Assignment(parts))) => changed.extend(root(&parts.1.lhs)),
            // A method may change what it is called on.
            Some(ASTNode::Expr(chain @ (Expr::Dot(..) | Expr::Index(..)))) => {
                changed.extend(root(chain));
            }
            _ => {}
        }
        true
    });
    let only = |(name, mut found): (String, Vec<Option<Literal>>)| match found.pop() {
        Some(Some(literal @ (Literal::List(_) | Literal::Map(_))))
            if found.is_empty() && !changed.contains(&name) =>
        {
            Some((name, literal))
        }
        _ => None,
    };
    declared.into_iter().filter_map(only).collect()
}

/// The variable that a chain of `.` and `[]` starts from.
fn root(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Variable(parts, ..) => Some(parts.1.to_string()),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => root(&parts.lhs),
        _ => None,
    }
}
