//! Functions of one row's values in memory: dates, numbers, and the least and greatest of several values.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::evaluate::column_type::ColumnType;
use crate::evaluate::combine::combined;
use crate::evaluate::datum::{Datum, Text, Typing};
use crate::evaluate::decide::Evaluation;
use crate::evaluate::error::EvaluationError;
use crate::evaluate::exact::Exact;
use crate::evaluate::moment::Moment;
use crate::evaluate::{store, text_function};
use crate::model::function::Parameter;
use crate::{Expr, Function, Value, midnight};

/// The value of a call.
pub(super) fn call(
    evaluation: &Evaluation<'_>,
    function: Function,
    arguments: &[Expr],
    beside: Option<&ColumnType>,
) -> Result<Datum, EvaluationError> {
    if function.parameter(0) == Parameter::Alike {
        return extreme(evaluation, function, arguments, beside);
    }
    let mut values = Vec::new();
    for (place, argument) in arguments.iter().enumerate() {
        let value = evaluation.value(argument, None)?;
        if value != Datum::Null && !takes(function.parameter(place), &value) {
            return Err(function
                .wrong_argument(arguments, place, value.describe_as(argument))
                .into());
        }
        values.push(value);
    }
    if let [_, Datum::Text(pattern)] = values.as_slice()
        && function.parameter(1) == Parameter::Pattern
    {
        function.check_pattern(&pattern.text)?;
    }
    if values.contains(&Datum::Null) {
        return Ok(Datum::Null);
    }
    match values.as_slice() {
        [Datum::Text(text)] if function.parameter(0) == Parameter::Text => {
            text_function::of_text(function, text)
        }
        [Datum::Text(text), Datum::Text(other)] if function.parameter(0) == Parameter::Text => {
            text_function::of_texts(function, text, other)
        }
        [number] if number.is_number() => of_number(function, number, evaluation.as_of),
        [number, places] if function == Function::Round => round(function, number, places),
        moments => of_moments(function, moments),
    }
}

fn takes(parameter: Parameter, value: &Datum) -> bool {
    match parameter {
        Parameter::Text | Parameter::Pattern => matches!(value, Datum::Text(_)),
        Parameter::Moment => moment(value).is_some(),
        Parameter::Number | Parameter::Exact | Parameter::Places => value.is_number(),
        Parameter::Alike => true,
    }
}

/// A date; also a text that reads as one, where no type says that it is none.
fn moment(value: &Datum) -> Option<Moment> {
    match value {
        Datum::Moment(moment) => Some(*moment),
        Datum::Text(Text { text, typing: Typing::Unknown }) => Moment::parse(text),
        _ => None,
    }
}

fn of_moments(function: Function, values: &[Datum]) -> Result<Datum, EvaluationError> {
    let finite = |value: &Datum| match moment(value) {
        Some(Moment::At(at)) => Some(at),
        _ => None,
    };
    let moments: Option<Vec<DateTime>> = values.iter().map(finite).collect();
    let number = match moments.as_deref() {
        Some([at]) => part(function, *at),
        Some([from, to]) => from.date().until(to.date()).map_or(0, |span| span.get_days().into()),
        _ => return Ok(Datum::Null),
    };
    Ok(Datum::from_value(&Value::Integer(number)))
}

fn part(function: Function, at: DateTime) -> i64 {
    match function {
        Function::Year => at.year().into(),
        Function::Quarter => i64::from((at.month() - 1) / 3 + 1),
        Function::Month => at.month().into(),
        _ => at.weekday().to_monday_one_offset().into(),
    }
}

fn of_number(function: Function, value: &Datum, as_of: Date) -> Result<Datum, EvaluationError> {
    match function {
        Function::Abs => Ok(match value {
            Datum::Real(number) => Datum::Real(number.abs()),
            Datum::Double(number) => Datum::Double(number.abs()),
            Datum::Number(Exact { number, scale }) => {
                Datum::Number(Exact { number: number.abs(), scale: *scale })
            }
            _ => Datum::Null,
        }),
        _ => Ok(period_ago(function, value, as_of)
            .map_or(Datum::Null, |at| Datum::Moment(Moment::At(midnight(at))))),
    }
}

/// The business date less a period of whole days or months; none where it is no period.
fn period_ago(function: Function, count: &Datum, as_of: Date) -> Option<Date> {
    let longest = function.longest_period(as_of);
    let whole = match count {
        Datum::Number(exact) => {
            let fits = (Decimal::ZERO..=longest.into()).contains(&exact.number);
            exact.number.trunc().to_i64().filter(|_| fits)?
        }
        other => {
            let number = other.as_double()?;
            let fits = (0.0..=longest.to_f64()?).contains(&number);
            number.trunc().to_i64().filter(|_| fits)?
        }
    };
    let span = match function {
        Function::AgoMonths => whole.months(),
        _ => whole.days(),
    };
    as_of.checked_sub(span).ok()
}

