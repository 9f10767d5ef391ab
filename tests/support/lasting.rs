//! What the program says, without what differs from run to run, to be compared to the letter.

use regex_lite::Regex;

use super::{Database, Output};

/// What differs, and the word for it. The ids of runs are UUIDs of version 7, those of the sample are not.
const DIFFERS: [(&str, &str); 4] = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "RUN"),
    (r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", "DATE"),
    (r"TODAY \d{2}:\d{2}\b", "TODAY"),
    (r"\b\d[\d.]* (min \d+ s|ms|s)\b", "TIME"),
];

impl Output {
    /// Standard output without dates, times of day and durations, ids of runs, the name of the database, and the widths
    /// that follow from them.
    pub fn lasting(&self, database: &Database) -> String {
        let today = database.value("SELECT (now() AT TIME ZONE 'UTC')::date");
        let named = self.stdout.replace(&database.name, "DATABASE").replace(&today, "TODAY");
        let lasting = DIFFERS.iter().fold(unframed(&named), |text, (differs, word)| {
            Regex::new(differs).expect("a pattern").replace_all(&text, *word).into_owned()
        });
        lasting + "\n"
    }
}

/// A text whose tables have no frames, no widths and no times.
fn unframed(text: &str) -> String {
    let frame =
        |line: &str| ["┌", "╞", "└"].iter().any(|corner| line.trim_start().starts_with(corner));
    let lines = text.lines().filter(|line| !frame(line)).map(|line| {
        if !line.trim_start().starts_with('│') {
            return line.to_owned();
        }
        let cells = line.trim().trim_matches('│').trim();
        let words: Vec<&str> = cells.split_whitespace().collect();
        let timed = matches!(words.last(), Some(&"ms" | &"s"));
        let kept = match words.last() {
            Some(&"Time") => words.len() - 1,
            _ if timed => words.len() - 2,
            _ => words.len(),
        };
        format!("  | {}", words[..kept].join(" "))
    });
    lines.collect::<Vec<_>>().join("\n")
}
