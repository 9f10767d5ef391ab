//! Whether a column has room for a value: characters of a text, digits of a number.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::model::types::ValueSlot;
use crate::{DataType, Kind, RuleError, Value, format_count};

/// As an assignment does, which cuts blanks only.
pub(super) fn check_length(text: &str, slot: &ValueSlot<'_>) -> Result<(), RuleError> {
    let Some(length) = slot.data_type.max_characters() else { return Ok(()) };
    let characters = text.trim_end_matches(' ').chars().count();
    if characters <= length {
        return Ok(());
    }
    Err(RuleError::WrongValue {
        value: format!("\"{text}\" has {characters}"),
        place: slot.name.clone(),
        wanted: format!("texts of at most {}", format_count(length as u64, "character")),
        help: Some("write a shorter text, or give the column a longer type first".into()),
        text: Some(text.to_owned()),
    })
}

/// As an assignment does: a number is rounded to the decimals that the column has, and must then have room before them.
pub(super) fn check_precision(
    number: Decimal,
    value: &Value,
    slot: &ValueSlot<'_>,
) -> Result<(), RuleError> {
    let Some((precision, scale)) = slot.data_type.precision() else { return Ok(()) };
    let Some(whole) = precision.checked_sub(scale) else { return Ok(()) };
    let rounded = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    // A number of a script has at most 28 digits.
    let limit = 10_i128
        .checked_pow(whole)
        .and_then(|limit| Decimal::try_from_i128_with_scale(limit, 0).ok());
    if limit.is_none_or(|limit| rounded.abs() < limit) {
        return Ok(());
    }
    Err(RuleError::WrongValue {
        value: format!("{value} has more"),
        place: slot.name.clone(),
        wanted: format!(
            "numbers with at most {} before the point",
            format_count(whole.into(), "digit")
        ),
        help: Some("write a smaller number, or give the column a wider type first".into()),
        text: None,
    })
}

impl DataType {
    /// The precision and the scale of a number, where the type has them: 9 and 2 of `numeric(9,2)`. Not where the scale is
    /// negative.
    fn precision(&self) -> Option<(u32, u32)> {
        let is_plain = self.kind == Kind::Decimal && !self.base.display.contains('-');
        let modifiers = self.base.modifiers();
        let precision = modifiers.first().filter(|_| is_plain)?;
        Some((*precision, modifiers.get(1).copied().unwrap_or(0)))
    }
}
