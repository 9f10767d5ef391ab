//! The screen of a run: what is shown while it runs, and at its end.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};

use leora_report::{
    CheckReport, DoctorReport, Entry, Failure, GrantList, Observer, Progress, Report,
    SettingReport, Status,
};
use leora_rule::Access;

use crate::render::entries::Tense;
use crate::render::progress::Bar;
use crate::render::style::{Style, Tone};
use crate::render::text::{plain, wrapped};
use crate::render::{
    annotations, check, checkup, diagnostic, ending, entries, json, status, summary, what_if, why,
};

/// How a run is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Text,
    /// Text, and what failed once more for GitHub Actions.
    Github,
    Json,
    Silent,
}

/// Where a run is shown: as text while it runs, or as one JSON document at its end.
#[derive(Debug)]
pub struct Screen {
    style: Style,
    mode: Mode,
    bar: Bar,
    sources: HashMap<String, String>,
    tense: Tense,
}

impl Screen {
    /// A screen for people.
    pub fn text(style: Style) -> Self {
        Self {
            style,
            mode: Mode::Text,
            bar: Bar::default(),
            sources: HashMap::new(),
            tense: Tense::Done,
        }
    }

    /// A screen for programs: progress on standard error, the result as JSON.
    pub fn json(style: Style) -> Self {
        Self { mode: Mode::Json, ..Self::text(style) }
    }

    /// A screen for people who read the log of a GitHub workflow.
    pub fn github(style: Style) -> Self {
        Self { mode: Mode::Github, ..Self::text(style) }
    }

    /// A screen that nobody sees.
    pub fn silent() -> Self {
        Self { mode: Mode::Silent, ..Self::text(Style { color: false, width: 80 }) }
    }

    /// From now on, what is shown is only foretold.
    pub fn foretell(&mut self) {
        self.tense = Tense::Planned;
    }

    /// Remembers the text of a file, to show a mistake in it.
    pub fn know(&mut self, path: &str, text: &str) {
        self.sources.insert(path.to_owned(), text.to_owned());
    }

    /// What is run, where and when.
    pub fn title(&mut self, report: &Report) {
        let heading = wrapped(&plain(&report.title), self.style.width);
        let mut lines: Vec<String> =
            heading.iter().map(|line| self.style.paint(Tone::Heading, line)).collect();
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
        self.bar.end();
        if self.mode == Mode::Json {
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
            None => lines.extend(ending::farewell(report, self.style)),
            Some(failure) => {
                let source = failure.place.as_ref().and_then(|place| self.sources.get(&place.file));
                lines.extend(diagnostic::lines(failure, source.map(String::as_str), self.style));
                lines.extend(ending::aftermath(report, failure.kind, self.style));
            }
        }
        self.say(&lines);
        self.annotate(&annotations::of_report(report));
    }

    fn annotate(&self, annotations: &[String]) {
        if self.mode == Mode::Github {
            annotations.iter().for_each(|line| write_out(line));
        }
    }

    /// What other settings would give, or why that can't be told.
    pub fn what_if(&mut self, report: &Report) {
        match (&report.what_if, self.mode) {
            (Some(what_if), Mode::Text | Mode::Github) => {
                self.say(&what_if::lines(what_if, self.style))
            }
            _ => self.end(report),
        }
    }

    /// Why a row gets its values, or why that can't be told.
    pub fn why(&mut self, report: &Report) {
        match (&report.why, self.mode) {
            (Some(why), Mode::Text | Mode::Github) => self.say(&why::lines(why, self.style)),
            _ => self.end(report),
        }
    }

    /// What `check` found.
    pub fn checked(&mut self, report: &CheckReport) {
        self.bar.end();
        match self.mode {
            Mode::Json => write_out(&check::document(report)),
            _ => {
                let texts = |file: &str| self.sources.get(file).map(String::as_str);
                let lines = check::lines(report, &texts, self.style);
                self.say(&lines);
                self.annotate(&annotations::of_check(report));
            }
        }
    }

    /// The settings of folders.
    pub fn settings(&mut self, listed: &[SettingReport]) {
        match self.mode {
            Mode::Json => write_out(&check::settings_document(listed)),
            _ => self.say(&check::settings(listed, self.style)),
        }
    }

    /// Something that can't be done, without a run.
    pub fn refused(&mut self, failure: Failure) {
        let outcome = failure.kind.outcome();
        self.end(&Report {
            outcome,
            error: Some(failure),
            access: Some(Access::ReadOnly),
            ..Report::default()
        });
    }

    /// What ran here.
    pub fn status(&mut self, status: &Status) {
        self.bar.end();
        match self.mode {
            Mode::Json => write_out(&status::document(status)),
            _ => self.say(&status::lines(status, self.style)),
        }
    }

    /// What a doctor found.
    pub fn checkup(&mut self, checkup: &DoctorReport) {
        self.bar.end();
        match self.mode {
            Mode::Json => write_out(&checkup::document(checkup)),
            _ => {
                self.say(&checkup::lines(checkup, self.style));
                self.annotate(&annotations::of_checkup(checkup));
            }
        }
    }

    /// The grants that a role needs: an SQL file on standard output.
    pub fn grants(&mut self, list: &GrantList) {
        self.bar.end();
        match self.mode {
            Mode::Json => write_out(&checkup::grants_document(list)),
            _ => write_out(&checkup::script(list)),
        }
    }

    /// A remark beside the result, on standard error.
    pub fn aside(&mut self, line: &str) {
        self.bar.end();
        let note = format!("note: {}", plain(line));
        let mut stderr = std::io::stderr().lock();
        let width = if stderr.is_terminal() { self.style.width } else { usize::MAX };
        for line in wrapped(&note, width) {
            let _ = writeln!(stderr, "{line}");
        }
    }

    /// How far a long statement is.
    pub fn progressed(&mut self, progress: Progress) {
        self.bar.at(progress);
    }

    /// A line for people at the end, beside the result.
    pub fn remark(&mut self, line: &str) {
        match self.mode {
            Mode::Text | Mode::Github => self.say(&[line.to_owned()]),
            Mode::Json | Mode::Silent => self.aside(line),
        }
    }

    /// Something that was done, in a line; as JSON with further facts by name.
    pub fn done(&mut self, line: &str, facts: &[(&str, &str)]) {
        if self.mode != Mode::Json {
            return self.answer(line);
        }
        self.bar.end();
        let known = [("outcome", "done"), ("message", line)];
        let all: std::collections::BTreeMap<_, _> = known.iter().chain(facts).copied().collect();
        write_out(&serde_json::to_string_pretty(&all).unwrap_or_default());
    }

    /// A line of plain answer, such as an address.
    fn answer(&mut self, line: &str) {
        self.bar.end();
        write_out(line);
    }

    fn say(&mut self, lines: &[String]) {
        self.bar.end();
        if matches!(self.mode, Mode::Text | Mode::Github) {
            write_out(&lines.join("\n"));
        }
    }
}

/// Writes to standard output. Whoever closed it, such as `head`, has read enough: that must not stop a
/// migration.
fn write_out(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

impl Observer for Screen {
    fn on_entry(&mut self, entry: &Entry) {
        let lines = entries::lines(entry, self.tense, self.style);
        self.say(&lines);
    }

    fn on_start(&mut self, what: &str) {
        if self.mode != Mode::Silent {
            self.bar.begin(what);
        }
    }
}
