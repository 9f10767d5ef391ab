//! Rules: which rows to change, which column to set, and to which value.

use std::sync::Arc;

use crate::distinct::distinct;
use crate::{Expr, Figure, Node, Table, Value};

/// One rule of a script: `update(table).where(filter).set(column, assignment)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The table's name as the script writes it.
    pub table: String,
    /// The rows that the rule may touch; every row when `None`.
    pub filter: Option<Expr>,
    /// The column that it sets.
    pub column: String,
    /// The value it gives.
    pub assignment: Assignment,
    /// Where it is written, where known.
    pub location: Option<RuleLocation>,
    /// Whether the same `.set(#{...})` has the rule before it: then both read the row as it was before either.
    pub joins_previous: bool,
}

/// Where a rule is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLocation {
    /// The file, as shown to people.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The line of the value, of a rule that gives every row the same.
    pub value_line: Option<usize>,
    /// The data file whose lines those of a lookup are.
    pub data_file: Option<String>,
}

impl RuleLocation {
    /// The file whose lines those of the arms are.
    pub fn arm_file(&self) -> &str {
        self.data_file.as_deref().unwrap_or(&self.file)
    }
}

/// The value that a rule gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignment {
    /// Arms in order; the first that matches wins, and a row that none matches is left alone.
    Arms(Vec<Arm>),
    /// The value beside the column's value in a list; a value that the list lacks is left alone.
    Lookup {
        /// The column that is looked up.
        column: String,
        /// The column's values and what they give.
        pairs: Arc<[Pair]>,
    },
    /// The same expression for every row.
    Value(Expr),
}

/// A value of a lookup's column and what it gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The column's value.
    pub key: Value,
    /// The value it gives.
    pub value: Value,
    /// The script line it stands on, from 1, where known.
    pub line: Option<usize>,
}

/// A condition and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// When it matches; `None` is `otherwise`.
    pub condition: Option<Expr>,
    /// The value it gives.
    pub value: Expr,
    /// The script line it stands on, from 1, where known.
    pub line: Option<usize>,
}

impl Rule {
    /// The arms of the rule, with a lookup as one arm for each of its pairs.
    pub fn arms(&self) -> Vec<Arm> {
        match &self.assignment {
            Assignment::Arms(arms) => arms.clone(),
            Assignment::Value(value) => {
                let line = self.location.as_ref().and_then(|location| location.value_line);
                vec![Arm { condition: None, value: value.clone(), line }]
            }
            Assignment::Lookup { column, pairs } => {
                pairs.iter().map(|pair| lookup_arm(column, pair)).collect()
            }
        }
    }

    /// The script line of each of its arms, else that of the rule, where known.
    pub fn arm_lines(&self) -> Vec<Option<usize>> {
        let own: Vec<Option<usize>> = match &self.assignment {
            Assignment::Arms(arms) => arms.iter().map(|arm| arm.line).collect(),
            Assignment::Lookup { pairs, .. } => pairs.iter().map(|pair| pair.line).collect(),
            Assignment::Value(_) => {
                vec![self.location.as_ref().and_then(|location| location.value_line)]
            }
        };
        let of_rule = self.location.as_ref().filter(|location| location.data_file.is_none());
        let of_rule = of_rule.map(|location| location.line);
        own.into_iter().map(|line| line.or(of_rule)).collect()
    }

    /// A text that is equal for rules that do the same, wherever they are written.
    pub fn meaning(&self) -> String {
        let assignment = match &self.assignment {
            Assignment::Lookup { column, pairs } => {
                let pairs = pairs.iter().map(|pair| Pair { line: None, ..pair.clone() });
                Assignment::Lookup { column: column.clone(), pairs: pairs.collect() }
            }
            Assignment::Arms(_) | Assignment::Value(_) => {
                let arms = self.arms().into_iter().map(|arm| Arm { line: None, ..arm });
                Assignment::Arms(arms.collect())
            }
        };
        format!("{:?}", Self { assignment, location: None, ..self.clone() })
    }

    /// How many parts its expressions have; a list or lookup of any length is one parameter of a statement.
    pub fn parts(&self) -> u64 {
        let own: u64 = match &self.assignment {
            Assignment::Lookup { .. } => 1,
            Assignment::Value(value) => value.parts().into(),
            Assignment::Arms(arms) => {
                let conditions = arms.iter().filter_map(|arm| arm.condition.as_ref());
                let all = conditions.chain(arms.iter().map(|arm| &arm.value));
                all.map(|expr| u64::from(expr.parts())).sum()
            }
        };
        own + self.filter.as_ref().map_or(0, |filter| filter.parts().into())
    }

    /// The expressions of the rule: `where`, the conditions of the arms, and their values. A lookup has none: it reads its
    /// column alone, and may have a million pairs.
    pub fn expressions(&self) -> Vec<Expr> {
        match &self.assignment {
            Assignment::Lookup { .. } => self.filter.iter().cloned().collect(),
            Assignment::Arms(_) | Assignment::Value(_) => {
                self.conditions().into_iter().chain(self.values()).collect()
            }
        }
    }

    /// The values that are computed for a row.
    fn values(&self) -> Vec<Expr> {
        match &self.assignment {
            Assignment::Lookup { .. } => vec![],
            Assignment::Arms(_) | Assignment::Value(_) => {
                self.arms().into_iter().map(|arm| arm.value).collect()
            }
        }
    }

    /// Whether a value depends on the column that the rule sets, so that a second run would change it again.
    pub(crate) fn reads_itself(&self, table: &Table) -> bool {
        self.value_reads(&self.column, table)
    }

