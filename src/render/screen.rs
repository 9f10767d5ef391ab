//! The screen of a run: what is shown while it runs, and at its end.

use std::collections::HashMap;
use std::io::Write;

use super::progress::Progress;
use super::style::{Style, Tone};
use super::text::{plain, wrapped};
use super::{diagnostic, entries, json, numbers, summary};
use crate::folder::Access;
use crate::report::{FailureKind, Outcome, Report};
use crate::script::{Entry, Observer};

/// Where a run is shown: as text while it runs, or as one JSON document at its end.
#[derive(Debug)]
pub struct Screen {
    style: Style,
    json: bool,
    progress: Progress,
    sources: HashMap<String, String>,
}

impl Screen {
    /// A screen for people.
    pub fn text(style: Style) -> Self {
        Self { style, json: false, progress: Progress::default(), sources: HashMap::new() }
    }

    /// A screen for programs: progress on standard error, the result as JSON.
    pub fn json(style: Style) -> Self {
        Self { json: true, ..Self::text(style) }
    }

    /// Remembers the text of a file, to show a mistake in it.
    pub fn know(&mut self, path: &str, text: &str) {
        self.sources.insert(path.to_owned(), text.to_owned());
    }

    /// What is run, where and when.
    pub fn title(&mut self, report: &Report) {
        let mut lines = vec![self.style.paint(Tone::Heading, &plain(&report.title))];
        if let Some(target) = &report.target {
            let place = if target.host.starts_with('/') {
                "a Unix socket".to_owned()
            } else {
                target.host.clone()
            };
            let told = format!(
                "{} on {place} (from {}), as of {}",
                target.name, target.from, report.as_of
            );
            lines.extend(
                wrapped(&plain(&told), self.style.width)
                    .iter()
                    .map(|line| self.style.paint(Tone::Dim, line)),
            );
        }
        lines.push(String::new());
        self.say(&lines);
    }

    /// A step begins; counted from 1.
    pub fn step_begins(&mut self, number: usize, of: usize, title: &str) {
        let heading = self.style.paint(Tone::Heading, &format!("{number}/{of} {}", plain(title)));
        self.say(&[heading]);
    }

    /// The end of a run: what failed, the steps, what to do next and how to go back.
    pub fn end(&mut self, report: &Report) {
        self.progress.end();
        if self.json {
            let document = json::document(report);
            write_out(&document);
            return;
        }
        let mut lines = vec![];
        if !report.steps.is_empty() {
            lines.push(String::new());
            lines.extend(summary::steps(report, self.style));
            lines.push(String::new());
        }
        match &report.error {
            None => lines.extend(self.farewell(report)),
            Some(failure) => {
                let source = failure.place.as_ref().and_then(|place| self.sources.get(&place.file));
                lines.extend(diagnostic::lines(failure, source.map(String::as_str), self.style));
                lines.extend(self.aftermath(report, failure.kind));
            }
        }
        self.say(&lines);
    }

    fn farewell(&self, report: &Report) -> Vec<String> {
        let changed: u64 = report.steps.iter().map(|step| step.changed()).sum();
        let verdict = match report.access {
            Some(Access::ReadOnly) => format!("{} held.", expectations(report)),
            Some(Access::RolledBack) => {
                format!("{} held; everything was rolled back.", expectations(report))
            }
            _ => format!("Done: {} changed, all committed.", numbers::counted(changed, "row")),
        };
        let mut lines = vec![self.style.paint(Tone::Good, &verdict)];
        lines.extend(self.list("Next", &report.next));
        lines.extend(self.list("To go back", &report.back));
        lines
    }

    fn list(&self, heading: &str, commands: &[String]) -> Vec<String> {
        if commands.is_empty() {
            return vec![];
        }
        let told = commands.iter().map(|command| format!("    {}", plain(command)));
        std::iter::once(format!("  {heading}")).chain(told).collect()
    }

    /// What state a failed run leaves the database in.
    fn aftermath(&self, report: &Report, kind: FailureKind) -> Vec<String> {
        let verdict = match report.outcome {
            Outcome::Unknown => "It is not known whether the run was committed.",
            _ if report.access == Some(Access::ReadOnly) => return vec![],
            _ if report.steps.is_empty() || kind == FailureKind::NotConfirmed => {
                "Nothing was changed."
            }
            _ => "Everything was rolled back: nothing was changed.",
        };
        vec![self.style.paint(Tone::Heading, verdict)]
    }

    /// A remark beside the result, on standard error.
    pub fn aside(&mut self, line: &str) {
        self.progress.end();
        let _ = writeln!(std::io::stderr().lock(), "note: {}", plain(line));
    }

    /// A line of plain answer, such as an address.
    pub fn answer(&mut self, line: &str) {
        self.progress.end();
        write_out(line);
    }

    fn say(&mut self, lines: &[String]) {
        self.progress.end();
        if !self.json {
            write_out(&lines.join("\n"));
        }
    }
}

fn expectations(report: &Report) -> String {
    let (mut held, mut all) = (0, 0);
    for step in &report.steps {
        let (kept, failed, warned) = step.expectations();
        held += kept;
        all += kept + failed + warned;
    }
    format!("{held} of {all}")
}

/// Writes to standard output. Whoever closed it, such as `head`, has read enough: that must not stop a
/// migration.
fn write_out(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

impl Observer for Screen {
    fn entry(&mut self, entry: &Entry) {
        let lines = entries::lines(entry, self.style);
        self.say(&lines);
    }

    fn working(&mut self, what: &str) {
        self.progress.begin(what);
    }
}
