//! How texts are compared: by their collation where it is known, and as dates where they read as dates and no type is known.

use std::cmp::Ordering;

use crate::evaluate::column_type::{Blanks, Collation};
use crate::evaluate::datum::{Text, Typing};
use crate::evaluate::error::EvaluationError;
use crate::evaluate::moment::Moment;

/// The order of two texts; of those that differ only that they differ, where `equality` is all that is asked.
pub(crate) fn compare_texts(
    left: &Text,
    right: &Text,
    equality: bool,
) -> Result<Ordering, EvaluationError> {
    let by_codes = left.text.cmp(&right.text);
    let depends = |collation: String| EvaluationError::Collation {
        left: left.text.clone(),
        relation: relation(equality),
        right: right.text.clone(),
        collation,
    };
    if is_padded(left) != is_padded(right) {
        // Beside `char(n)`, blanks at the end count for text and not for varchar.
        let trimmed = [left, right].map(|side| side.text.trim_end_matches(' '));
        if trimmed[0].cmp(trimmed[1]) != by_codes {
            return Err(depends("whether blanks at the end count".into()));
        }
    }
    match Collation::beside(collation(left), collation(right)) {
        Some(Collation::Several) => Err(depends("the collations of several columns".into())),
        Some(Collation::Codes) => Ok(by_codes),
        _ if by_codes.is_eq() => Ok(by_codes),
        None => untyped(left, right, equality),
        Some(Collation::Default) if equality => Ok(by_codes),
        Some(Collation::Default) => Err(depends("the database's collation".into())),
        Some(Collation::Other(name)) => Err(depends(format!("the collation {name}"))),
    }
}

fn is_padded(text: &Text) -> bool {
    matches!(text.typing, Typing::Known { blanks: Blanks::Padding, .. })
}

fn collation(text: &Text) -> Option<Collation> {
    match &text.typing {
        Typing::Unknown => None,
        Typing::Known { collation, .. } => Some(collation.clone()),
    }
}

/// Texts of no known type: what they are as texts, dates, and dates with times must come to the same.
fn untyped(left: &Text, right: &Text, equality: bool) -> Result<Ordering, EvaluationError> {
    let depends = || EvaluationError::Untyped {
        left: left.text.clone(),
        relation: relation(equality),
        right: right.text.clone(),
    };
    match (Moment::parse(&left.text), Moment::parse(&right.text)) {
        (Some(left), Some(right)) => {
            let (by_time, by_day) = (left.cmp(&right), left.day().cmp(&right.day()));
            let certain = by_time == by_day && by_time.is_ne();
            if certain { Ok(by_time) } else { Err(depends()) }
        }
        _ if equality => Ok(left.text.cmp(&right.text)),
        _ => Err(depends()),
    }
}

fn relation(equality: bool) -> &'static str {
    if equality { "equals" } else { "comes before" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(left: &str, right: &str, typing: &Typing, equality: bool) -> Option<Ordering> {
        let [left, right] =
            [left, right].map(|text| Text { text: text.into(), typing: typing.clone() });
        compare_texts(&left, &right, equality).ok()
    }

    #[test]
    fn what_depends_on_a_collation_can_not_be_tried() {
        let known = |collation| Typing::Known { blanks: Blanks::Kept, collation };
        let other = || known(Collation::Other("ci".into()));
        let (less, greater) = (Some(Ordering::Less), Some(Ordering::Greater));
        assert_eq!(compared("a", "B", &known(Collation::Codes), false), greater);
        assert_eq!(compared("a", "B", &known(Collation::Default), false), None);
        assert_eq!(compared("B", "a", &known(Collation::Default), true), less);
        assert_eq!(compared("a", "A", &other(), true), None);
        assert_eq!(compared("a", "a", &other(), false), Some(Ordering::Equal));
    }

    #[test]
    fn texts_of_no_known_type_are_compared_where_every_type_comes_to_the_same() {
        let unknown = Typing::Unknown;
        assert_eq!(compared("a", "B", &unknown, false), None);
        assert!(compared("a", "B", &unknown, true).is_some());
        assert_eq!(
            compared("2025-01-01", "2025-01-02T10:00:00", &unknown, false),
            Some(Ordering::Less)
        );
        assert_eq!(compared("2025-01-01", "2025-01-01T10:00:00", &unknown, false), None);
        assert_eq!(compared("2025-01-01", "2025-01-01 00:00:00", &unknown, true), None);
    }
}
