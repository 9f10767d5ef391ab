//! The first rows of each transition, for the page of a report.

use std::io;

use crate::row_list::{ListedRule, RowList};

/// The rows of one rule that a page has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstRows {
    /// What they are of.
    pub rule: ListedRule,
    /// For each change from an old to a new value, its first rows.
    pub transitions: Vec<FirstOfTransition>,
}

/// The first rows of a change from one value to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstOfTransition {
    /// The value before.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// For each row its line, then its key, labels, columns read and facts.
    pub rows: Vec<(Option<usize>, Vec<Option<String>>)>,
}

impl RowList {
    /// The first rows of each change: at most so many of each, and fewer where their texts are more than so many bytes in all.
    ///
    /// # Errors
    /// When the list can't be read.
    pub fn first_rows(&mut self, most: usize, bytes: usize) -> io::Result<Vec<FirstRows>> {
        let mut all: Vec<FirstRows> = self
            .rules()
            .map(|rule| {
                // The lines stand with the rows.
                let rule = ListedRule { lines: vec![], ..rule.clone() };
                FirstRows { rule, transitions: vec![] }
            })
            .collect();
        let mut total = 0;
        self.for_each(|place, rule, row| {
            let transitions = &mut all[place].transitions;
            let is_own = |one: &FirstOfTransition| {
                one.old.as_deref() == row.old() && one.new.as_deref() == row.new_value()
            };
            let at = transitions.iter().position(is_own).unwrap_or_else(|| {
                let (old, new) = (row.old().map(str::to_owned), row.new_value().map(str::to_owned));
                transitions.push(FirstOfTransition { old, new, rows: vec![] });
                transitions.len() - 1
            });
            let rows = &mut transitions[at].rows;
            if rows.len() < most {
                let cells: Vec<Option<String>> =
                    row.cells().skip(3).map(|cell| cell.map(str::to_owned)).collect();
                total += cells
                    .iter()
                    .map(|cell| 4 + cell.as_ref().map_or(0, String::len))
                    .sum::<usize>();
                rows.push((row.line(rule), cells));
            }
            Ok(())
        })?;
        if total > bytes {
            let kept = most * bytes / total;
            let transitions = all.iter_mut().flat_map(|one| &mut one.transitions);
            transitions.for_each(|one| one.rows.truncate(kept));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::RowList;
    use crate::row_list::ListedRule;

    #[test]
    fn each_transition_has_its_first_rows() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut list = RowList::in_folder(folder.path()).expect("a list");
        let rule =
            ListedRule { key: vec!["id".into()], lines: vec![Some(9)], ..ListedRule::default() };
        list.begin_rule(rule);
        for (old, key) in [("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")] {
            let cells = [old, "c", "1", key].map(|cell| Some(cell.as_bytes()));
            list.add(cells.into_iter()).expect("room");
        }
        let rows = |found: &super::FirstOfTransition| {
            let row = |(line, cells): &(Option<usize>, Vec<Option<String>>)| {
                (*line, cells.iter().flatten().cloned().collect::<String>())
            };
            found.rows.iter().map(row).collect::<Vec<_>>()
        };
        let found = list.first_rows(2, 1_000).expect("rows").remove(0);
        assert_eq!(rows(&found.transitions[0]), [(Some(9), "1".to_owned()), (Some(9), "3".into())]);
        assert_eq!(rows(&found.transitions[1]), [(Some(9), "2".to_owned())]);
        let few = list.first_rows(2, 8).expect("rows").remove(0);
        assert_eq!(few.transitions[0].rows.len(), 1);
    }
}
