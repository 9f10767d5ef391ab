//! Exact numbers, computed as PostgreSQL's numeric computes: a result that has too many digits is none, never a rounded one.

use rust_decimal::Decimal;

/// The least significant digits of a quotient.
const SIGNIFICANT: i32 = 16;
/// How many decimal digits PostgreSQL keeps in one of its own.
const GROUP: i32 = 4;

/// A number, and how many digits PostgreSQL shows behind its point: the scale of a quotient depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exact {
    pub(crate) number: Decimal,
    pub(crate) scale: u32,
}

impl From<Decimal> for Exact {
    fn from(number: Decimal) -> Self {
        Self { number, scale: number.scale() }
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Exact {
    pub(crate) fn add(self, other: Self) -> Option<Self> {
        self.sum(other, i128::checked_add)
    }

    pub(crate) fn subtract(self, other: Self) -> Option<Self> {
        self.sum(other, i128::checked_sub)
    }

    fn sum(self, other: Self, add: fn(i128, i128) -> Option<i128>) -> Option<Self> {
        let (a, b) = (self.number.normalize(), other.number.normalize());
        let scale = a.scale().max(b.scale());
        let aligned = |one: Decimal| one.mantissa().checked_mul(power(scale - one.scale())?);
        let number = decimal(add(aligned(a)?, aligned(b)?)?, scale)?;
        Some(Self { number, scale: self.scale.max(other.scale) })
    }

    pub(crate) fn multiply(self, other: Self) -> Option<Self> {
        let (a, b) = (self.number.normalize(), other.number.normalize());
        let product = a.mantissa().checked_mul(b.mantissa())?;
        let number = decimal(product, a.scale() + b.scale())?;
        Some(Self { number, scale: self.scale + other.scale })
    }

    /// Rounded to so many digits behind the point, or before it where they are negative; half away from zero.
    pub(crate) fn rounded(self, places: i32) -> Option<Self> {
        let number = self.number.normalize();
        let shown = u32::try_from(places).unwrap_or(0);
        let Ok(dropped) = u32::try_from(i32::try_from(number.scale()).ok()? - places) else {
            return Some(Self { number, scale: shown });
        };
        // Beyond all its digits nothing is left.
        let Some(unit) = power(dropped) else {
            return Some(Self { number: 0.into(), scale: shown });
        };
        let size = (number.mantissa().checked_abs()? + unit / 2) / unit;
        let units = if number.is_sign_negative() { -size } else { size };
        let zeros = power(places.min(0).unsigned_abs())?;
        Some(Self { number: decimal(units.checked_mul(zeros)?, shown)?, scale: shown })
    }

    /// The quotient, rounded as PostgreSQL rounds it; the divisor is not 0.
    pub(crate) fn divide(self, other: Self) -> Option<Self> {
        let (a, b) = (self.number.normalize(), other.number.normalize());
        let ((weight_a, first_a), (weight_b, first_b)) = (leading(a), leading(b));
        let weight = weight_a - weight_b - i32::from(first_a <= first_b);
        let scale = (SIGNIFICANT - weight * GROUP).max(0).unsigned_abs();
        let scale = scale.max(self.scale).max(other.scale);
        let quotient = long_division(a, b, scale)?;
        Some(Self { number: decimal(quotient, scale)?, scale })
    }
}

/// The digits of `a / b` with this many behind the point, half away from zero.
fn long_division(a: Decimal, b: Decimal, scale: u32) -> Option<i128> {
    let divisor = b.mantissa().checked_abs()?;
    let mut rest = a.mantissa().checked_abs()?;
    // How many digits are still to come: a negative count is of digits that the quotient does not have.
    let steps = i64::from(scale) + i64::from(b.scale()) - i64::from(a.scale());
    let divisor = match u32::try_from(-steps) {
        Ok(surplus) => divisor.checked_mul(power(surplus)?)?,
        Err(_) => divisor,
    };
    let mut quotient = rest / divisor;
    rest %= divisor;
    for _ in 0..steps.max(0) {
        rest *= 10;
        quotient = quotient.checked_mul(10)?.checked_add(rest / divisor)?;
        rest %= divisor;
    }
    let up = rest >= divisor - rest;
    let size = quotient.checked_add(i128::from(up))?;
    let negative = a.is_sign_negative() != b.is_sign_negative();
    Some(if negative { -size } else { size })
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

fn decimal(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    loop {
        if let Ok(number) = Decimal::try_from_i128_with_scale(mantissa, scale) {
            return Some(number);
        }
        if scale == 0 || mantissa % 10 != 0 {
            return None;
        }
        (mantissa, scale) = (mantissa / 10, scale - 1);
    }
}

/// The weight of the first group of digits that is not 0, and the group itself.
fn leading(number: Decimal) -> (i32, u32) {
    let digits = number.mantissa().unsigned_abs().to_string();
    if digits == "0" {
        return (0, 0);
    }
    let length = i32::try_from(digits.len()).unwrap_or(0);
    let exponent = length - 1 - i32::try_from(number.scale()).unwrap_or(0);
    let weight = exponent.div_euclid(GROUP);
    let width = usize::try_from(exponent - weight * GROUP + 1).unwrap_or(1);
    let group: String = digits.chars().chain(std::iter::repeat('0')).take(width).collect();
    (weight, group.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::from(text.parse::<Decimal>().expect(text))
    }

    fn text(result: Option<Exact>) -> Option<String> {
        result.map(|exact| exact.number.normalize().to_string())
    }

    #[test]
    fn a_quotient_has_the_digits_that_postgresql_gives_it() {
        // As `SELECT a / b` gives them.
        for (a, b, quotient) in [
            ("2", "7", "0.28571428571428571429"),
            ("1", "3", "0.33333333333333333333"),
            ("10000", "3", "3333.3333333333333333"),
            ("-2.5", "0.333", "-7.5075075075075075"),
            ("12345678901234567.25", "7", "1763668414462081.0357"),
            ("0.28571428571428571429", "0.33333333333333333333", "0.85714285714285714288"),
        ] {
            let told = text(exact(a).divide(exact(b)));
            assert_eq!(told.as_deref(), Some(quotient), "{a} / {b}");
        }
    }

    #[test]
    fn a_result_that_has_too_many_digits_is_none() {
        assert_eq!(text(exact("1000000000000000").add(exact("0.00000000000001"))), None);
        assert_eq!(
            text(exact("1e15").subtract(exact("1"))),
            None.or(Some("999999999999999".into()))
        );
        assert_eq!(
            text(exact("12345678901234567.25").multiply(exact("12345678901234567.25"))),
            None
        );
        let halves = exact("0.5").multiply(exact("2.00000000000000000000"));
        assert_eq!(text(halves).as_deref(), Some("1"));
    }
}
