//! Random rules on the table `Item`.

use leora_rule::{
    Arithmetic, Arm, Assignment, Comparison, Expr, Function, Node, Pair, Parameter, Period, Rule,
    Value, parse_decimal,
};

use super::columns::{Columns, Family, MOODS, value};
use crate::support::Random;

const FAMILIES: [Family; 6] =
    [Family::Label, Family::Text, Family::Number, Family::Moment, Family::Truth, Family::Uuid];

/// What is looked for in texts.
const PATTERNS: [&str; 14] =
    ["", "a", "A", "b", " ", "ab", "%", "_", "%b%", "a_", "ü%", "\\_", "20%", "%\\%"];

/// The family of what a function gives; `None` for that of its arguments.
fn gives(function: Function) -> Option<Family> {
    Some(match function {
        Function::Lower | Function::Upper | Function::Trim => Family::Text,
        Function::StartsWith
        | Function::EndsWith
        | Function::Contains
        | Function::Like
        | Function::ILike => Family::Truth,
        Function::AgoDays | Function::AgoMonths => Family::Moment,
        Function::Length
        | Function::Year
        | Function::Quarter
        | Function::Month
        | Function::Weekday
        | Function::DaysBetween
        | Function::Round
        | Function::Abs => Family::Number,
        Function::Least | Function::Greatest => return None,
    })
}

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
        match random.below(8) {
            0 => self.literal(random, family),
            1 if depth > 0 => {
                let (a, b) = (self.column(random, family), self.operand(random, family, depth - 1));
                expr(Node::Coalesce(vec![a, b]))
            }
            2 | 3 if depth > 0 && family == Family::Number => self.number(random, depth - 1),
            4 | 5 if depth > 0 => self.call(random, family, depth - 1),
            _ => self.column(random, family),
        }
    }

    /// A function that gives a value of this family, on arguments that it takes.
    fn call(&self, random: &mut Random, family: Family, depth: u64) -> Expr {
        let gives = |function: &&Function| gives(**function) == Some(family);
        let of_family: Vec<Function> = Function::ALL.iter().filter(gives).copied().collect();
        let alike = [Function::Least, Function::Greatest];
        let function = match of_family.is_empty() || random.one_in(4) {
            true => one(random, &alike),
            false => one(random, &of_family),
        };
        let count = if alike.contains(&function) { 2 } else { function.parameters().len() };
        let argument = |place: usize| {
            let mut operand = |family| self.operand(random, family, depth);
            match function.parameters()[place.min(function.parameters().len() - 1)] {
                Parameter::Text if place == 0 => operand(Family::Text),
                Parameter::Text | Parameter::Pattern => {
                    let column = function.parameters()[place] == Parameter::Text;
                    match column && random.one_in(4) {
                        true => self.column(random, Family::Text),
                        false => Expr::literal(Value::Text(random.pick(&PATTERNS))),
                    }
                }
                Parameter::Moment => operand(Family::Moment),
                Parameter::Number | Parameter::Exact => operand(Family::Number),
                Parameter::Places => {
                    Expr::literal(Value::Integer(one(random, &[-3, -1, 0, 1, 2, 5])))
                }
                Parameter::Alike => operand(family),
            }
        };
        expr(Node::Call(function, (0..count).map(argument).collect()))
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
        match (random.below(8), family) {
            (6 | 7, _) => self.call(random, Family::Truth, 1),
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
        Rule { table, filter, column, assignment, location: None, joins_previous: false }
    }
}

fn period(random: &mut Random) -> Period {
    let months = [0, 1, 4, 6, 16][random.below(5) as usize];
    Period::new(months, [0, 0, 1, 181][random.below(4) as usize]).expect("a period")
}
