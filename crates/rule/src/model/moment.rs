//! Dates and times, in UTC.

use jiff::civil::{Date, DateTime};

/// Midnight (UTC) at the start of a day.
pub fn midnight(day: Date) -> DateTime {
    day.at(0, 0, 0, 0)
}

/// A date (its midnight) or timestamp as the server and scripts write it; an offset is dropped, since the server is asked
/// for UTC. `None` for one that is infinite, or before the year 1.
pub fn parse_moment(text: &str) -> Option<DateTime> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<Date>().ok().map(midnight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_the_server_writes_it() {
        let cases = [
            ("2025-10-25", Some("2025-10-25T00:00:00")),
            ("2025-10-25 08:30:00", Some("2025-10-25T08:30:00")),
            ("2025-10-25 08:30:00.25", Some("2025-10-25T08:30:00.25")),
            ("2025-10-25 08:30:00+00", Some("2025-10-25T08:30:00")),
            ("infinity", None),
            ("0044-03-15 00:00:00+00 BC", None),
            ("soon", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|moment| moment.parse().expect(moment));
            assert_eq!(parse_moment(text), expected, "{text}");
        }
    }
}
