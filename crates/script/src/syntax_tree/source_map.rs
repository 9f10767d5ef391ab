//! The places of a rule's parts: the values of lists and maps do not know where they are written.

use std::collections::{BTreeMap, BTreeSet};

use leora_rule::RulePart;
use rhai::{AST, ASTNode, Expr, Position, Stmt};

use crate::syntax_tree::calls::{call_of, call_of_node, chain_links};

/// The places of conditions, arms and lookup entries in one file, by the position of the call that takes them.
#[derive(Debug, Default)]
pub(crate) struct SourceMap {
    filters: BTreeMap<Position, Position>,
    sets: BTreeMap<Position, Literal>,
    lookups: BTreeMap<Position, Literal>,
    /// The variables that are declared once, at the top of the file, by the call that gives their value.
    names: BTreeMap<Position, String>,
}

/// The places of an argument: of each element of a list, of each key and value of a map, of anything else.
#[derive(Clone, Debug)]
enum Literal {
    List(Vec<Element>),
    Map(BTreeMap<String, MapEntry>),
    Other(Position),
}

/// An element of a list.
#[derive(Clone, Copy, Debug)]
struct Element {
    position: Position,
    /// Of an arm: its condition and its value.
    arm: Option<(Position, Position)>,
}

#[derive(Clone, Debug)]
struct MapEntry {
    key: Position,
    value_begins: Position,
    value: Option<Literal>,
}

impl SourceMap {
    /// Reads the calls of `set` and `lookup`. A variable stands for its list or map, where it is declared once and
    /// nothing changes it.
    pub(crate) fn from_ast(ast: &AST) -> Self {
        let variables = literals_of_variables(ast);
        let mut map = Self { names: names_of_values(ast), ..Self::default() };
        ast.walk(&mut |path| {
            if let Some((call, position)) = path.last().and_then(call_of_node)
                && let Some(last) = call.args.last()
                && let Some(literal) = literal_or_variable(last, &variables)
            {
                match call.name.as_str() {
                    "where" => {
                        map.filters.insert(position, begin(last));
                        None
                    }
                    "set" => map.sets.insert(position, literal),
                    "lookup" => map.lookups.insert(position, literal),
                    _ => None,
                };
            }
            true
        });
        map
    }

    /// The line of an arm, counted from 0, of what a call of `set` gives a column by this many arms.
    pub(crate) fn arm_line(
        &self,
        set: Position,
        column: &str,
        index: usize,
        arms: usize,
    ) -> Option<usize> {
        self.arm(set, column, index, arms)?.line()
    }

    /// The same arm.
    pub(crate) fn arm(
        &self,
        set: Position,
        column: &str,
        index: usize,
        arms: usize,
    ) -> Option<Position> {
        match self.value(set, column)? {
            Literal::List(elements) if elements.len() == arms => {
                elements.get(index).map(|element| element.position)
            }
            Literal::List(_) | Literal::Map(_) | Literal::Other(_) => None,
        }
    }

    /// The line of the value that a call of `set` gives a column.
    pub(crate) fn value_line(&self, set: Position, column: &str) -> Option<usize> {
        match self.value(set, column)? {
            Literal::Other(position) => position.line(),
            Literal::List(_) | Literal::Map(_) => None,
        }
    }

    /// The line of a column in the map of a call of `set`.
    pub(crate) fn column_line(&self, set: Position, column: &str) -> Option<usize> {
        self.column(set, column)?.line()
    }

    /// The name of a column in the map of a call of `set`.
    pub(crate) fn column(&self, set: Position, column: &str) -> Option<Position> {
        Some(self.sets.get(&set)?.entry(column)?.key)
    }

    /// The variable that holds what this call gives.
    pub(crate) fn name(&self, call: Position) -> Option<&str> {
        self.names.get(&call).map(String::as_str)
    }

    /// What a call of `where` is given.
    pub(crate) fn filter(&self, call: Position) -> Option<Position> {
        self.filters.get(&call).copied()
    }

    /// A part, other than what `where` says, of what a call of `set` gives a column by this many arms.
    pub(crate) fn part(
        &self,
        set: Position,
        (column, part): (&str, RulePart),
        arms: usize,
    ) -> Option<Position> {
        let given = self.value(set, column)?;
        let arm = |index: usize| match given {
            Literal::List(elements) if elements.len() == arms => elements.get(index)?.arm,
            Literal::List(_) | Literal::Map(_) | Literal::Other(_) => None,
        };
        match (part, given) {
            (RulePart::Value(_), Literal::Other(position)) => Some(*position),
            (RulePart::Value(index), _) => arm(index).map(|(_, value)| value),
            (RulePart::Condition(index), _) => arm(index).map(|(condition, _)| condition),
            (RulePart::Filter, _) => None,
        }
    }

