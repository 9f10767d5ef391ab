//! Random rules on the table `Item`.

use leora_rule::{
    Arithmetic, Arm, Assignment, Comparison, Expr, Node, Pair, Period, Rule, Value, parse_decimal,
};

use super::columns::{Columns, Family, MOODS, value};
use crate::support::Random;

const FAMILIES: [Family; 6] =
    [Family::Label, Family::Text, Family::Number, Family::Moment, Family::Truth, Family::Uuid];

fn expr(node: Node) -> Expr {
    Expr::new(node).expect("small")
}

fn one<T: Copy>(random: &mut Random, of: &[T]) -> T {
    of[random.below(of.len() as u64) as usize]
}

/// Makes rules that read and set these columns.
pub struct RandomRules<'c> {
    pub columns: &'c Columns,
}

impl RandomRules<'_> {
    fn column(&self, random: &mut Random, family: Family) -> Expr {
        let name = self.columns.some(random, family);
        if random.one_in(8) {
            return expr(Node::ColumnOr(name, Value::Null));
        }
        Expr::column(&name)
    }

    fn literal(&self, random: &mut Random, family: Family) -> Expr {
        match (family, random.below(4)) {
            (Family::Moment, 0) => expr(Node::Today),
            (Family::Moment, 1) => expr(Node::Ago(period(random))),
            _ => Expr::literal(value(random, family)),
        }
    }

    /// A column, a value, a calculation, or the first that is there.
    fn operand(&self, random: &mut Random, family: Family, depth: u64) -> Expr {
        match random.below(6) {
            0 => self.literal(random, family),
            1 if depth > 0 => {
                let (a, b) = (self.column(random, family), self.operand(random, family, depth - 1));
                expr(Node::Coalesce(vec![a, b]))
            }
            2 | 3 if depth > 0 && family == Family::Number => self.number(random, depth - 1),
            _ => self.column(random, family),
        }
    }

    fn number(&self, random: &mut Random, depth: u64) -> Expr {
        let a = self.operand(random, Family::Number, depth);
        let operator = one(random, Arithmetic::ALL);
        let by = ["3", "7", "-0.4", "11.5"][random.below(4) as usize];
        let b = match operator {
            Arithmetic::Divide if !random.one_in(4) => {
                Expr::literal(Value::Decimal(parse_decimal(by).expect("a number")))
            }
            _ => self.operand(random, Family::Number, depth),
        };
        expr(Node::Arithmetic(operator, a, b))
    }

    fn condition(&self, random: &mut Random, depth: u64) -> Expr {
        if depth > 0 && random.one_in(2) {
            let (a, b) = (self.condition(random, depth - 1), self.condition(random, depth - 1));
            return expr(match random.below(3) {
                0 => Node::And(a, b),
                1 => Node::Or(a, b),
                _ => Node::Not(a),
            });
        }
        let family = one(random, &FAMILIES);
        match (random.below(6), family) {
            (0, _) => expr(Node::IsNull(self.operand(random, family, 1))),
            (1, Family::Moment) => expr(Node::Within(self.column(random, family), period(random))),
            (1, _) => {
                let list = (0..random.below(3)).map(|_| value(random, family)).collect();
                expr(Node::IsOneOf(self.column(random, family), list))
            }
            (2, Family::Truth) => self.column(random, family),
            _ => {
                let (a, b) = (self.column(random, family), self.operand(random, family, 2));
                let (a, b) = if random.one_in(4) { (b, a) } else { (a, b) };
                expr(Node::Compare(one(random, Comparison::ALL), a, b))
            }
        }
    }

    fn given(&self, random: &mut Random, family: Family) -> Expr {
        match random.below(5) {
            0 => Expr::literal(Value::Null),
            1 | 2 => self.operand(random, family, 2),
            _ => self.literal(random, family),
        }
    }

    /// A rule that sets this column.
    pub fn rule(&self, random: &mut Random, target: &str) -> Rule {
        let family = self.columns.pair(target).family;
        let filter = random.one_in(3).then(|| self.condition(random, 1));
        let assignment = match random.below(5) {
            0 => {
                let pairs = MOODS[..2].iter().map(|mood| Pair {
                    key: Value::Text((*mood).to_owned()),
                    value: value(random, family),
                    line: None,
                });
                let pairs = pairs.collect();
                Assignment::Lookup { column: self.columns.some(random, Family::Label), pairs }
            }
            1 | 2 => Assignment::Value(self.given(random, family)),
            _ => {
                let mut arms: Vec<Arm> = (0..1 + random.below(3))
                    .map(|_| Arm {
                        condition: Some(self.condition(random, 2)),
                        value: self.given(random, family),
                        line: None,
                    })
                    .collect();
                if random.one_in(2) {
                    let value = self.given(random, family);
                    arms.push(Arm { condition: None, value, line: None });
                }
                Assignment::Arms(arms)
            }
        };
        let (table, column) = ("Item".into(), target.to_owned());
        Rule { table, filter, column, assignment, location: None }
    }
}

fn period(random: &mut Random) -> Period {
    let months = [0, 1, 4, 6, 16][random.below(5) as usize];
    Period::new(months, [0, 0, 1, 181][random.below(4) as usize]).expect("a period")
}
