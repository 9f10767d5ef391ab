//! Expressions over the columns of one row.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;

use crate::distinct::distinct;
use crate::model::figure::outer_column;
use crate::{Arithmetic, Comparison, Figure, Function, Period, Value};

/// The most nodes an expression may have; a script that doubles one in a loop ends here.
pub const MAX_NODES: u32 = 2_000;
/// So many values of a list count as one node: a statement has the whole list as one parameter.
const LIST_VALUES: usize = 1_000;
/// The deepest nesting of an expression; deeper ones would overflow the stack when dropped.
pub const MAX_DEPTH: u32 = 200;

/// An expression over the columns of a row. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    node: Arc<Node>,
    nodes: u32,
    depth: u32,
    levels: u32,
}

/// What an expression is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A value written in the script.
    Literal(Value),
    /// A column of the row.
    Column(String),
    /// A column of the row, or the value where the table has no such column.
    ColumnOr(String, Value),
    /// The business date.
    Today,
    /// The business date's midnight, less a period.
    Ago(Period),
    /// Two values compared.
    Compare(Comparison, Expr, Expr),
    /// Both hold.
    And(Expr, Expr),
    /// One holds.
    Or(Expr, Expr),
    /// It does not hold.
    Not(Expr),
    /// It has no value.
    IsNull(Expr),
    /// It equals one of the values.
    IsOneOf(Expr, Vec<Value>),
    /// It is on or after the moment this long ago; the future counts as recent.
    Within(Expr, Period),
    /// A calculation.
    Arithmetic(Arithmetic, Expr, Expr),
    /// The first that has a value.
    Coalesce(Vec<Expr>),
    /// A value that other rows give. The expressions in it are over those rows, and no children of this one.
    Figure(Arc<Figure>),
    /// A function of these arguments.
    Call(Function, Vec<Expr>),
}

/// An expression grew past [`MAX_NODES`] or [`MAX_DEPTH`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this expression is too large: at most {MAX_NODES} parts, nested {MAX_DEPTH} deep")]
pub struct TooLarge;

impl Expr {
    /// Builds an expression from its node.
    ///
    /// # Errors
    /// [`TooLarge`] past [`MAX_NODES`] or [`MAX_DEPTH`].
    pub fn new(node: Node) -> Result<Self, TooLarge> {
        let own = match &node {
            Node::IsOneOf(_, values) => {
                u32::try_from(1 + values.len() / LIST_VALUES).map_err(|_| TooLarge)?
            }
            Node::Figure(figure) => figure.parts(),
            _ => 1,
        };
        let own_levels = match &node {
            Node::Figure(figure) => figure.levels(),
            _ => 0,
        };
        let children = node.children();
        let uses = |place: usize| match &node {
            Node::Call(function, _) => function.uses_of(place),
            _ => 1,
        };
        let nodes = children.iter().enumerate().fold(own.max(1), |sum, (place, child)| {
            sum.saturating_add(child.nodes.saturating_mul(uses(place)))
        });
        let depth = 1 + children.iter().map(|child| child.depth).max().unwrap_or(0);
        if nodes > MAX_NODES || depth > MAX_DEPTH {
            return Err(TooLarge);
        }
        let levels = children.iter().map(|child| child.levels).max().unwrap_or(0).max(own_levels);
        Ok(Self { node: Arc::new(node), nodes, depth, levels })
    }

    /// A value written in the script.
    pub fn literal(value: Value) -> Self {
        Self { node: Arc::new(Node::Literal(value)), nodes: 1, depth: 1, levels: 0 }
    }

    /// A column of the row.
    pub fn column(name: &str) -> Self {
        Self { node: Arc::new(Node::Column(name.to_owned())), nodes: 1, depth: 1, levels: 0 }
    }

    /// In an expression over a related row: a column of the row that it is related to.
    pub fn outer(name: &str) -> Self {
        Self::column(&outer_column(name))
    }

    /// How many parts it has.
    pub fn parts(&self) -> u32 {
        self.nodes
    }

    /// How deep other rows lie in it; 0 where it reads the row alone.
    pub(crate) fn levels(&self) -> u32 {
        self.levels
    }

