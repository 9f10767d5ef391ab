//! Bars beside counts.

use crate::numbers::{format_number, format_share};
use crate::terminal::layout::{display_width, pad, truncate};
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;

/// The eighths of a block, for bars finer than a character.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

pub(crate) fn render_bars(
    rows: &[(String, u64)],
    total: u64,
    indent: usize,
    style: Style,
) -> Vec<Vec<String>> {
    let most = rows.iter().map(|(_, rows)| *rows).max().unwrap_or(0);
    let label_room = (style.width / 2).saturating_sub(indent);
    let labels: Vec<String> =
        rows.iter().map(|(label, _)| truncate(&sanitize(label), label_room)).collect();
    let label_width = labels.iter().map(|label| display_width(label)).max().unwrap_or(0);
    let count_width = format_number(most).len();
    let shares: Vec<String> =
        rows.iter().map(|(_, rows)| format!("({})", format_share(*rows, total))).collect();
    let share_width = shares.iter().map(String::len).max().unwrap_or(0);
    let fixed = indent + label_width + 2 + count_width + 1 + share_width + 2;
    let bar_width = style.width.saturating_sub(fixed + 1).min(40);
    let line = |((label, share), (_, rows)): ((&String, &String), &(String, u64))| {
        let count = format_number(*rows);
        let bar = style.paint(Tone::Bar, &bar(*rows, most, bar_width));
        let label = pad(label, label_width);
        let line =
            format!("{:indent$}{label}  {count:>count_width$} {share:>share_width$}  {bar}", "");
        vec![line.trim_end().to_owned()]
    };
    labels.iter().zip(&shares).zip(rows).map(line).collect()
}

/// A bar of at most `width` characters, the longest for `most`.
fn bar(rows: u64, most: u64, width: usize) -> String {
    if most == 0 || rows == 0 {
        return String::new();
    }
    let eighths = (u128::from(rows) * width as u128 * 8 / u128::from(most)).max(1) as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8]);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_vanishes() {
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(5, 10, 4), "██");
        assert_eq!(bar(1, 16, 4), "▎");
        assert_eq!(bar(1, u64::MAX, 4), "▏");
        assert_eq!(bar(0, 10, 4), "");
        assert_eq!(bar(0, 0, 4), "");
    }

    #[test]
    fn labels_and_counts_stand_below_each_other() {
        let rows =
            [("ACTIVE".to_owned(), 3_512), ("TARGET".to_owned(), 1_089), ("日本".to_owned(), 0)];
        let lines = render_bars(&rows, 4_601, 2, Style { color: false, width: 40 }).concat();
        assert_eq!(
            lines,
            [
                "  ACTIVE  3,512 (76.3%)  ██████████████",
                "  TARGET  1,089 (23.7%)  ████▎",
                "  日本        0  (0.0%)"
            ]
        );
    }
}
