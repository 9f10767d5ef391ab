//! What is being waited for, on standard error, only on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::plain;

/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(120);

/// A line that tells what is being waited for, while it is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Something that may take long begins.
    pub(super) fn begin(&mut self, what: &str) {
        self.end();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("    {spinner} {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(plain(what));
        bar.enable_steady_tick(TICK);
        self.bar = Some(bar);
    }

    /// It is done; the line goes away.
    pub(super) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
