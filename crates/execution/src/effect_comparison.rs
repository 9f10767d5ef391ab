//! The differences of one step between what was approved and what a run does.

use leora_report::{Effect, ObjectChange, ObjectVerb, PrismaRecord};
use leora_rule::{Transition, format_count};

const ALWAYS_TOLERATED_ROWS: u64 = 10;

pub(crate) struct Comparison<'a> {
    step: &'a str,
    tolerance: f64,
    pub(crate) lines: Vec<String>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(step: &'a str, tolerance: f64) -> Self {
        Self { step, tolerance, lines: vec![] }
    }

    fn add(&mut self, what: &str, planned: &str, now: &str) {
        let line = format!("{} {what}: planned {planned}, now {now}", self.step);
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    pub(crate) fn compare(&mut self, planned: &Effect, done: &Effect) {
        let name = planned.to_string();
        match (planned, done) {
            (
                Effect::Rule { transitions: planned, rule, .. },
                Effect::Rule { transitions: now, rule: other, .. },
            ) => {
                let known = self.lines.len();
                for one in planned.iter().chain(now) {
                    let (planned, now) = (rows_of(planned, one), rows_of(now, one));
                    if !is_tolerated(planned, now, self.tolerance) {
                        self.add(
                            &format!("{name} {one}"),
                            &describe_rows(planned),
                            &describe_rows(now),
                        );
                    }
                }
                // The same counts may be of other rows.
                if rule != other && self.lines.len() == known {
                    self.add(&name, "one rule", "another, with other conditions or values");
                }
            }
            (Effect::Sql { objects: planned, .. }, Effect::Sql { objects: now, .. }) => {
                let only_in = |these: &[ObjectChange], others: &[ObjectChange]| {
                    these.iter().filter(|one| !others.contains(one)).cloned().collect::<Vec<_>>()
                };
                let (only_planned, only_now) = (only_in(planned, now), only_in(now, planned));
                if !only_planned.is_empty() || !only_now.is_empty() {
                    self.add(&name, &describe_objects(&only_planned), &describe_objects(&only_now));
                }
            }
            _ if planned != done => self.add(&name, &describe(planned), &describe(done)),
            _ => {}
        }
    }

    pub(crate) fn add_unplanned(&mut self, effect: &Effect) {
        match effect {
            Effect::Rule { transitions, .. } => {
                for one in transitions {
                    self.add(&format!("{effect} {one}"), "nothing", &describe_rows(one.rows));
                }
            }
            _ => self.add(&effect.to_string(), "nothing", &describe(effect)),
        }
    }

    /// A rule that did not run at all has not just met fewer rows: no count of it is tolerated.
    pub(crate) fn add_missing(&mut self, effect: &Effect) {
        match effect {
            Effect::NotPredicted { .. } => {}
            Effect::Rule { transitions, .. } => {
                for one in transitions {
                    self.add(&format!("{effect} {one}"), &describe_rows(one.rows), "nothing");
                }
            }
            _ => self.add(&effect.to_string(), &describe(effect), "nothing"),
        }
    }

    /// An SQL file may do to rows what it likes, so what comes before it counts.
    pub(crate) fn compare_order(&mut self, done: &[(usize, &Effect)]) {
        let done: Vec<_> = done.iter().filter(|(_, effect)| !effect.is_none()).collect();
        if done.is_sorted_by_key(|(place, _)| place) {
            return;
        }
        let mut planned = done.clone();
        planned.sort_by_key(|(place, _)| place);
        let [planned, now] = [planned, done].map(|effects| {
            effects.iter().map(|(_, effect)| effect.to_string()).collect::<Vec<_>>().join(", ")
        });
        self.add("order", &planned, &now);
    }
}

fn rows_of(transitions: &[Transition], like: &Transition) -> u64 {
    let alike = |one: &&Transition| (&one.old, &one.new) == (&like.old, &like.new);
    transitions.iter().filter(alike).fold(0, |sum, one| sum.saturating_add(one.rows))
}

fn is_tolerated(planned: u64, now: u64, percent: f64) -> bool {
    let difference = planned.abs_diff(now);
    let small = difference <= ALWAYS_TOLERATED_ROWS
        || difference as f64 * 100.0 <= percent * planned as f64;
    difference == 0 || planned > 0 && small
}

fn describe_rows(rows: u64) -> String {
    if rows == 0 { "nothing".into() } else { format_count(rows, "row") }
}

fn describe(effect: &Effect) -> String {
    match effect {
        Effect::Rule { transitions, .. } => {
            describe_rows(transitions.iter().fold(0, |sum, one| sum.saturating_add(one.rows)))
        }
        Effect::Sql { objects, .. } if objects.is_empty() => "it runs".into(),
        Effect::Sql { objects, .. } => format!("it runs, with {}", describe_objects(objects)),
        Effect::Insert { rows, .. } | Effect::Delete { rows, .. } => describe_rows(*rows),
        Effect::Migration { recorded, prisma, .. } => {
            let history = if *recorded { "recorded" } else { "recorded before" };
            match prisma {
                PrismaRecord::Unmanaged => history.into(),
                PrismaRecord::New => format!("{history}, new to Prisma"),
                PrismaRecord::NoFile => format!("{history}, without a file for Prisma"),
                PrismaRecord::Already => format!("{history}, known to Prisma"),
                PrismaRecord::OtherFile => format!("{history}, known to Prisma from another file"),
                PrismaRecord::NotRecorded => format!("{history}, unknown to Prisma"),
            }
        }
        Effect::NotPredicted { reason } => reason.clone(),
    }
}

fn describe_objects(objects: &[ObjectChange]) -> String {
    let describe = |one: &ObjectChange| {
        let verb = match one.verb {
            ObjectVerb::Created => "new",
            ObjectVerb::Changed => "changed",
            ObjectVerb::Dropped => "dropped",
        };
        format!("{verb} {} {}", one.kind, one.name)
    };
    match objects {
        [] => "no object".into(),
        _ => objects.iter().map(describe).collect::<Vec<_>>().join(", "),
    }
}