    /// The key on this line of a map that some call of `lookup` takes, and its value.
    pub(crate) fn pair(&self, key: &str, line: usize) -> Option<(Position, Position)> {
        let entries = self.lookups.values().filter_map(|map| map.entry(key));
        let found = entries.rev().find(|entry| entry.key.line() == Some(line))?;
        Some((found.key, found.value_begins))
    }

    pub(crate) fn key_line(&self, lookup: Position, key: &str) -> Option<usize> {
        self.lookups.get(&lookup)?.entry(key)?.key.line()
    }

    fn value(&self, set: Position, column: &str) -> Option<&Literal> {
        match self.sets.get(&set)? {
            map @ Literal::Map(_) => map.entry(column)?.value.as_ref(),
            other => Some(other),
        }
    }
}

impl Literal {
    fn entry(&self, key: &str) -> Option<&MapEntry> {
        match self {
            Self::Map(entries) => entries.get(key),
            Self::List(_) | Self::Other(_) => None,
        }
    }
}

fn literal_or_variable(expr: &Expr, variables: &BTreeMap<String, Literal>) -> Option<Literal> {
    let of_variable = match expr {
        Expr::Variable(parts, ..) => variables.get(parts.1.as_str()).cloned(),
        _ => None,
    };
    of_variable.or_else(|| literal(expr, variables))
}

fn literal(expr: &Expr, variables: &BTreeMap<String, Literal>) -> Option<Literal> {
    Some(match expr {
        Expr::Array(elements, _) => Literal::List(elements.iter().map(element).collect()),
        Expr::Map(parts, _) => {
            let entry = |(key, value): &(rhai::Ident, Expr)| {
                let (value_begins, value) = (begin(value), literal_or_variable(value, variables));
                (key.name.to_string(), MapEntry { key: key.pos, value_begins, value })
            };
            Literal::Map(parts.0.iter().map(entry).collect())
        }
        other => Literal::Other(begin(other)),
    })
}

/// Where an expression begins; the engine's place of an operation is that of the operator.
fn begin(expr: &Expr) -> Position {
    match expr {
        Expr::FnCall(call, _) if call.is_operator_call() && call.args.len() > 1 => {
            begin(&call.args[0])
        }
        other => other.start_position(),
    }
}

fn element(expr: &Expr) -> Element {
    let arm = match expr {
        Expr::Array(parts, _) => match parts.as_slice() {
            [condition, value] => Some((begin(condition), begin(value))),
            _ => None,
        },
        _ => None,
    };
    Element { position: expr.start_position(), arm }
}

