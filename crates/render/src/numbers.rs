//! Numbers as people read them.

use std::time::Duration;

pub(crate) use leora_rule::{format_count, format_number};

/// A share to a tenth of a percent: 65.1%.
pub(crate) fn format_share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0.0%".to_owned();
    }
    // In whole numbers, so that 0.05 is never a matter of binary fractions.
    let tenths = (u128::from(part) * 2_000 + u128::from(whole)) / (2 * u128::from(whole));
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// A time: 12 ms, 3.4 s, 2 min 05 s.
pub(crate) fn format_time(time: Duration) -> String {
    let ms = time.as_millis();
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {:02} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// A size in bytes: 512 B, 91 kB, 17.0 MB.
pub(crate) fn format_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_half_up_to_a_tenth() {
        assert_eq!(format_share(3_512, 5_394), "65.1%");
        assert_eq!(format_share(1, 3), "33.3%");
        assert_eq!(format_share(1, 2_000), "0.1%");
        assert_eq!(format_share(1, 2_001), "0.0%");
        assert_eq!(format_share(u64::MAX, u64::MAX), "100.0%");
        assert_eq!(format_share(0, 0), "0.0%");
    }

    #[test]
    fn a_time_has_the_unit_that_its_length_asks_for() {
        let times = [0, 999, 1_000, 3_499, 59_999, 60_000, 125_000].map(Duration::from_millis);
        assert_eq!(
            times.map(format_time),
            ["0 ms", "999 ms", "1.0 s", "3.4 s", "59.9 s", "1 min 00 s", "2 min 05 s"]
        );
    }

    #[test]
    fn a_size_has_the_unit_that_it_asks_for() {
        assert_eq!(
            [0, 999, 91_500, 17_049_999].map(format_size),
            ["0 B", "999 B", "91 kB", "17.0 MB"]
        );
    }
}
