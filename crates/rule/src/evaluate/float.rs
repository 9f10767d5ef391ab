//! Numbers of `real` and `double precision`, and how PostgreSQL turns the kinds of numbers into one another.

use std::ops::{Add, Div, Mul, Sub};

use rust_decimal::Decimal;

use crate::evaluate::error::EvaluationError;
use crate::evaluate::exact::Exact;
use crate::{Arithmetic, parse_decimal};

/// The digits that PostgreSQL keeps when it makes an exact number of a `real`.
const REAL_DIGITS: usize = 6;
/// The same for a `double precision`.
const DOUBLE_DIGITS: usize = 15;

/// The nearest `real`.
pub(crate) fn real(number: Decimal) -> f32 {
    number.to_string().parse().unwrap_or(0.0)
}

/// The nearest `double precision`.
pub(crate) fn double(number: Decimal) -> f64 {
    number.to_string().parse().unwrap_or(0.0)
}

/// The `real` nearest to a `double precision`.
pub(crate) fn narrowed(number: f64) -> Result<f32, EvaluationError> {
    #[expect(clippy::cast_possible_truncation)]
    let narrow = number as f32;
    if narrow.is_infinite() || narrow == 0.0 && number != 0.0 {
        return Err(EvaluationError::out_of_range(number, "real"));
    }
    Ok(narrow)
}

/// As `real` is assigned to numeric.
pub(crate) fn exact_from_real(number: f32) -> Result<Exact, EvaluationError> {
    exact(&format!("{number:.*e}", REAL_DIGITS - 1))
}

/// As `double precision` is assigned to numeric.
pub(crate) fn exact_from_double(number: f64) -> Result<Exact, EvaluationError> {
    exact(&format!("{number:.*e}", DOUBLE_DIGITS - 1))
}

fn exact(text: &str) -> Result<Exact, EvaluationError> {
    let number = parse_decimal(text).ok_or(EvaluationError::TooManyDigits)?;
    Ok(Exact::from(number.normalize()))
}

/// As it is assigned to a type of whole numbers: half to even.
pub(crate) fn whole(number: f64) -> Option<Decimal> {
    // With all digits: the shortest text of a large number is another whole number.
    parse_decimal(&format!("{:.0}", number.round_ties_even()))
}

/// The shortest text that is this number, as PostgreSQL shows it, as an exact number.
pub(crate) fn shown(text: &str) -> Result<Decimal, EvaluationError> {
    parse_decimal(text).ok_or(EvaluationError::TooManyDigits)
}

/// `left operator right` of two `real` or two `double precision`, which `type_name` says.
pub(crate) fn calculate<T>(
    operator: Arithmetic,
    left: T,
    right: T,
    type_name: &str,
) -> Result<T, EvaluationError>
where
    T: Copy + Into<f64> + Add<Output = T> + Sub<Output = T> + Mul<Output = T> + Div<Output = T>,
{
    let is_zero = |number: T| number.into() == 0.0;
    let result = match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide if is_zero(right) => return Err(EvaluationError::DivisionByZero),
        Arithmetic::Divide => left / right,
    };
    let lost = is_zero(result) && vanishes(operator, is_zero(left), is_zero(right));
    if result.into().is_infinite() || lost {
        return Err(EvaluationError::out_of_range(result.into(), type_name));
    }
    Ok(result)
}

/// Whether a result of 0 is too small a number, which PostgreSQL refuses.
fn vanishes(operator: Arithmetic, left_is_zero: bool, right_is_zero: bool) -> bool {
    match operator {
        Arithmetic::Add | Arithmetic::Subtract => false,
        Arithmetic::Multiply => !left_is_zero && !right_is_zero,
        Arithmetic::Divide => !left_is_zero,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_numbers_become_one_another_as_in_postgresql() {
        let text = |exact: Result<Exact, _>| exact.map(|exact| exact.number.to_string());
        assert_eq!(text(exact_from_real(12345.67)).as_deref(), Ok("12345.7"));
        assert_eq!(text(exact_from_double(0.1 + 0.2)).as_deref(), Ok("0.3"));
        assert_eq!([0.5, 1.5, -2.5].map(whole), [0, 2, -2].map(|n| Some(Decimal::from(n))));
        assert_eq!(whole(2_f64.powi(55)), Some(Decimal::from(36_028_797_018_963_968_i64)));
        assert_eq!(narrowed(0.1), Ok(0.1_f32));
        assert!(narrowed(1e39).is_err());
    }
}