/// The lists and maps of the variables that are declared once with one and that nothing changes.
fn literals_of_variables(ast: &AST) -> BTreeMap<String, Literal> {
    let mut declared: BTreeMap<String, Vec<Option<Literal>>> = BTreeMap::new();
    for name in ast.iter_functions().flat_map(|function| function.params) {
        declared.entry(name.to_owned()).or_default().push(None);
    }
    let mut changed = BTreeSet::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Var(parts, ..))) => {
                let literal = literal(&parts.1, &BTreeMap::new());
                declared.entry(parts.0.name.to_string()).or_default().push(literal);
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

/// The variables that hold what a call gives, as long as their names can mean nothing else: each is declared once, where no
/// loop and no function declares it again, and is no name of a column.
fn names_of_values(ast: &AST) -> BTreeMap<Position, String> {
    let mut taken = BTreeSet::new();
    ast.walk(&mut |path| {
        if let Some((call, _)) = path.last().and_then(call_of_node)
            && !OF_OTHER_ROWS.contains(&call.name.as_str())
        {
            let texts = call.args.iter().filter_map(|argument| match argument {
                Expr::StringConstant(text, _) => Some(text.to_string()),
                _ => None,
            });
            taken.extend(texts);
        }
        true
    });
    let mut declared: BTreeMap<String, Vec<Option<Position>>> = BTreeMap::new();
    for statement in ast.statements() {
        if let Stmt::Var(parts, ..) = statement {
            let last = chain_links(&parts.1).last().and_then(|last| call_of(last));
            let position = last.map(|(_, position)| position);
            declared.entry(parts.0.name.to_string()).or_default().push(position);
        }
    }
    let only = |(name, found): (String, Vec<Option<Position>>)| match found[..] {
        [Some(position)] if !taken.contains(&name) => Some((position, name)),
        _ => None,
    };
    declared.into_iter().filter_map(only).collect()
}

/// The functions that are given names of columns of other rows, or of tables.
const OF_OTHER_ROWS: [&str; 7] =
    ["related", "sum", "min", "max", "average", "count_distinct", "setting"];

/// The variable that a chain of `.` and `[]` starts from.
fn root(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Variable(parts, ..) => Some(parts.1.to_string()),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => root(&parts.lhs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use leora_rule::RulePart;
    use rhai::Position;

    use super::SourceMap;
    use crate::testing::parse;

    const SET: &str = "update(\"T\")\n  .set(\"c\", ";

    fn arm_lines(before: &str, argument: &str) -> Vec<Option<usize>> {
        let script = format!("{before}{SET}{argument});");
        let line = before.matches('\n').count() as u16 + 2;
        let map = SourceMap::from_ast(&parse(&script));
        (0..2).map(|arm| map.arm_line(Position::new(line, 4), "c", arm, 2)).collect()
    }

    #[test]
    fn arms_have_the_lines_of_the_list_or_of_the_variable_that_holds_it() {
        let list = "[\n [true, 1],\n [true, 2],\n]";
        assert_eq!(arm_lines("", list), [Some(3), Some(4)]);
        assert_eq!(arm_lines(&format!("let arms = {list};\n"), "arms"), [Some(2), Some(3)]);
    }

    #[test]
    fn a_list_that_may_have_changed_has_no_lines() {
        let list = "let arms = [\n [true, 1],\n [true, 2],\n];\n";
        assert_eq!(arm_lines(&format!("{list}arms.push([true, 3]);\n"), "arms"), [None, None]);
        assert_eq!(arm_lines(&format!("{list}arms = [[true, 3]];\n"), "arms"), [None, None]);
    }

    #[test]
    fn the_columns_of_a_set_have_lines_of_their_own() {
        let script = "update(\"T\").set(#{\n c: [\n  [true, 1],\n ],\n d: 2,\n});";
        let map = SourceMap::from_ast(&parse(script));
        let set = Position::new(1, 13);
        assert_eq!(map.column_line(set, "c"), Some(2));
        assert_eq!(map.arm_line(set, "c", 0, 1), Some(3));
        assert_eq!((map.column_line(set, "d"), map.value_line(set, "d")), (Some(5), Some(5)));
        assert_eq!(map.column_line(set, "e"), None);
    }

    #[test]
    fn conditions_and_values_have_their_places() {
        let script = format!("{SET}[\n  [col(\"a\") == 1, \"x\"],\n  [otherwise, f(2) + 1],\n]);");
        let map = SourceMap::from_ast(&parse(&script));
        let at = |part| map.part(Position::new(2, 4), ("c", part), 2);
        assert_eq!(at(RulePart::Condition(0)), Some(Position::new(3, 4)));
        assert_eq!(at(RulePart::Value(0)), Some(Position::new(3, 19)));
        assert_eq!(at(RulePart::Value(1)), Some(Position::new(4, 15)));
        let script = "update(\"T\").where(col(\"a\") == 1).set(\"c\", 5);";
        let map = SourceMap::from_ast(&parse(script));
        let value = map.part(Position::new(1, 34), ("c", RulePart::Value(0)), 1);
        assert_eq!(value, Some(Position::new(1, 43)));
        assert_eq!(map.filter(Position::new(1, 13)), Some(Position::new(1, 19)));
        let script = "update(\"T\").set(#{ c: 5, d: [[true, 6]] });";
        let map = SourceMap::from_ast(&parse(script));
        let at = |column, part| map.part(Position::new(1, 13), (column, part), 1);
        assert_eq!(at("c", RulePart::Value(0)), Some(Position::new(1, 23)));
        assert_eq!(at("d", RulePart::Value(0)), Some(Position::new(1, 37)));
    }

    #[test]
    fn lookups_have_the_lines_of_their_keys() {
        let map = SourceMap::from_ast(&parse("lookup(\"c\", #{\n A: 1,\n B: 2,\n});"));
        let key = |key| map.key_line(Position::new(1, 1), key);
        assert_eq!((key("A"), key("B"), key("C")), (Some(2), Some(3), None));
    }
}
