//! The values that an undo put back.

use leora_report::PutBack;

use crate::numbers::{format_count, format_number};
use crate::terminal::change::render_transitions;
use crate::terminal::layout::{detail, marked, success};
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;
use crate::wording::Tense;

pub(crate) fn render_put_back(put_back: &PutBack, tense: Tense, style: Style) -> Vec<String> {
    let PutBack { table, column, transitions, edited, deleted, left, gone } = put_back;
    if let Some(gone) = gone {
        let text = format!(
            "{gone}, so there is nothing to put back; a rollback folder of its own takes back what a run creates"
        );
        return marked("!", Tone::Warning, &text, style);
    }
    let verb = tense.pick("put back", "would put back");
    let values = format_count(put_back.changed(), "value");
    let mut lines = success(&format!("{table}.{column}: {verb} {values}"), style);
    lines.extend(render_transitions(transitions, style));
    for (rows, what) in [(edited, "edited since"), (deleted, "deleted since")] {
        if *rows > 0 {
            let text = format!("left {} that your team {what}", format_number(*rows));
            lines.extend(detail(&text, style));
        }
    }
    lines.extend(left.iter().map(|(key, why)| format!("        {} ({why})", sanitize(key))));
    lines
}
