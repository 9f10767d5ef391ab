//! Compiles calls of functions to SQL, from the table in `model/function.rs`.

use crate::model::function::{Parameter, SqlPiece};
use crate::model::moment::parse_moment;
use crate::model::types::{Family, describe_operand, family, is_float_expression};
use crate::{Column, Expr, Function, Node, Period, RuleError, SqlBuilder, Value};

impl SqlBuilder<'_> {
    pub(super) fn call(
        &mut self,
        function: Function,
        arguments: &[Expr],
        beside: Option<&Column>,
    ) -> Result<String, RuleError> {
        let pieces = function.sql_pieces();
        if pieces.contains(&SqlPiece::AllArguments) {
            self.check_ordered(function, arguments)?;
            let all = self.alike(arguments, beside)?;
            let text = |piece: &SqlPiece| match piece {
                SqlPiece::Written(text) => (*text).to_owned(),
                _ => all.clone(),
            };
            return Ok(pieces.iter().map(text).collect());
        }
        let mut compiled = Vec::new();
        for place in 0..arguments.len() {
            compiled.push(self.argument(function, arguments, place)?);
        }
        let mut text = String::new();
        for piece in pieces {
            match piece {
                SqlPiece::Written(written) => text.push_str(written),
                SqlPiece::Argument(place) => text.push_str(&compiled[place]),
                SqlPiece::Today => text.push_str(&self.moment(Period::ZERO)),
                SqlPiece::LongestPeriod => {
                    text.push_str(&function.longest_period(self.as_of).to_string());
                }
                SqlPiece::AllArguments => {}
            }
        }
        Ok(text)
    }

    /// An argument, as the type that the function takes.
    fn argument(
        &mut self,
        function: Function,
        arguments: &[Expr],
        place: usize,
    ) -> Result<String, RuleError> {
        let argument = &arguments[place];
        let found = family(argument, self.table)?;
        let refused =
            || function.wrong_argument(arguments, place, describe_operand(argument, &found));
        match (function.parameter(place), &found, argument.node()) {
            (Parameter::Text, Family::Text | Family::Open, _) => {
                let text = self.expression(argument, None)?;
                Ok(format!("({text})::pg_catalog.text"))
            }
            (Parameter::Pattern, _, Node::Literal(Value::Text(pattern))) => {
                function.check_pattern(pattern)?;
                self.expression(argument, None)
            }
            (Parameter::Moment, Family::Moment, _) => {
                let moment = self.expression(argument, None)?;
                Ok(format!("({moment})::timestamp"))
            }
            (Parameter::Moment, _, Node::Literal(Value::Text(text))) => match parse_moment(text) {
                // A cast would drop an offset.
                Some(at) => Ok(self.bind(Value::Timestamp(at).to_sql_text(), "timestamp")),
                None => Err(refused()),
            },
            (Parameter::Number, Family::Number, _) => {
                let number = self.expression(argument, None)?;
                // As numeric, whose least value has an opposite.
                Ok(match is_float_expression(argument, self.table) {
                    true => format!("({number})"),
                    false => format!("({number})::numeric"),
                })
            }
            (Parameter::Exact, Family::Number, _) => {
                Ok(format!("({})::numeric", self.expression(argument, None)?))
            }
            (Parameter::Places, _, Node::Literal(Value::Integer(places))) => {
                function.check_places(*places)?;
                Ok(self.bind(Some(places.to_string()), "integer"))
            }
            _ => Err(refused()),
        }
    }

    /// Values of types that rules do not know have no order here.
    fn check_ordered(&self, function: Function, arguments: &[Expr]) -> Result<(), RuleError> {
        for argument in arguments {
            let found = family(argument, self.table)?;
            if matches!(found, Family::Other(_)) {
                let found = describe_operand(argument, &found);
                return Err(function.wrong_argument(arguments, 0, found));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, customers, expr, of};

    fn compiled(value: &Expr) -> Result<String, String> {
        let source = customers();
        let mut sql = SqlBuilder::new(&source, AS_OF);
        sql.expression(value, None).map_err(|error| error.to_string())
    }

    fn text(text: &str) -> Expr {
        Expr::literal(text.into())
    }

    #[test]
    fn each_argument_is_cast_to_what_the_function_takes() {
        let cases = [
            (of(Function::Lower, [col("name")]), "pg_catalog.lower((\"name\")::pg_catalog.text)"),
            (
                of(Function::Like, [col("name"), text("a%")]),
                "(((\"name\")::pg_catalog.text COLLATE pg_catalog.\"C\") OPERATOR(pg_catalog.~~) \
                 ($1::pg_catalog.text::pg_catalog.text COLLATE pg_catalog.\"C\"))",
            ),
            (
                of(Function::Month, [col("born")]),
                "pg_catalog.date_part('month', (\"born\")::timestamp)::integer",
            ),
            (
                of(Function::Round, [col("ratio"), Expr::literal(2.into())]),
                "pg_catalog.round((\"ratio\")::numeric, $1::pg_catalog.text::integer)",
            ),
            (of(Function::Abs, [col("ratio")]), "pg_catalog.abs((\"ratio\"))"),
            (
                of(Function::Least, [col("grade"), text("B")]),
                "LEAST(\"grade\", $1::pg_catalog.text::\"Grade\")",
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(compiled(&value).as_deref(), Ok(expected), "{value}");
        }
    }

    #[test]
    fn what_a_function_does_not_take_is_refused() {
        let cases = [
            (
                of(Function::Lower, [col("orders")]),
                "lower(...) needs a text, and orders is a number",
            ),
            (
                of(Function::Contains, [col("name"), Expr::literal(5.into())]),
                "contains(...) needs a text, and 5 is a whole number",
            ),
            (of(Function::Year, [col("name")]), "year(...) needs a date, and name is a text"),
            (
                of(Function::DaysBetween, [col("born"), text("soon")]),
                "days_between(...) needs a date, and \"soon\" is a text",
            ),
            (of(Function::AgoDays, [col("born")]), "days(...) needs a number, and born is a date"),
            (
                of(Function::Greatest, [col("born"), col("orders")]),
                "born is a date and orders is a number: they can't be combined",
            ),
            (
                of(Function::Least, [col("place")]),
                "least(...) needs values that have an order, and place is a value of type point",
            ),
            (
                of(Function::Like, [col("name"), text("50\\")]),
                "like(...) needs a pattern that does not end in a single backslash, and \"50\\\" does",
            ),
            (
                of(Function::Like, [col("name"), col("name")]),
                "like(...) needs a pattern in quotes, and name is a text",
            ),
            (
                of(Function::Round, [col("orders"), Expr::literal(21.into())]),
                "round(...) needs -20 to 20 decimals, and is given 21",
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(compiled(&value), Err(expected.to_owned()), "{value}");
        }
    }

    #[test]
    fn an_offset_of_a_date_in_quotes_is_not_dropped() {
        let source = customers();
        let mut sql = SqlBuilder::new(&source, AS_OF);
        let value =
            of(Function::DaysBetween, [text("2025-01-01T22:00:00-05:00"), expr(Node::Today)]);
        sql.expression(&value, None).expect("a number");
        assert_eq!(sql.parameters()[0].as_deref(), Some("2025-01-02 03:00:00"));
    }
}
