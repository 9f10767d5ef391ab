//! Numbers as people read them.

use std::time::Duration;

pub(crate) use leora_rule::{format_count, format_number};

/// A share to a tenth of a percent: 65.1%.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0.0%".to_owned();
    }
    // In whole numbers, so that 0.05 is never a matter of binary fractions.
    let tenths = (u128::from(part) * 2_000 + u128::from(whole)) / (2 * u128::from(whole));
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// A time: 12 ms, 3.4 s, 2 min 05 s.
pub(crate) fn time(time: Duration) -> String {
    let ms = time.as_millis();
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {:02} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}
