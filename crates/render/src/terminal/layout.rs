//! Lines of text: measured, padded, cut, wrapped and indented.

use unicode_width::UnicodeWidthStr;

use crate::numbers::format_count;
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;

/// How far the details of a result are indented.
pub(crate) const DETAIL: usize = 6;

pub(crate) fn display_width(text: &str) -> usize {
    text.width()
}

pub(crate) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(text))))
}

/// A mark stands where it was cut.
pub(crate) fn truncate(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if display_width(&kept) + display_width(c.encode_utf8(&mut [0; 4])) + 1 > width {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

/// The text in lines of at most this many columns, broken between words; a longer word stands alone.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if display_width(line) + 1 + display_width(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A text wrapped beside its head, which takes `indent` columns; the lines below are indented as far.
pub(crate) fn hang(head: &str, indent: usize, text: &str, tone: Tone, style: Style) -> Vec<String> {
    let lines = wrap(&sanitize(text), style.width.saturating_sub(indent));
    let heads = std::iter::once(head.to_owned()).chain(std::iter::repeat(" ".repeat(indent)));
    heads.zip(lines).map(|(head, line)| format!("{head}{}", style.paint(tone, &line))).collect()
}

pub(crate) fn indent(indent: usize, text: &str, tone: Tone, style: Style) -> Vec<String> {
    hang(&" ".repeat(indent), indent, text, tone, style)
}

pub(crate) fn marked(mark: &str, mark_tone: Tone, text: &str, style: Style) -> Vec<String> {
    hang(&format!("  {} ", style.paint(mark_tone, mark)), 4, text, Tone::Plain, style)
}

pub(crate) fn success(text: &str, style: Style) -> Vec<String> {
    marked("✓", Tone::Good, text, style)
}

pub(crate) fn detail(text: &str, style: Style) -> Vec<String> {
    indent(DETAIL, text, Tone::Dim, style)
}

/// At most as many items as are worth reading, and how many more there are.
pub(crate) fn limit(items: Vec<Vec<String>>, most: usize, noun: &str, style: Style) -> Vec<String> {
    let more = items.len().saturating_sub(most);
    let mut lines: Vec<String> = items.into_iter().take(most).flatten().collect();
    if more > 0 {
        lines.extend(detail(&format!("and {} more", format_count(more as u64, noun)), style));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Style = Style { color: false, width: 20 };

    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a-word-that-is-too-long b", 5), ["a-word-that-is-too-long", "b"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn wide_characters_count_as_two_columns() {
        assert_eq!(display_width("日本"), 4);
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(wrap("日本 日本", 8), ["日本", "日本"]);
        assert_eq!(truncate("日本語", 5), "日本…");
        assert_eq!(truncate("abc", 3), "abc");
    }

    #[test]
    fn a_text_hangs_beside_its_head() {
        let lines = hang("warn  disk  ", 12, "4 GB are free", Tone::Dim, NARROW);
        assert_eq!(lines, ["warn  disk  4 GB are", "            free"]);
    }

    #[test]
    fn colour_does_not_change_where_lines_break() {
        let coloured = Style { color: true, ..NARROW };
        let plain = success("a result of several words", NARROW);
        let lines = success("a result of several words", coloured);
        assert_eq!(lines.len(), plain.len());
        assert!(lines[0].contains('\u{1b}'), "{lines:?}");
    }

    #[test]
    fn a_long_list_says_how_much_more_there_is() {
        let items = |count: usize| (0..count).map(|at| vec![at.to_string()]).collect::<Vec<_>>();
        assert_eq!(limit(items(3), 3, "value", NARROW), ["0", "1", "2"]);
        assert_eq!(
            limit(items(1_236), 2, "value", NARROW),
            ["0", "1", "      and 1,234", "      values more"]
        );
    }
}
