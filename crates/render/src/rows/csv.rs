//! Rows as CSV: one header for the rows of all rules, whatever columns they have.

use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};
use leora_report::{ListedRule, RowList};

use crate::rows::{CsvStyle, cell, key_text, line_text};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The columns that every list has, before and after the names of the rows.
const BEFORE: [&str; 3] = ["step", "table", "key"];
const AFTER: [&str; 4] = ["column", "old", "new", "line"];

pub(super) fn write(list: &mut RowList, style: CsvStyle, out: &mut dyn Write) -> io::Result<()> {
    if style.byte_order_mark {
        out.write_all(BYTE_ORDER_MARK)?;
    }
    let header = Header::of(list.rules());
    let places: Vec<Vec<usize>> = list.rules().map(|rule| header.places(rule)).collect();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    for name in header.names() {
        writer.write_field(cell(name, style).as_bytes())?;
    }
    end_record(&mut writer)?;
    list.for_each(|at, rule, row| {
        let mut own = vec![None; header.own.len()];
        let values = row.labels(rule).chain(row.reads(rule)).chain(row.facts(rule));
        places[at].iter().zip(values).for_each(|(place, value)| own[*place] = value);
        let (labels, more) = own.split_at(header.labels);
        let (key, line) = (key_text(rule, row), line_text(rule, row));
        let before = [Some(rule.step.as_str()), Some(&rule.table), Some(&key)];
        let after = [Some(rule.column.as_str()), row.old(), row.new_value(), line.as_deref()];
        for text in before.iter().chain(labels).chain(&after).chain(more) {
            writer.write_field(cell(text.unwrap_or_default(), style).as_bytes())?;
        }
        end_record(&mut writer)
    })?;
    writer.flush()
}

fn end_record(writer: &mut Writer<&mut dyn Write>) -> io::Result<()> {
    Ok(writer.write_record(None::<&[u8]>)?)
}

/// The columns that only some rules have, each once.
struct Header {
    /// Those that name rows, then those that rules read and what else is known.
    own: Vec<String>,
    /// How many of them name rows.
    labels: usize,
}

impl Header {
    fn of<'r>(rules: impl Iterator<Item = &'r ListedRule> + Clone) -> Self {
        let mut own = Vec::new();
        rules.clone().for_each(|rule| add(&mut own, labels(rule)));
        let labels = own.len();
        rules.for_each(|rule| add(&mut own, more(rule)));
        Self { own, labels }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let (labels, more) = self.own.split_at(self.labels);
        let labels = labels.iter().map(String::as_str);
        BEFORE.into_iter().chain(labels).chain(AFTER).chain(more.iter().map(String::as_str))
    }

    /// Where the values of a rule's rows stand among them.
    fn places(&self, rule: &ListedRule) -> Vec<usize> {
        let place = |name| self.own.iter().position(|known| *known == name).unwrap_or_default();
        labels(rule).into_iter().chain(more(rule)).map(place).collect()
    }
}

fn add(names: &mut Vec<String>, own: Vec<String>) {
    for name in own {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

fn labels(rule: &ListedRule) -> Vec<String> {
    rule.labels.iter().map(|name| unmistakable(rule, name)).collect()
}

fn more(rule: &ListedRule) -> Vec<String> {
    let read = rule.reads.iter().map(|name| unmistakable(rule, name));
    read.chain(rule.facts.iter().cloned()).collect()
}

/// The name of a column, with its table where another column of the list has that name.
fn unmistakable(rule: &ListedRule, name: &str) -> String {
    let fixed = BEFORE.iter().chain(&AFTER).any(|fixed| *fixed == name);
    let fact = rule.facts.iter().any(|fact| fact == name);
    if fixed || fact { format!("{}.{name}", rule.table) } else { name.to_owned() }
}
