//! The screen of a run: what is shown while it runs, and at its end.

use std::collections::HashMap;
use std::io::Write;

use super::entries::Tense;
use super::progress::Progress;
use super::style::{Style, Tone};
use super::text::{plain, wrapped};
use super::{
    annotations, check, checkup, diagnostic, entries, forecast, json, numbers, status, summary,
    what_if, why,
};
use crate::folder::Access;
use crate::report::{
    CheckReport, Checkup, Failure, FailureKind, FileChange, GrantList, Outcome, Report,
    SettingReport, Status,
};
use crate::script::{Entry, Observer};

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
    progress: Progress,
    sources: HashMap<String, String>,
    tense: Tense,
}

impl Screen {
    /// A screen for people.
    pub fn text(style: Style) -> Self {
        Self {
            style,
            mode: Mode::Text,
            progress: Progress::default(),
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
            None => lines.extend(self.farewell(report)),
            Some(failure) => {
                let source = failure.place.as_ref().and_then(|place| self.sources.get(&place.file));
                lines.extend(diagnostic::lines(failure, source.map(String::as_str), self.style));
                lines.extend(self.aftermath(report, failure.kind));
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

    fn farewell(&self, report: &Report) -> Vec<String> {
        let changed: u64 = report.steps.iter().map(|step| step.changed()).sum();
        if let Some(plan) = &report.plan {
            let mut lines = forecast::lines(report, plan, self.style);
            lines.extend(self.files(report));
            lines.extend(self.list("The plan is saved; to run it, and nothing else", &report.next));
            return lines;
        }
        let verdict = match report.access {
            _ if report.folder == "undo" => undo_verdict(report),
            Some(Access::ReadOnly) => format!("{}.", expectations(report)),
            Some(Access::RolledBack) => {
                format!("{}; everything was rolled back.", expectations(report))
            }
            _ => format!("Done: {}, all committed.", work(report, changed)),
        };
        let verdict = wrapped(&verdict, self.style.width);
        let mut lines: Vec<String> =
            verdict.iter().map(|line| self.style.paint(Tone::Good, line)).collect();
        if report.folder == "undo" {
            lines.push("  Tables, columns and indexes that the run made stay.".into());
        }
        lines.extend(self.files(report));
        lines.extend(self.list("Next", &report.next));
        lines.extend(self.list("To go back", &report.back));
        lines
    }

    /// The files beside the database.
    fn files(&self, report: &Report) -> Vec<String> {
        let told = report.files.iter().map(|file| {
            let path = &file.path;
            match &file.change {
                FileChange::Written => format!("  Wrote {path}"),
                FileChange::Same => format!("  {path} is there already"),
                FileChange::Foreseen => format!("  Would write {path}"),
                FileChange::Failed { reason, help } => {
                    format!("  ! {path} could not be written: {reason}; {help}")
                }
            }
        });
        told.map(|line| plain(&line)).collect()
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
            Outcome::Partial => "Stopped between batches: what is committed stays.",
            _ if report.plan.is_some() => "The run would fail so. Nothing was changed.",
            _ if report.access == Some(Access::ReadOnly) => return vec![],
            _ if report.steps.is_empty() || kind == FailureKind::NotConfirmed => {
                "Nothing was changed."
            }
            _ => "Everything was rolled back: nothing was changed.",
        };
        let mut lines = vec![self.style.paint(Tone::Heading, verdict)];
        if report.outcome == Outcome::Partial {
            lines.extend(self.list("To go on", &report.next));
            lines.extend(self.list("To go back", &report.back));
        }
        lines
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
        self.progress.end();
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
        self.progress.end();
        match self.mode {
            Mode::Json => write_out(&status::document(status)),
            _ => self.say(&status::lines(status, self.style)),
        }
    }

    /// What a doctor found.
    pub fn checkup(&mut self, checkup: &Checkup) {
        self.progress.end();
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
        self.progress.end();
        match self.mode {
            Mode::Json => write_out(&checkup::grants_document(list)),
            _ => write_out(&checkup::script(list)),
        }
    }

    /// A remark beside the result, on standard error.
    pub fn aside(&mut self, line: &str) {
        self.progress.end();
        let _ = writeln!(std::io::stderr().lock(), "note: {}", plain(line));
    }

    /// How far a long statement is, from 0 to 1, and how many rows it has written.
    pub fn progressed(&mut self, share: f64, rows: u64) {
        self.progress.at(share, rows);
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
        self.progress.end();
        let known = [("outcome", "done"), ("message", line)];
        let all: std::collections::BTreeMap<_, _> = known.iter().chain(facts).copied().collect();
        write_out(&serde_json::to_string_pretty(&all).unwrap_or_default());
    }

    /// A line of plain answer, such as an address.
    pub fn answer(&mut self, line: &str) {
        self.progress.end();
        write_out(line);
    }

    fn say(&mut self, lines: &[String]) {
        self.progress.end();
        if matches!(self.mode, Mode::Text | Mode::Github) {
            write_out(&lines.join("\n"));
        }
    }
}

/// What an undo did, in a sentence.
fn undo_verdict(report: &Report) -> String {
    let (mut changed, mut edited, mut deleted) = (0, 0, 0);
    for entry in report.steps.iter().flat_map(|step| &step.entries) {
        if let Entry::PutBack(put_back) = entry {
            changed += put_back.changed();
            edited += put_back.edited;
            deleted += put_back.deleted;
        }
    }
    let values = numbers::counted(changed, "value");
    let left = match (edited, deleted) {
        (0, 0) => String::new(),
        (_, 0) => format!(", left {} that your team edited since", numbers::count(edited)),
        (0, _) => format!(", left {} whose rows are deleted", numbers::count(deleted)),
        _ => format!(
            ", left {} that your team edited since and {} whose rows are deleted",
            numbers::count(edited),
            numbers::count(deleted)
        ),
    };
    match report.outcome {
        Outcome::Planned => format!("Would put back {values}{left}. Nothing was changed."),
        _ => format!("Put back {values}{left}."),
    }
}

fn expectations(report: &Report) -> String {
    let (mut held, mut all) = (0, 0);
    for step in &report.steps {
        let (kept, failed, warned) = step.expectations();
        held += kept;
        all += kept + failed + warned;
    }
    let warned: usize = report.steps.iter().map(|step| step.expectations().2).sum();
    match warned {
        0 => format!("{held} of {all} held"),
        warned => format!("{held} of {all} held, {}", numbers::counted(warned as u64, "warning")),
    }
}

/// What a run did, counted: rows, and objects where it made or dropped some, and warnings.
fn work(report: &Report, changed: u64) -> String {
    let objects: usize = report
        .steps
        .iter()
        .flat_map(|step| &step.entries)
        .map(|entry| match entry {
            Entry::Sql { ran, .. } => ran.objects.len(),
            _ => 0,
        })
        .sum();
    let warned: usize = report.steps.iter().map(|step| step.expectations().2).sum();
    let rows = numbers::counted(changed, "row");
    let mut told = match objects {
        0 => format!("{rows} changed"),
        objects => format!("{rows} and {} changed", numbers::counted(objects as u64, "object")),
    };
    if warned > 0 {
        told += &format!(", {}", numbers::counted(warned as u64, "warning"));
    }
    told
}

/// Writes to standard output. Whoever closed it, such as `head`, has read enough: that must not stop a
/// migration.
fn write_out(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

impl Observer for Screen {
    fn entry(&mut self, entry: &Entry) {
        let lines = entries::lines(entry, self.tense, self.style);
        self.say(&lines);
    }

    fn working(&mut self, what: &str) {
        if self.mode != Mode::Silent {
            self.progress.begin(what);
        }
    }
}