fn round(function: Function, value: &Datum, places: &Datum) -> Result<Datum, EvaluationError> {
    let Datum::Number(places) = places else { return Ok(Datum::Null) };
    let places = places.number.to_i64().unwrap_or(i64::MAX);
    function.check_places(places)?;
    let rounded = store::exact(value.clone())?.rounded(i32::try_from(places).unwrap_or(0));
    rounded.map(Datum::Number).ok_or(EvaluationError::TooManyDigits)
}

/// The least or the greatest of the values that are there; of equal ones, the first.
fn extreme(
    evaluation: &Evaluation<'_>,
    function: Function,
    arguments: &[Expr],
    beside: Option<&ColumnType>,
) -> Result<Datum, EvaluationError> {
    let beside = beside.or_else(|| evaluation.type_source_of(arguments));
    let mut found = Datum::Null;
    for argument in arguments {
        let value = evaluation.value(argument, beside)?;
        if let Datum::Untried { .. } = value {
            return Err(function.wrong_argument(arguments, 0, value.describe_as(argument)).into());
        }
        if value == Datum::Null {
            continue;
        }
        let value = combined(evaluation, value, arguments, beside)?;
        if found == Datum::Null {
            found = value;
            continue;
        }
        let order = value.compare(&found, argument, false)?;
        let wins = match function {
            Function::Least => order.is_lt(),
            _ => order.is_gt(),
        };
        if wins {
            found = value;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, expr, of, table};
    use crate::{Node, Record, evaluate};

    fn row<const N: usize>(values: [(&str, Value); N]) -> Record {
        let types = table().columns.into_iter().map(|column| (column.name, column.data_type));
        Record::new(values.map(|(name, value)| (name.to_owned(), value))).with_types(types)
    }

    fn shown(value: &Expr, row: &Record) -> String {
        match evaluate(value, row, AS_OF) {
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        }
    }

    fn number(text: &str) -> Value {
        Value::Decimal(text.parse().expect(text))
    }

    #[test]
    fn parts_of_dates_are_numbers() {
        // A Saturday.
        let row = row([("seen", "2025-10-25T23:59:59".into()), ("born", "infinity".into())]);
        let since = |name| of(Function::DaysBetween, [col(name), expr(Node::Today)]);
        let cases = [
            (of(Function::Year, [col("seen")]), "2025"),
            (of(Function::Quarter, [col("seen")]), "4"),
            (of(Function::Month, [col("seen")]), "10"),
            (of(Function::Weekday, [col("seen")]), "6"),
            (since("seen"), "0"),
            (since("born"), "(none)"),
            (of(Function::Year, [col("born")]), "(none)"),
            (of(Function::DaysBetween, [Expr::literal("2025-10-20".into()), col("seen")]), "5"),
        ];
        for (value, expected) in cases {
            assert_eq!(shown(&value, &row), expected, "{value}");
        }
    }

    #[test]
    fn a_period_of_a_row_is_counted_down_to_whole_days_and_months() {
        let ago = |function, count: &str| {
            shown(&of(function, [col("amount")]), &row([("amount", number(count))]))
        };
        assert_eq!(ago(Function::AgoDays, "7.9"), "2025-10-18 00:00:00");
        assert_eq!(ago(Function::AgoMonths, "8"), "2025-02-25 00:00:00");
        for count in ["-1", "-0.5", "9999999"] {
            assert_eq!(ago(Function::AgoDays, count), "(none)", "{count}");
        }
    }

    #[test]
    fn numbers_are_rounded_half_away_from_zero() {
        let round = |text: &str, places: i64| {
            let places = Expr::literal(places.into());
            let row = Record::new([("n".to_owned(), number(text))]);
            shown(&of(Function::Round, [col("n"), places]), &row)
        };
        assert_eq!(round("2.345", 2), "2.35");
        assert_eq!(round("-2.5", 0), "-3");
        assert_eq!(round("1250", -2), "1300");
        assert_eq!(round("49", -2), "0");
        assert_eq!(round("1.5", 20), "1.5");
        assert_eq!(round("1.5", 21), "round(...) needs -20 to 20 decimals, and is given 21");
    }

    #[test]
    fn the_least_and_the_greatest_leave_out_what_is_missing() {
        let row = row([("orders", 5.into()), ("grade", "B".into())]);
        let two = Expr::literal(2.into());
        let missing = col("amount");
        assert_eq!(shown(&of(Function::Least, [missing.clone(), col("orders"), two]), &row), "2");
        assert_eq!(shown(&of(Function::Greatest, [missing.clone(), col("orders")]), &row), "5");
        assert_eq!(shown(&of(Function::Greatest, [missing]), &row), "(none)");
        // C < B < A, as the enum has them.
        let grades = [col("grade"), Expr::literal("A".into())];
        assert_eq!(shown(&of(Function::Greatest, grades), &row), "A");
    }
}
