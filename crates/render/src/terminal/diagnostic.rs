//! A mistake, shown on its own line of the script with a caret.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use leora_report::{Failure, Finding, Place};

use crate::terminal::layout::{hang, indent};
use crate::terminal::style::{Style, Tone};
use crate::text::{sanitize, sanitize_lines};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Severity {
    Error,
    Warning,
}

/// `source` is the text of the file that it points into.
pub(crate) fn render_failure(failure: &Failure, source: Option<&str>, style: Style) -> Vec<String> {
    let place = failure.place.as_ref();
    let mut lines = render_snippet(Severity::Error, &failure.message, place, source, style);
    for detail in &failure.details {
        lines.extend(indent(4, detail, Tone::Plain, style));
    }
    if let Some(code) = &failure.sqlstate {
        lines.push(style.paint(Tone::Dim, &format!("    SQLSTATE {code}")));
    }
    lines.extend(render_help(failure.help.as_deref(), style));
    lines
}

/// `source` is the text of the file that it points into.
pub(crate) fn render_finding(finding: &Finding, source: Option<&str>, style: Style) -> Vec<String> {
    let severity = if finding.kind.only_warns() { Severity::Warning } else { Severity::Error };
    let place = finding.place.as_ref();
    let mut lines = render_snippet(severity, &finding.message, place, source, style);
    lines.extend(render_help(finding.help.as_deref(), style));
    lines
}

fn render_help(help: Option<&str>, style: Style) -> Vec<String> {
    let heads = std::iter::once(format!("{} ", style.paint(Tone::Good, "help:")));
    let heads = heads.chain(std::iter::repeat(" ".repeat(6)));
    // A line of it may be a statement to copy: it stays a line.
    let lines = help.into_iter().flat_map(str::lines);
    heads.zip(lines).flat_map(|(head, line)| hang(&head, 6, line, Tone::Plain, style)).collect()
}

fn render_headline(severity: Severity, message: &str, style: Style) -> Vec<String> {
    let (word, tone) = match severity {
        Severity::Error => ("error:", Tone::Bad),
        Severity::Warning => ("warning:", Tone::Warning),
    };
    let head = format!("{} ", style.paint(tone, word));
    hang(&head, word.len() + 1, message, Tone::Plain, style)
}

fn render_snippet(
    severity: Severity,
    message: &str,
    place: Option<&Place>,
    source: Option<&str>,
    style: Style,
) -> Vec<String> {
    let (place, source) = match (place, source) {
        (Some(place), Some(source)) => (place, sanitize_lines(source)),
        (Some(place), None) => {
            let at = format!("{}:{}:{}", place.file, place.line, place.column);
            return render_headline(severity, &format!("{message} ({at})"), style);
        }
        (None, _) => return render_headline(severity, message, style),
    };
    let annotation = AnnotationKind::Primary.span(word_at(&source, place));
    let snippet = Snippet::source(&source).path(sanitize(&place.file)).annotation(annotation);
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let group = level.primary_title("").element(snippet);
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let picture = renderer.term_width(style.width).render(&[group]);
    // The headline is ours: the renderer does not wrap its own.
    let picture = picture.lines().skip(1).map(|line| line.trim_end().to_owned());
    render_headline(severity, message, style).into_iter().chain(picture).collect()
}

/// The bytes of the word or quoted text at a place.
fn word_at(source: &str, place: &Place) -> std::ops::Range<usize> {
    let start = place.byte_offset(source);
    let rest = source[start..].lines().next().unwrap_or_default();
    let word = match rest.strip_prefix('"').and_then(|text| text.find('"')) {
        Some(closing) => closing + 2,
        None => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()),
    };
    let first = rest.chars().next().map_or(0, char::len_utf8);
    start..start + word.max(first)
}

#[cfg(test)]
mod tests {
    use leora_report::FailureKind;

    use super::*;

    const STYLE: Style = Style { color: false, width: 60 };
    const SCRIPT: &str = "//! A step\nupdate(\"Customer\").sett(\"größe\", \"X\");\n";

    fn place(line: usize, column: usize) -> Place {
        Place { file: "scripts/a/01_a.rhai".into(), line, column }
    }

    #[test]
    fn the_caret_is_below_the_word_or_the_quoted_text() {
        assert_eq!(&SCRIPT[word_at(SCRIPT, &place(2, 20))], "sett");
        assert_eq!(&SCRIPT[word_at(SCRIPT, &place(2, 8))], "\"Customer\"");
        assert_eq!(&SCRIPT[word_at(SCRIPT, &place(2, 7))], "(");
        assert_eq!(&SCRIPT[word_at(SCRIPT, &place(9, 9))], "");
    }

    #[test]
    fn a_failure_is_shown_on_its_line_with_what_to_do() {
        let help = Some("did you mean set?".to_owned());
        let failure = Failure {
            place: Some(place(2, 20)),
            ..Failure::new(FailureKind::Script, "there is no method sett", help)
        };
        let lines = render_failure(&failure, Some(SCRIPT), STYLE);
        assert_eq!(
            lines,
            [
                "error: there is no method sett",
                " --> scripts/a/01_a.rhai:2:20",
                "  |",
                "2 | update(\"Customer\").sett(\"größe\", \"X\");",
                "  |                    ^^^^",
                "help: did you mean set?",
            ]
        );
    }

    #[test]
    fn without_the_file_the_place_is_named() {
        let failure = Failure {
            place: Some(place(2, 20)),
            details: vec!["more about it".into()],
            sqlstate: Some("42703".into()),
            ..Failure::new(FailureKind::Database, "no such column", Some("one\ntwo".into()))
        };
        assert_eq!(
            render_failure(&failure, None, STYLE),
            [
                "error: no such column (scripts/a/01_a.rhai:2:20)",
                "    more about it",
                "    SQLSTATE 42703",
                "help: one",
                "      two",
            ]
        );
    }
}
