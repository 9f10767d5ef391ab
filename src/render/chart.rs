//! Bars beside counts.

use crate::render::numbers;
use crate::render::style::{Style, Tone};
use crate::render::text::{columns, cut, padded, plain};

/// The eighths of a block, for bars finer than a character.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A line for each label and its rows, with count, share of `total`, and a bar.
pub(crate) fn bars(rows: &[(String, u64)], total: u64, indent: usize, style: Style) -> Vec<String> {
    let most = rows.iter().map(|(_, rows)| *rows).max().unwrap_or(0);
    let label_room = (style.width / 2).saturating_sub(indent);
    let labels: Vec<String> =
        rows.iter().map(|(label, _)| cut(&plain(label), label_room)).collect();
    let label_width = labels.iter().map(|label| columns(label)).max().unwrap_or(0);
    let count_width = numbers::format_number(most).len();
    let shares: Vec<String> =
        rows.iter().map(|(_, rows)| format!("({})", numbers::share(*rows, total))).collect();
    let share_width = shares.iter().map(String::len).max().unwrap_or(0);
    let fixed = indent + label_width + 2 + count_width + 1 + share_width + 2;
    let bar_width = style.width.saturating_sub(fixed + 1).min(40);
    let line = |((label, share), (_, rows)): ((&String, &String), &(String, u64))| {
        let count = numbers::format_number(*rows);
        let bar = style.paint(Tone::Bar, &bar(*rows, most, bar_width));
        let label = padded(label, label_width);
        format!("{:indent$}{label}  {count:>count_width$} {share:>share_width$}  {bar}", "")
            .trim_end()
            .to_owned()
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
