//! `--rows`: which rows change, by name.

mod files;
mod names;
mod property;
mod spreadsheets;
mod undone;

use std::collections::BTreeMap;
use std::fs;

use crate::support::Project;

/// A line of a list, by the names of its columns.
type Line = BTreeMap<String, String>;

/// The lines of a CSV file.
#[track_caller]
fn lines(project: &Project, file: &str) -> Vec<Line> {
    let text = fs::read_to_string(project.path(file)).expect("a list");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|line| line.expect("a line")).collect()
}

/// Some columns of each line, in order.
#[track_caller]
fn cells(project: &Project, file: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let of = |line: Line| columns.iter().map(|name| line[*name].clone()).collect();
    let mut all: Vec<Vec<String>> = lines(project, file).into_iter().map(of).collect();
    all.sort();
    all
}