    /// The name of a column that it reads as people know it: as scripts name it, where other rows give its values.
    pub fn shown_name(&self, name: &str) -> String {
        let expressions = self.expressions();
        let mut figures = expressions.iter().flat_map(Expr::figures);
        figures.find_map(|figure| figure.named(name)).map_or_else(|| name.into(), Figure::to_string)
    }

    /// Whether it reads figures, which other rows give.
    pub fn reads_other_rows(&self) -> bool {
        self.expressions().iter().any(|expr| !expr.figures().is_empty())
    }

    /// Whether a figure that it reads is a rank, or computed from one.
    pub fn reads_ranks(&self) -> bool {
        let expressions = self.expressions();
        expressions.iter().flat_map(Expr::figures).any(Figure::is_ranked)
    }

    /// `where` and the conditions of the arms.
    pub(crate) fn conditions(&self) -> Vec<Expr> {
        let arms = self.arms().into_iter().filter_map(|arm| arm.condition);
        self.filter.iter().cloned().chain(arms).collect()
    }

    /// Whether applying the rule to a row that it has changed changes nothing: its arms and values do not
    /// read the column that it sets.
    pub fn is_repeatable(&self, table: &Table) -> bool {
        let others = |expr: &Expr| self.reads_own_column_of_others(expr, table);
        !self.arms_read(&self.column, table) && !self.filter.as_ref().is_some_and(others)
    }

    fn reads_own_column_of_others(&self, expr: &Expr, table: &Table) -> bool {
        self.reads_of_others(&self.column, expr, table)
    }

    pub(super) fn reads_of_others(&self, column: &str, expr: &Expr, table: &Table) -> bool {
        let own = (self.table.clone(), column.to_owned());
        table.made_from(expr.figures().into_iter().map(Figure::name)).contains(&own)
    }

    /// Whether a value that it gives depends on this column, of the row or of other rows of its table.
    pub(crate) fn value_reads(&self, column: &str, table: &Table) -> bool {
        self.value_columns().iter().any(|name| name == column)
            || self.values().iter().any(|value| self.reads_of_others(column, value, table))
    }

    /// Whether its arms read this column, in a condition or a value.
    pub(crate) fn arms_read(&self, column: &str, table: &Table) -> bool {
        let arms = match &self.assignment {
            Assignment::Lookup { .. } => vec![],
            Assignment::Arms(_) | Assignment::Value(_) => self.arms(),
        };
        let of_others = |expr: &Expr| self.reads_of_others(column, expr, table);
        self.arm_columns().iter().any(|name| name == column)
            || arms
                .iter()
                .any(|arm| of_others(&arm.value) || arm.condition.as_ref().is_some_and(of_others))
    }

    /// The columns that the rule's arms read, conditions and values, each once.
    pub fn arm_columns(&self) -> Vec<String> {
        if let Assignment::Lookup { column, .. } = &self.assignment {
            return vec![column.clone()];
        }
        let arms = self.arms();
        let conditions = arms.iter().filter_map(|arm| arm.condition.as_ref());
        let read = conditions.chain(arms.iter().map(|arm| &arm.value)).flat_map(Expr::columns);
        distinct(read.map(str::to_owned))
    }

    /// The columns that the rule's values depend on, each once: also the key of a lookup.
    pub(crate) fn value_columns(&self) -> Vec<String> {
        if let Assignment::Lookup { column, .. } = &self.assignment {
            return vec![column.clone()];
        }
        let arms = self.arms();
        distinct(arms.iter().flat_map(|arm| arm.value.columns()).map(str::to_owned))
    }

    /// The columns of the table that the rule reads, in its arms, then in `where`, each once.
    pub fn columns_read(&self, table: &Table) -> Vec<String> {
        let filter = self.filter.iter().flat_map(Expr::columns).map(str::to_owned);
        let read = self.arm_columns().into_iter().chain(filter);
        distinct(read.filter(|name| table.column(name).is_some()))
    }
}

fn lookup_arm(column: &str, pair: &Pair) -> Arm {
    let is_key = Node::IsOneOf(Expr::column(column), vec![pair.key.clone()]);
    Arm {
        condition: Some(Expr::new(is_key).expect("two nodes are not too large")),
        value: Expr::literal(pair.value.clone()),
        line: pair.line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{col, priority, set, table};

    fn lookup() -> Rule {
        let pair =
            |(key, value): (&str, &str)| Pair { key: key.into(), value: value.into(), line: None };
        let pairs = [("A", "HIGH"), ("B", "LOW")].map(pair).into();
        set("priority", Assignment::Lookup { column: "grade".into(), pairs })
    }

    #[test]
    fn a_lookup_is_an_arm_for_each_pair() {
        let conditions = lookup().conditions();
        let conditions: Vec<String> = conditions.iter().map(ToString::to_string).collect();
        assert_eq!(conditions, ["grade == \"A\"", "grade == \"B\""]);
        assert_eq!(lookup().value_columns(), ["grade"]);
    }

    #[test]
    fn a_rule_reads_the_columns_of_its_arms_before_those_of_where() {
        let rule = priority([(Some(col("orders").greater(5)), "HIGH")]);
        let rule = rule.with_filter(col("active").and(col("absent").missing()));
        assert_eq!(rule.columns_read(&table()), ["orders", "active"]);
    }

    #[test]
    fn a_rule_that_reads_what_it_sets_can_not_be_repeated() {
        assert!(lookup().is_repeatable(&table()));
        assert!(!priority([(Some(col("priority").missing()), "LOW")]).is_repeatable(&table()));
        assert!(
            priority([(None, "LOW")])
                .with_filter(col("priority").missing())
                .is_repeatable(&table())
        );
    }
}
