//! Calendar periods: `180d`, `6mo`, `1y`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan};

use crate::midnight;

/// A length of time by the calendar, in whole months and days; never negative. It remembers the setting that it is the
/// value of, which does not count when periods are compared.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    months: i32,
    days: i32,
    setting: Option<&'static str>,
}

impl PartialEq for Period {
    fn eq(&self, other: &Self) -> bool {
        (self.months, self.days) == (other.months, other.days)
    }
}

impl Eq for Period {}

/// A text, or numbers, that are no period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text} is no period")]
pub struct InvalidPeriod {
    /// What was given.
    pub text: String,
}

/// The longest period, in months; dates before the year -9999 can't be written.
const MAX_MONTHS: i64 = 12 * 9_000;
/// The longest period, in days: the same time.
const MAX_DAYS: i64 = 366 * 9_000;

impl Period {
    pub(crate) const ZERO: Self = Self { months: 0, days: 0, setting: None };

    /// A period of whole months and days.
    ///
    /// # Errors
    /// [`InvalidPeriod`] when one of them is negative or longer than 9,000 years.
    pub fn new(months: i64, days: i64) -> Result<Self, InvalidPeriod> {
        let fits = (0..=MAX_MONTHS).contains(&months) && (0..=MAX_DAYS).contains(&days);
        match (i32::try_from(months), i32::try_from(days)) {
            (Ok(months), Ok(days)) if fits => Ok(Self { months, days, setting: None }),
            _ => Err(InvalidPeriod { text: format!("{months} months {days} days") }),
        }
    }

    /// The period as the value of a setting.
    pub fn for_setting(self, name: &str) -> Self {
        Self { setting: Some(interned(name)), ..self }
    }

    /// The name of the setting that it is the value of, if any.
    pub fn setting(self) -> Option<&'static str> {
        self.setting
    }

    /// Its whole months, and the days beside them.
    pub fn parts(self) -> (i32, i32) {
        (self.months, self.days)
    }

    /// The moment this long before midnight (UTC) of `as_of`: months first, clipped to the length
    /// of the month (31 March less a month is 28 February), then days, as PostgreSQL's
    /// `timestamp - interval` does.
    pub fn before(self, as_of: Date) -> DateTime {
        let earlier = as_of.saturating_sub(i64::from(self.months).months());
        midnight(earlier.saturating_sub(i64::from(self.days).days()))
    }
}

/// A setting's name that lives as long as the program, so that a period can be copied: scripts have few such names, and
/// each is allocated once.
fn interned(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let leaked: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(leaked);
    leaked
}

impl FromStr for Period {
    type Err = InvalidPeriod;

    /// Reads the friendly forms: `180d`, `6mo`, `1y 6mo`, `6 months`.
    fn from_str(text: &str) -> Result<Self, InvalidPeriod> {
        let bad = || InvalidPeriod { text: text.to_owned() };
        let span: Span = text.trim().parse().map_err(|_| bad())?;
        let clock = span.years(0).months(0).weeks(0).days(0);
        if !clock.is_zero() {
            return Err(bad());
        }
        let months = i64::from(span.get_years()) * 12 + i64::from(span.get_months());
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        Self::new(months, days).map_err(|_| bad())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (years, months) = (self.months / 12, self.months % 12);
        let parts = [(years, "y"), (months, "mo"), (self.days, "d")];
        let shown: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
        f.write_str(if shown.is_empty() { "0d" } else { "" })?;
        f.write_str(&shown.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(i32, i32), InvalidPeriod> {
        text.parse::<Period>().map(Period::parts)
    }

    #[test]
    fn periods_are_whole_months_and_days() {
        let cases = [
            ("180d", (0, 180)),
            ("6mo", (6, 0)),
            ("6 months", (6, 0)),
            ("1y", (12, 0)),
            ("1y 6mo 3d", (18, 3)),
            ("2 weeks", (0, 14)),
            ("0d", (0, 0)),
            (" 90 days ", (0, 90)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        for text in ["", "6", "six months", "12h", "1d 2h", "-3mo", "10000y"] {
            assert_eq!(parse(text), Err(InvalidPeriod { text: text.into() }), "{text}");
        }
    }

    #[test]
    fn a_period_is_shown_in_the_largest_units() {
        for (text, shown) in [("18mo", "1y 6mo"), ("2 weeks", "14d"), ("0mo", "0d"), ("12mo", "1y")]
        {
            assert_eq!(text.parse::<Period>().expect(text).to_string(), shown);
        }
    }

    #[test]
    fn months_are_clipped_before_days_are_counted() {
        let cases = [
            ("1mo", "2025-03-31", "2025-02-28T00:00:00"),
            ("1mo", "2024-03-31", "2024-02-29T00:00:00"),
            ("1mo 1d", "2025-03-31", "2025-02-27T00:00:00"),
            ("1y", "2024-02-29", "2023-02-28T00:00:00"),
            ("0d", "2025-10-25", "2025-10-25T00:00:00"),
        ];
        for (text, as_of, expected) in cases {
            let period: Period = text.parse().expect(text);
            let moment = period.before(as_of.parse().expect(as_of));
            assert_eq!(moment.to_string(), expected, "{text} before {as_of}");
        }
    }

    #[test]
    fn the_setting_of_a_period_does_not_count_when_periods_are_compared() {
        let plain: Period = "6mo".parse().expect("a period");
        assert_eq!(plain.for_setting("recent"), plain);
        assert_eq!(plain.for_setting("recent").setting(), Some("recent"));
    }
}
