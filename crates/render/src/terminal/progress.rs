//! What is being waited for, on standard error, only on a terminal.

use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use leora_report::Progress;

use crate::numbers::format_number;
use crate::text::sanitize;

/// How often the line is drawn.
const TICK: Duration = Duration::from_millis(120);

/// The steps of a bar.
const STEPS: u64 = 1_000;

#[derive(Debug, Default)]
pub(crate) struct ProgressLine {
    bar: Option<ProgressBar>,
}

impl ProgressLine {
    pub(crate) fn begin(&mut self, what: &str) {
        let what = sanitize(what);
        // A script may read the same again and again: its time counts on.
        if self.bar.as_ref().is_some_and(|bar| bar.length().is_none() && bar.message() == what) {
            return;
        }
        self.end();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("    {spinner} {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(what);
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        self.bar = Some(bar);
    }

    /// Shows how far it is: the line becomes a bar, with the time that is left, and the rate where each row that is passed
    /// is written, or what it waits for.
    pub(crate) fn update(&mut self, progress: Progress) {
        let Progress { share, rows, waits_for } = progress;
        let Some(bar) = &self.bar else { return };
        if bar.length().is_none() {
            let style = ProgressStyle::with_template(
                "    {spinner} {msg}  {wide_bar} {percent:>3}%  {prefix}",
            );
            bar.set_style(
                style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("█▉▊▋▌▍▎▏ "),
            );
            bar.set_length(STEPS);
        }
        bar.set_position((share * STEPS as f64) as u64);
        let left = HumanDuration(bar.eta());
        let pace = rows.map(|rows| rows as f64 / bar.elapsed().as_secs_f64().max(0.001));
        bar.set_prefix(match (waits_for, pace) {
            (Some(what), _) => format!("waits for {what}"),
            // Nothing is known of the time that is left before something is done.
            (None, _) if share == 0.0 => String::new(),
            (None, Some(rate)) => format!("{} rows/s, {left:#} left", format_number(rate as u64)),
            (None, None) => format!("{left:#} left"),
        });
    }

    pub(crate) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
