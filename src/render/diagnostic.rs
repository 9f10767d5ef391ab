//! A mistake, shown on its own line of the script with a caret.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use leora_report::{Failure, Finding, Place};

use crate::render::style::{Style, Tone};
use crate::render::text::{harmless, plain, wrapped};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
}

/// The lines that tell a failure; `source` is the text of the file that it points into.
pub(crate) fn lines(failure: &Failure, source: Option<&str>, style: Style) -> Vec<String> {
    let place = failure.place.as_ref();
    let mut lines = picture(Severity::Error, &failure.message, place, source, style);
    for detail in &failure.details {
        lines.extend(
            wrapped(&plain(detail), style.width - 4).iter().map(|line| format!("    {line}")),
        );
    }
    if let Some(code) = &failure.sqlstate {
        lines.push(style.paint(Tone::Dim, &format!("    SQLSTATE {code}")));
    }
    lines.extend(help(failure.help.as_deref(), style));
    lines
}

/// The lines that tell a finding.
pub(crate) fn finding(
    finding: &Finding,
    severity: Severity,
    source: Option<&str>,
    style: Style,
) -> Vec<String> {
    let place = finding.place.as_ref();
    let mut lines = picture(severity, &finding.message, place, source, style);
    lines.extend(help(finding.help.as_deref(), style));
    lines
}

fn help(help: Option<&str>, style: Style) -> Vec<String> {
    // A line of it may be a statement to copy: it stays a line.
    let told = help.into_iter().flat_map(str::lines);
    let mut told = told.flat_map(|line| wrapped(&plain(line), style.width - 6));
    let first = told.next().map(|first| format!("{} {first}", style.paint(Tone::Good, "help:")));
    first.into_iter().chain(told.map(|line| format!("      {line}"))).collect()
}

fn headline(severity: Severity, message: &str, style: Style) -> Vec<String> {
    let (word, tone) = match severity {
        Severity::Error => ("error:", Tone::Bad),
        Severity::Warning => ("warning:", Tone::Warning),
    };
    let indent = word.len() + 1;
    let mut told = wrapped(&plain(message), style.width - indent).into_iter();
    let first = told.next().unwrap_or_default();
    let mut lines = vec![format!("{} {first}", style.paint(tone, word))];
    lines.extend(told.map(|line| format!("{:indent$}{line}", "")));
    lines
}

fn picture(
    severity: Severity,
    message: &str,
    place: Option<&Place>,
    source: Option<&str>,
    style: Style,
) -> Vec<String> {
    let (place, source) = match (place, source) {
        (Some(place), Some(source)) => (place, harmless(source)),
        (Some(place), None) => {
            let at = format!("{}:{}:{}", place.file, place.line, place.column);
            return headline(severity, &format!("{message} ({at})"), style);
        }
        (None, _) => return headline(severity, message, style),
    };
    let annotation = AnnotationKind::Primary.span(span(&source, place));
    let snippet = Snippet::source(&source).path(plain(&place.file)).annotation(annotation);
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let group = level.primary_title("").element(snippet);
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let picture = renderer.term_width(style.width).render(&[group]);
    // The headline is ours: the renderer does not wrap its own.
    let picture = picture.lines().skip(1).map(|line| line.trim_end().to_owned());
    headline(severity, message, style).into_iter().chain(picture).collect()
}

/// The bytes of the word or quoted text at a place.
fn span(source: &str, place: &Place) -> std::ops::Range<usize> {
    let start = place.byte_offset(source);
    let rest = source[start..].lines().next().unwrap_or_default();
    let word = match rest.strip_prefix('"').and_then(|text| text.find('"')) {
        Some(closing) => closing + 2,
        None => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()),
    };
    let first = rest.chars().next().map_or(0, char::len_utf8);
    start..start + word.max(first)
}