    /// The figures in it, each once; not those in other figures.
    pub fn figures(&self) -> Vec<&Figure> {
        let mut found = Vec::new();
        self.visit(&mut |expr| {
            if let Node::Figure(figure) = expr.node() {
                found.push(&**figure);
            }
        });
        let mut names = HashSet::new();
        found.retain(|figure| names.insert(figure.name()));
        found
    }

    /// The columns in it and what other rows give, each once, in the order of their first use.
    pub(crate) fn reads(&self) -> Vec<Self> {
        let mut found = Vec::new();
        self.visit(&mut |expr| found.extend(expr.column_name().map(|_| expr.clone())));
        let mut names = HashSet::new();
        found.retain(|expr: &Self| names.insert(expr.column_name().unwrap_or_default().to_owned()));
        found
    }

    /// What this expression is.
    pub fn node(&self) -> &Node {
        &self.node
    }

    pub(crate) fn column_name(&self) -> Option<&str> {
        match self.node() {
            Node::Column(name) | Node::ColumnOr(name, _) => Some(name),
            Node::Figure(figure) => Some(figure.name()),
            _ => None,
        }
    }

    /// How long the longest list in it is.
    pub(crate) fn longest_list(&self) -> usize {
        let mut longest = 0;
        self.visit(&mut |expr| {
            if let Node::IsOneOf(_, values) = expr.node() {
                longest = longest.max(values.len());
            }
        });
        longest
    }

    /// The names of the columns it reads, also of those that other rows give, each once, in the order of their first use.
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |expr| names.extend(expr.column_name()));
        distinct(names)
    }

    /// The names of the columns that a table must have for it: not those that other rows give, and those of `col_or`.
    pub fn required_columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |expr| {
            if let Node::Column(name) = expr.node() {
                names.push(name.as_str());
            }
        });
        distinct(names)
    }

    /// Outer expressions come first.
    pub(crate) fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        self.node.children().into_iter().for_each(|child| child.visit(visit));
    }

    /// The value that it has on every row: a literal, or a moment of the business date.
    pub fn constant(&self, as_of: Date) -> Option<Value> {
        match self.node() {
            Node::Literal(value) => Some(value.clone()),
            Node::Today => Some(Value::Date(as_of)),
            Node::Ago(period) => Some(Value::Timestamp(period.before(as_of))),
            _ => None,
        }
    }
}

impl Node {
    /// The expressions directly inside.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Self::Literal(_)
            | Self::Column(_)
            | Self::ColumnOr(..)
            | Self::Today
            | Self::Ago(_)
            | Self::Figure(_) => vec![],
            Self::Not(a) | Self::IsNull(a) | Self::IsOneOf(a, _) | Self::Within(a, _) => vec![a],
            Self::Compare(_, a, b)
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Arithmetic(_, a, b) => vec![a, b],
            Self::Coalesce(all) | Self::Call(_, all) => all.iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{col, expr};

    #[test]
    fn columns_are_named_once_in_the_order_of_their_first_use() {
        let condition = col("b").missing().or(col("a").eq_to(1)).and(col("b").missing());
        assert_eq!(condition.columns(), ["b", "a"]);
    }

    #[test]
    fn an_expression_that_doubles_or_deepens_ends_at_the_limits() {
        let mut doubled = col("a");
        while let Ok(larger) = Expr::new(Node::And(doubled.clone(), doubled.clone())) {
            doubled = larger;
        }
        assert!(doubled.parts() <= MAX_NODES && doubled.parts() > MAX_NODES / 4);
        let mut deep = col("a");
        let depth = (1..).find(|_| match Expr::new(Node::Not(deep.clone())) {
            Ok(deeper) => {
                deep = deeper;
                false
            }
            Err(TooLarge) => true,
        });
        assert_eq!(depth, Some(MAX_DEPTH));
        assert_eq!(expr(Node::Today).parts(), 1);
    }

    #[test]
    fn an_argument_counts_as_often_as_the_statement_has_it() {
        let mut nested = col("a");
        while let Ok(larger) = Expr::new(Node::Call(Function::Year, vec![nested.clone()])) {
            nested = larger;
        }
        assert_eq!(nested.parts(), 1_023);
    }
}
