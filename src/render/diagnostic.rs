//! A mistake, shown on its own line of the script with a caret.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::style::{Style, Tone};
use super::text::{plain, wrapped};
use crate::report::Failure;
use crate::script::Place;

/// The lines that tell a failure; `source` is the text of the file that it points into.
pub(super) fn lines(failure: &Failure, source: Option<&str>, style: Style) -> Vec<String> {
    let picture = match (&failure.place, source) {
        (Some(place), Some(source)) => picture(failure, place, source, style),
        (Some(place), None) => {
            let at = format!("{}:{}:{}", place.file, place.line, place.column);
            headline(&format!("{} ({at})", failure.message), style)
        }
        (None, _) => headline(&failure.message, style),
    };
    let mut lines = picture;
    for detail in &failure.details {
        lines.extend(
            wrapped(&plain(detail), style.width - 4).iter().map(|line| format!("    {line}")),
        );
    }
    if let Some(code) = &failure.sqlstate {
        lines.push(style.paint(Tone::Dim, &format!("    SQLSTATE {code}")));
    }
    if let Some(help) = &failure.help {
        // A line of it may be a statement to copy: it stays a line.
        let mut told = help.lines().flat_map(|line| wrapped(&plain(line), style.width - 6));
        let first = told.next().unwrap_or_default();
        lines.push(format!("{} {first}", style.paint(Tone::Good, "help:")));
        lines.extend(told.map(|line| format!("      {line}")));
    }
    lines
}

fn headline(message: &str, style: Style) -> Vec<String> {
    let mut told = wrapped(&plain(message), style.width - 7).into_iter();
    let first = told.next().unwrap_or_default();
    let mut lines = vec![format!("{} {first}", style.paint(Tone::Bad, "error:"))];
    lines.extend(told.map(|line| format!("       {line}")));
    lines
}

fn picture(failure: &Failure, place: &Place, source: &str, style: Style) -> Vec<String> {
    let span = span(source, place);
    let annotation = AnnotationKind::Primary.span(span);
    let snippet = Snippet::source(source).path(plain(&place.file)).annotation(annotation);
    let group = Level::ERROR.primary_title("").element(snippet);
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let picture = renderer.term_width(style.width).render(&[group]);
    // The headline is ours: the renderer does not wrap its own.
    let picture = picture.lines().skip(1).map(|line| line.trim_end().to_owned());
    headline(&failure.message, style).into_iter().chain(picture).collect()
}

/// The bytes of the word or quoted text at a place. Places count lines and characters from 1.
fn span(source: &str, place: &Place) -> std::ops::Range<usize> {
    let line_start: usize =
        source.split_inclusive('\n').take(place.line.saturating_sub(1)).map(str::len).sum();
    let line = source[line_start..].lines().next().unwrap_or_default();
    let at =
        line.char_indices().nth(place.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let rest = &line[at..];
    let word = match rest.strip_prefix('"').and_then(|text| text.find('"')) {
        Some(closing) => closing + 2,
        None => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()),
    };
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let start = line_start + at;
    start..start + word.max(first)
}
