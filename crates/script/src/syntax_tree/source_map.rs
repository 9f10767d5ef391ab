//! The lines of a rule's parts: the values of lists and maps do not know where they are written.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, Position, Stmt};

use crate::syntax_tree::calls::call_of_node;

/// The lines of the arms and lookup entries in one file, by the position of the call that takes them.
#[derive(Debug, Default)]
pub(crate) struct SourceMap {
    sets: BTreeMap<Position, Literal>,
    lookups: BTreeMap<Position, Literal>,
}

/// The lines of an argument: of each element of a list, of each key of a map, of anything else.
#[derive(Clone, Debug)]
enum Literal {
    List(Vec<usize>),
    Map(BTreeMap<String, MapEntry>),
    Other(usize),
}

#[derive(Clone, Debug)]
struct MapEntry {
    line: usize,
    value: Option<Literal>,
}

impl SourceMap {
    /// Reads the calls of `set` and `lookup`. A variable stands for its list or map, where it is declared once and
    /// nothing changes it.
    pub(crate) fn from_ast(ast: &AST) -> Self {
        let variables = literals_of_variables(ast);
        let mut map = Self::default();
        ast.walk(&mut |path| {
            if let Some((call, position)) = path.last().and_then(call_of_node)
                && let Some(last) = call.args.last()
                && let Some(literal) = literal_or_variable(last, &variables)
            {
                match call.name.as_str() {
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
        match self.value(set, column)? {
            Literal::List(lines) if lines.len() == arms => lines.get(index).copied(),
            Literal::List(_) | Literal::Map(_) | Literal::Other(_) => None,
        }
    }

    /// The line of the value that a call of `set` gives a column.
    pub(crate) fn value_line(&self, set: Position, column: &str) -> Option<usize> {
        match self.value(set, column)? {
            Literal::Other(line) => Some(*line),
            Literal::List(_) | Literal::Map(_) => None,
        }
    }

    /// The line of a column in the map of a call of `set`.
    pub(crate) fn column_line(&self, set: Position, column: &str) -> Option<usize> {
        self.sets.get(&set)?.entry(column).map(|entry| entry.line)
    }

    pub(crate) fn key_line(&self, lookup: Position, key: &str) -> Option<usize> {
        self.lookups.get(&lookup)?.entry(key).map(|entry| entry.line)
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
    let line = |expr: &Expr| expr.start_position().line();
    Some(match expr {
        Expr::Array(elements, _) => {
            Literal::List(elements.iter().map(line).collect::<Option<_>>()?)
        }
        Expr::Map(parts, _) => {
            let entry = |(key, value): &(rhai::Ident, Expr)| {
                let (line, value) = (key.pos.line()?, literal_or_variable(value, variables));
                Some((key.name.to_string(), MapEntry { line, value }))
            };
            Literal::Map(parts.0.iter().map(entry).collect::<Option<_>>()?)
        }
        other => Literal::Other(line(other)?),
    })
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
    fn lookups_have_the_lines_of_their_keys() {
        let map = SourceMap::from_ast(&parse("lookup(\"c\", #{\n A: 1,\n B: 2,\n});"));
        let key = |key| map.key_line(Position::new(1, 1), key);
        assert_eq!((key("A"), key("B"), key("C")), (Some(2), Some(3), None));
    }
}
