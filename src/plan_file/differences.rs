//! How a run differs from the plan that was approved.

use std::collections::BTreeSet;

use leora_rule::{Transition, format_number};

use crate::plan_file::{PlanFile, PlannedTarget, PlannedTransition};

/// How many rows a count may move by, whatever the tolerance is.
const ALWAYS_TOLERATED_ROWS: u64 = 10;

impl PlanFile {
    /// The differences in scripts, SQL files and target, a line each: they are known before there is a connection.
    pub fn file_and_target_differences(&self, now: &Self) -> Vec<String> {
        let paths: BTreeSet<&String> = self.checksums.keys().chain(now.checksums.keys()).collect();
        let mut lines = Vec::new();
        for path in paths {
            match (self.checksums.get(path), now.checksums.get(path)) {
                (Some(planned), Some(found)) if planned == found => {}
                (Some(_), Some(_)) => lines.push(format!("{path} has changed")),
                (Some(_), None) => lines.push(format!("{path} is gone")),
                (None, _) => lines.push(format!("{path} is new")),
            }
        }
        // Another folder, not the same with edits: every file would be listed.
        if !lines.is_empty() && self.folder != now.folder {
            lines = vec![format!("the plan is of {}, and this is {}", self.folder, now.folder)];
        }
        if self.target != now.target {
            let name = |target: &PlannedTarget| format!("{} at {}", target.database, target.host);
            let (planned, found) = (name(&self.target), name(&now.target));
            lines.push(format!("the plan is for {planned}, and this is {found}"));
        }
        lines
    }

    /// The differences in transitions, a line each: one that is new, or whose count moved by more than `percent` and by
    /// more than 10 rows.
    pub fn row_differences(&self, now: &Self, percent: f64) -> Vec<String> {
        let mut lines = Vec::new();
        for transition in self.transitions.iter().chain(&now.transitions) {
            let (planned, rows) = (self.rows(transition), now.rows(transition));
            if !is_tolerated(planned, rows, percent) {
                let line = transition.describe_difference(rows, planned);
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines
    }

    /// The rows of all transitions like this one.
    fn rows(&self, transition: &PlannedTransition) -> u64 {
        let alike = |one: &&PlannedTransition| one.identity() == transition.identity();
        self.transitions.iter().filter(alike).map(|one| one.rows).sum()
    }
}

impl PlannedTransition {
    /// All but the count.
    fn identity(&self) -> (&str, &str, &str, Option<&str>, Option<&str>) {
        (&self.step, &self.table, &self.column, self.old.as_deref(), self.new.as_deref())
    }

    fn describe_difference(&self, rows: u64, planned: u64) -> String {
        let Self { step, table, column, old, new, .. } = self;
        let now = Transition { old: old.clone(), new: new.clone(), rows };
        let rows = now.describe_rows();
        let planned = if planned == 0 { "none".to_owned() } else { format_number(planned) };
        format!("{step} {table}.{column} {now}: {rows}, and the plan has {planned}")
    }
}

fn is_tolerated(planned: u64, rows: u64, percent: f64) -> bool {
    let difference = planned.abs_diff(rows);
    let small = difference <= ALWAYS_TOLERATED_ROWS
        || difference as f64 * 100.0 <= percent * planned as f64;
    difference == 0 || planned > 0 && small
}

#[cfg(test)]
mod tests {
    use super::{PlanFile, PlannedTarget, PlannedTransition};

    fn plan(checksums: &[(&str, &str)], rows: &[(&str, u64)]) -> PlanFile {
        let pair = |(path, sum): &(&str, &str)| ((*path).to_owned(), (*sum).to_owned());
        let transition = |(new, rows): &(&str, u64)| PlannedTransition {
            step: "01_classify".into(),
            table: "Customer".into(),
            column: "accountType".into(),
            old: None,
            new: Some((*new).to_owned()),
            rows: *rows,
        };
        PlanFile {
            leora_plan: 1,
            folder: "scripts/phase2".into(),
            as_of: "2025-10-25".into(),
            target: PlannedTarget {
                name: "crm".into(),
                host: "localhost".into(),
                database: "crm".into(),
            },
            settings: [].into(),
            checksums: checksums.iter().map(pair).collect(),
            transitions: rows.iter().map(transition).collect(),
        }
    }

    #[test]
    fn a_plan_does_not_differ_from_itself() {
        let plan = plan(&[("a.rhai", "1")], &[("ACTIVE", 3_512)]);
        assert!(plan.file_and_target_differences(&plan).is_empty());
        assert!(plan.row_differences(&plan, 0.0).is_empty());
    }

    #[test]
    fn each_file_that_differs_is_named() {
        let planned = plan(&[("a.rhai", "1"), ("b.rhai", "1"), ("c.rhai", "1")], &[]);
        let now = plan(&[("b.rhai", "1"), ("c.rhai", "2"), ("d.rhai", "1")], &[]);
        let lines = ["a.rhai is gone", "c.rhai has changed", "d.rhai is new"];
        assert_eq!(planned.file_and_target_differences(&now), lines);
    }

    #[test]
    fn another_folder_or_target_is_one_line() {
        let planned = plan(&[("scripts/phase2/a.rhai", "1")], &[]);
        let mut now = plan(&[("scripts/verify/a.rhai", "1")], &[]);
        now.folder = "scripts/verify".into();
        now.target.host = "db.example.org".into();
        assert_eq!(
            planned.file_and_target_differences(&now),
            [
                "the plan is of scripts/phase2, and this is scripts/verify",
                "the plan is for crm at localhost, and this is crm at db.example.org"
            ]
        );
    }

    #[test]
    fn a_count_may_move_by_the_tolerance_and_by_ten_rows() {
        let planned = plan(&[], &[("ACTIVE", 1_000)]);
        let moved = |rows| planned.row_differences(&plan(&[], &[("ACTIVE", rows)]), 1.0);
        assert!(moved(1_010).is_empty() && moved(990).is_empty());
        let line =
            "01_classify Customer.accountType (none) -> ACTIVE: 1,011 rows, and the plan has 1,000";
        assert_eq!(moved(1_011), [line]);
        let small = plan(&[], &[("ACTIVE", 1)]);
        assert!(small.row_differences(&plan(&[], &[("ACTIVE", 11)]), 1.0).is_empty());
    }

    #[test]
    fn a_transition_that_was_not_planned_is_never_tolerated() {
        let planned = plan(&[], &[]);
        let line =
            "01_classify Customer.accountType (none) -> TARGET: 1 row, and the plan has none";
        assert_eq!(planned.row_differences(&plan(&[], &[("TARGET", 1)]), 100.0), [line]);
    }
}
