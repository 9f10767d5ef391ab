//! Divides exact numbers with as many decimals as PostgreSQL does.

use rust_decimal::{Decimal, RoundingStrategy};

/// The least significant digits of a quotient.
const SIGNIFICANT: i32 = 16;
/// How many decimal digits PostgreSQL keeps in one of its own.
const GROUP: i32 = 4;

/// `a / b`, rounded as PostgreSQL's numeric rounds it; `None` when it has too many digits, or `b` is 0.
pub(crate) fn divide(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((weight_a, first_a), (weight_b, first_b)) = (leading(a), leading(b));
    let weight = weight_a - weight_b - i32::from(first_a <= first_b);
    let scale = (SIGNIFICANT - weight * GROUP).max(0).unsigned_abs();
    let scale = scale.max(a.scale()).max(b.scale()).min(Decimal::MAX_SCALE);
    let exact = a.checked_div(b)?;
    Some(exact.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero))
}

/// The weight of the first group of digits that is not 0, and the group itself.
fn leading(number: Decimal) -> (i32, u32) {
    let mut rest = number.abs();
    if rest.is_zero() {
        return (0, 0);
    }
    let (base, mut weight) = (Decimal::from(10_000), 0);
    while rest >= base {
        rest /= base;
        weight += 1;
    }
    while rest < Decimal::ONE {
        rest *= base;
        weight -= 1;
    }
    (weight, u32::try_from(rest.trunc().mantissa()).unwrap_or(0))
}
