//! Displays expressions as scripts write them, with the bare names of columns.

use std::fmt;

use crate::model::figure::own_column;
use crate::{Expr, Function, Node, Style, Value, format_number};

/// The most values of a list that are shown.
const MAX_LISTED: usize = 20;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node() {
            Node::Literal(value) => f.write_str(&literal(value)),
            Node::Column(name) | Node::ColumnOr(name, _) => match own_column(name) {
                Some(own) => write!(f, "outer({own})"),
                None => f.write_str(name),
            },
            Node::Today => f.write_str("today()"),
            Node::Ago(period) => write!(f, "ago({period})"),
            Node::Compare(comparison, a, b) => write!(f, "{a} {} {b}", comparison.symbol()),
            Node::And(a, b) => write!(f, "{} and {}", inside_and(a), inside_and(b)),
            Node::Or(a, b) => write!(f, "{a} or {b}"),
            Node::Not(a) => write!(f, "not({a})"),
            Node::IsNull(a) => write!(f, "{a}.is_null()"),
            Node::IsOneOf(a, values) => match values.as_slice() {
                [only] => write!(f, "{a} == {}", literal(only)),
                [..] if values.len() > MAX_LISTED => {
                    let shown = list(values[..MAX_LISTED].iter().map(literal));
                    let more = format_number((values.len() - MAX_LISTED) as u64);
                    write!(f, "{a}.is_one_of([{shown}, ... and {more} more])")
                }
                _ => write!(f, "{a}.is_one_of([{}])", list(values.iter().map(literal))),
            },
            Node::Within(a, period) => write!(f, "{a}.within({period})"),
            Node::Arithmetic(operator, a, b) => {
                write!(f, "{} {} {}", inside_arithmetic(a), operator.symbol(), inside_arithmetic(b))
            }
            Node::Coalesce(all) => {
                write!(f, "coalesce([{}])", list(all.iter().map(ToString::to_string)))
            }
            Node::Figure(figure) => figure.fmt(f),
            Node::Call(function, arguments) => f.write_str(&call(*function, arguments)),
        }
    }
}

fn call(function: Function, arguments: &[Expr]) -> String {
    let name = function.name();
    let texts: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    match (function.style(), texts.as_slice()) {
        (Style::Method, [on, with @ ..]) => format!("{on}.{name}({})", with.join(", ")),
        (Style::OfList, all) => format!("{name}([{}])", all.join(", ")),
        (Style::PeriodAgo, all) => format!("ago({name}({}))", all.join(", ")),
        (_, [since, _]) if function.is_days_since(arguments) => format!("days_since({since})"),
        (_, all) => format!("{name}({})", all.join(", ")),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "()".into(),
        Value::Text(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn inside_and(expr: &Expr) -> String {
    match expr.node() {
        Node::Or(..) => format!("({expr})"),
        _ => expr.to_string(),
    }
}

fn inside_arithmetic(expr: &Expr) -> String {
    match expr.node() {
        Node::Arithmetic(..) => format!("({expr})"),
        _ => expr.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{col, expr, of, period};
    use crate::{Arithmetic, Comparison};

    #[test]
    fn an_expression_reads_as_a_script_writes_it() {
        let sum =
            || expr(Node::Arithmetic(Arithmetic::Add, col("orders"), Expr::literal(1.into())));
        let product = expr(Node::Arithmetic(Arithmetic::Multiply, sum(), col("ratio")));
        let cases = [
            (col("name").eq_to("Ann"), "name == \"Ann\""),
            (col("orders").not_eq(5), "orders != 5"),
            (col("seen").within("6mo"), "seen.within(6mo)"),
            (
                expr(Node::Compare(Comparison::Less, col("seen"), expr(Node::Ago(period("1y"))))),
                "seen < ago(1y)",
            ),
            (col("a").or(col("b")).and(col("c")), "(a or b) and c"),
            (col("a").and(col("b")).or(col("c")), "a and b or c"),
            (col("a").missing().negated(), "not(a.is_null())"),
            (col("grade").one_of(["A"]), "grade == \"A\""),
            (col("grade").one_of(["A", "B"]), "grade.is_one_of([\"A\", \"B\"])"),
            (product, "(orders + 1) * ratio"),
            (expr(Node::Coalesce(vec![col("a"), Expr::literal(Value::Null)])), "coalesce([a, ()])"),
            (of(Function::Lower, [col("a")]).contains("x"), "a.lower().contains(\"x\")"),
            (of(Function::Round, [col("a"), Expr::literal(2.into())]), "round(a, 2)"),
            (of(Function::Least, [col("a"), col("b")]), "least([a, b])"),
            (of(Function::AgoDays, [col("a")]), "ago(days(a))"),
            (of(Function::DaysBetween, [col("a"), expr(Node::Today)]), "days_since(a)"),
            (of(Function::DaysBetween, [col("a"), col("b")]), "days_between(a, b)"),
        ];
        for (expr, expected) in cases {
            assert_eq!(expr.to_string(), expected);
        }
    }
}
