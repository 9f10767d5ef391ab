//! What the functions of a row refuse, and how far back a period may reach.

use jiff::civil::Date;

use crate::model::function::Parameter;
use crate::{Expr, Function, MOST_PLACES, Node, RuleError};

impl Function {
    /// `found` says what the argument of this place is instead.
    pub(crate) fn wrong_argument(
        self,
        arguments: &[Expr],
        place: usize,
        found: String,
    ) -> RuleError {
        let (wanted, help) = match self.parameter(place) {
            Parameter::Text if place > 0 => {
                ("a text", "write the text in quotes, or give a column of texts")
            }
            Parameter::Text => {
                ("a text", "ask it of a column of texts, as in col(\"name\").lower()")
            }
            Parameter::Pattern => (
                "a pattern in quotes",
                "write it like col(\"name\").like(\"%Grill%\"); .contains(...) also takes a column",
            ),
            Parameter::Moment => {
                ("a date", "give it a column of dates, or a date such as \"2025-10-25\"")
            }
            Parameter::Number | Parameter::Exact => {
                ("a number", "give it a column of numbers, or a calculation")
            }
            Parameter::Places => {
                ("a whole number of decimals", "write it like round(col(\"revenue\") / 3, 2)")
            }
            Parameter::Alike => (
                "values that have an order",
                "give it columns of numbers, dates, texts or of one enum",
            ),
        };
        let operator = match self.is_days_since(arguments) {
            true => "days_since(...)".into(),
            false => self.in_messages(),
        };
        RuleError::WrongOperand { operator, wanted, found, help }
    }

    /// Whether it is the distance of a date from the business date.
    pub(crate) fn is_days_since(self, arguments: &[Expr]) -> bool {
        let to = arguments.get(1).map(Expr::node);
        self == Self::DaysBetween && to == Some(&Node::Today)
    }

    /// PostgreSQL fails on a pattern that ends in the backslash of an escape.
    pub(crate) fn check_pattern(self, pattern: &str) -> Result<(), RuleError> {
        let backslashes = pattern.len() - pattern.trim_end_matches('\\').len();
        if backslashes.is_multiple_of(2) {
            return Ok(());
        }
        Err(RuleError::WrongOperand {
            operator: self.in_messages(),
            wanted: "a pattern that does not end in a single backslash",
            found: format!("\"{pattern}\" does"),
            help: "a backslash takes the sign after it as it is: write two for a backslash, which are four in quotes, or use .ends_with(...)",
        })
    }

    pub(crate) fn check_places(self, places: i64) -> Result<(), RuleError> {
        if (-MOST_PLACES..=MOST_PLACES).contains(&places) {
            return Ok(());
        }
        Err(RuleError::WrongOperand {
            operator: self.in_messages(),
            wanted: "-20 to 20 decimals",
            found: format!("is given {places}"),
            help: "write it like round(col(\"revenue\") / 3, 2)",
        })
    }

    /// The longest period, in its unit, before a day that does not reach back before the year 1.
    pub(crate) fn longest_period(self, day: Date) -> i64 {
        let first = Date::constant(1, 1, 1);
        match self {
            Self::AgoMonths => i64::from(day.year() - 1) * 12 + i64::from(day.month() - 1),
            _ => day.since(first).map_or(0, |span| i64::from(span.get_days())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Period;
    use crate::fixtures::AS_OF;

    #[test]
    fn the_longest_period_reaches_the_year_1() {
        let [days, months] =
            [Function::AgoDays, Function::AgoMonths].map(|one| one.longest_period(AS_OF));
        let before = |months, days| Period::new(months, days).expect("a period").before(AS_OF);
        assert_eq!(before(0, days).to_string(), "0001-01-01T00:00:00");
        assert_eq!(before(months, 0).to_string(), "0001-01-25T00:00:00");
    }

    #[test]
    fn only_an_odd_number_of_backslashes_at_the_end_is_refused() {
        for (pattern, fits) in [("a%", true), ("a\\", false), ("a\\\\", true), ("\\%", true)] {
            assert_eq!(Function::Like.check_pattern(pattern).is_ok(), fits, "{pattern}");
        }
    }
}
