//! Dates and times, in UTC, and the texts that are read as them.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

/// Midnight (UTC) at the start of a day.
pub fn midnight(day: Date) -> DateTime {
    day.at(0, 0, 0, 0)
}

/// A date (its midnight) or timestamp as the server and scripts write it, in UTC. `None` for one that is infinite, or before
/// the year 1.
pub fn parse_moment(text: &str) -> Option<DateTime> {
    WrittenMoment::parse(text).map(|written| written.at)
}

/// A date, or a date and time, as a text writes it. Only texts that PostgreSQL reads alike are read: it takes no
/// `2025-10-25T10`, and no comma before the fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrittenMoment {
    /// In UTC, where the text has an offset.
    pub(crate) at: DateTime,
    pub(crate) has_time: bool,
    pub(crate) has_offset: bool,
}

impl WrittenMoment {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.trim_ascii().split_at_checked("2025-10-25".len())?;
        let day = midnight(parse_date(date)?);
        if rest.is_empty() {
            return Some(Self { at: day, has_time: false, has_offset: false });
        }
        let rest = rest.strip_prefix(['T', ' '])?;
        let end = rest.find(['Z', 'z', '+', '-']);
        let (clock, offset) = rest.split_at(end.unwrap_or(rest.len()));
        let local = day.checked_add(parse_clock(clock)?).ok()?;
        let at = local.checked_sub(parse_offset(offset)?).ok()?;
        Some(Self { at, has_time: true, has_offset: end.is_some() })
    }
}

fn parse_digits<const N: usize>(text: &str) -> Option<i64> {
    let whole = text.len() == N && text.bytes().all(|byte| byte.is_ascii_digit());
    whole.then(|| text.parse().ok())?
}

fn parse_date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let (year, month) = (parse_digits::<4>(year)?, parse_digits::<2>(month)?);
    let day = parse_digits::<2>(day)?;
    // PostgreSQL has no year 0.
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    date.ok().filter(|_| year > 0)
}

/// The time since midnight: a second 60 and the time 24:00:00 are those after it, as for PostgreSQL.
fn parse_clock(text: &str) -> Option<SignedDuration> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (hour, minute, "00"),
        [hour, minute, second] => (hour, minute, *second),
        _ => return None,
    };
    let (second, micros) = match second.split_once('.') {
        Some((second, fraction)) => (second, parse_fraction(fraction)?),
        None => (second, 0),
    };
    let (hour, minute) = (parse_digits::<2>(hour)?, parse_digits::<2>(minute)?);
    let seconds = hour * 3_600 + minute * 60 + parse_digits::<2>(second)?;
    let is_clock = hour < 24 || (seconds == 86_400 && micros == 0);
    let is_clock = is_clock && minute < 60 && parse_digits::<2>(second)? <= 60;
    is_clock.then(|| SignedDuration::from_secs(seconds) + SignedDuration::from_micros(micros))
}

/// In microseconds, rounded as PostgreSQL rounds it.
fn parse_fraction(digits: &str) -> Option<i64> {
    let known = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let fraction: f64 = format!("0.{digits}").parse().ok().filter(|_| known)?;
    Some((fraction * 1e6).round_ties_even() as i64)
}

fn parse_offset(text: &str) -> Option<SignedDuration> {
    let sign = match text.as_bytes().first() {
        None | Some(b'Z' | b'z') if text.len() < 2 => return Some(SignedDuration::ZERO),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    let digits = &text[1..];
    let parts: Vec<&str> = match digits.len() {
        4 => digits.split_at_checked(2).into_iter().flat_map(<[&str; 2]>::from).collect(),
        _ => digits.split(':').collect(),
    };
    let numbers: Option<Vec<i64>> = parts.into_iter().map(parse_digits::<2>).collect();
    let (hours, minutes, seconds) = match numbers?.as_slice() {
        [hours] => (*hours, 0, 0),
        [hours, minutes] => (*hours, *minutes, 0),
        [hours, minutes, seconds] => (*hours, *minutes, *seconds),
        _ => return None,
    };
    let known = hours <= 15 && minutes < 60 && seconds < 60;
    known.then(|| SignedDuration::from_secs(sign * (hours * 3_600 + minutes * 60 + seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_postgresql_reads_it() {
        let cases = [
            ("2025-10-25", Some("2025-10-25T00:00:00")),
            (" 2025-10-25 ", Some("2025-10-25T00:00:00")),
            ("2025-10-25T08:30", Some("2025-10-25T08:30:00")),
            ("2025-10-25 08:30:00", Some("2025-10-25T08:30:00")),
            ("2025-10-25 08:30:00.25", Some("2025-10-25T08:30:00.25")),
            ("2025-10-25 08:30:00.1234565", Some("2025-10-25T08:30:00.123456")),
            ("2025-10-25 08:30:00+00", Some("2025-10-25T08:30:00")),
            ("2025-10-25T08:30:00Z", Some("2025-10-25T08:30:00")),
            ("2025-01-01T00:30:00-05:00", Some("2025-01-01T05:30:00")),
            ("2025-01-01T00:30:00+0530", Some("2024-12-31T19:00:00")),
            ("2025-01-01T00:30:00+05:30:15", Some("2024-12-31T18:59:45")),
            ("2025-10-25T23:59:60", Some("2025-10-26T00:00:00")),
            ("2025-10-25T24:00:00", Some("2025-10-26T00:00:00")),
            ("2025-10-25T24:00:01", None),
            ("2025-10-25T10", None),
            ("2025-10-25T10:00:00,5", None),
            ("2025-10-25T10:00:00.", None),
            ("2025-10-25T10:60", None),
            ("2025-10-25T10:00:00+16", None),
            ("2025-10-25T10:00:00Zulu", None),
            ("2025-10-25T10:00[Europe/Berlin]", None),
            ("0000-10-25", None),
            ("2025-02-29", None),
            ("infinity", None),
            ("0044-03-15 00:00:00+00 BC", None),
            ("soon", None),
            ("2025-10-2\u{e4}", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|moment| moment.parse().expect(moment));
            assert_eq!(parse_moment(text), expected, "{text}");
        }
    }

    #[test]
    fn a_time_and_an_offset_are_known() {
        let known = |text: &str| {
            let written = WrittenMoment::parse(text).expect(text);
            (written.has_time, written.has_offset)
        };
        assert_eq!(known("2025-10-25"), (false, false));
        assert_eq!(known("2025-10-25 00:00"), (true, false));
        assert_eq!(known("2025-10-25 00:00Z"), (true, true));
    }
}
