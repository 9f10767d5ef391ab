//! One case of the soak: a database, a table of some form, and steps of runs and undos.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::faults::{Fault, OldTransaction};
use super::ledger::{check_done, check_status, check_undo, check_values};
use super::table::Form;
use super::{Tally, editors};
use crate::support::{Database, Output, OwnServer, Project, Random};

const EDITORS: u64 = 2;

pub(super) struct Case<'s> {
    server: &'s OwnServer,
    seed: u64,
    random: Random,
    form: Form,
    project: Project,
    database: Database,
    /// The number in the values that the script gives.
    number: u64,
    old: Option<OldTransaction>,
}

impl<'s> Case<'s> {
    pub(super) fn of(server: &'s OwnServer, seed: u64) -> Self {
        let mut random = Random::of(seed);
        let (form, project, database) = (Form::pick(&mut random), Project::new(), server.empty());
        database.run(&form.sql());
        Self { server, seed, random, form, project, database, number: 0, old: None }
    }

    /// Its steps, as long as there is time; what must hold at the end holds in any case.
    pub(super) fn run(mut self, deadline: Instant, tally: &mut Tally) {
        for step in 1..=3 + self.random.below(4) {
            if Instant::now() >= deadline {
                break;
            }
            let fault = Fault::pick(&mut self.random);
            let undoes = self.number > 0 && self.random.one_in(4);
            if !undoes && (self.number == 0 || self.random.one_in(2)) {
                self.number += 1;
                self.form.write_script(&self.project, self.number);
            }
            let verb = if undoes { "undo" } else { "scripts/try" };
            let told = format!(
                "seed {}, step {step}, {} {verb}, {fault:?}",
                self.seed, self.form.strategy
            );
            self.step(verb, fault, &told, tally);
        }
        self.end(tally);
        tally.add("cases", 1);
    }

    /// Runs the program while others edit and something happens to it, and checks what it left.
    fn step(&mut self, verb: &str, fault: Fault, told: &str, tally: &mut Tally) {
        let proxy = fault.proxy(&self.database, &mut self.random);
        let mut command = self.project.command(&format!(
            "{verb} --format json --lock-timeout 300ms --lock-retries 2 --commit-wait 5s"
        ));
        let url = match &proxy {
            Some(proxy) => self.database.url_by(proxy.port()),
            None => self.database.url(),
        };
        command.args(["--database-url", &url, "--confirm", &self.database.name]);
        let (stop, rows) = (AtomicBool::new(false), self.form.rows);
        if fault == Fault::OldTransaction {
            self.old = Some(OldTransaction::begin(&self.database, &mut self.random));
        }
        let late = if self.random.one_in(2) { self.old.take() } else { None };
        let (output, edits) = thread::scope(|scope| {
            let (database, stop) = (&self.database, &stop);
            let edit = |seed| scope.spawn(move || editors::edit_until(database, rows, seed, stop));
            let editors: Vec<_> = (0..EDITORS).map(|_| edit(self.random.below(1 << 40))).collect();
            let run = self.project.start(&mut command);
            if let Some(old) = late {
                thread::sleep(Duration::from_millis(self.random.below(300)));
                old.end(&mut self.random, rows);
            }
            fault.strike(&run, self.server, (&self.project, database), &mut self.random);
            let output = Output::of(run.wait_with_output().expect("it ends"));
            stop.store(true, Ordering::Relaxed);
            let edits = editors.into_iter().map(|editor| editor.join().expect("an editor"));
            (output, edits.sum())
        });
        self.database.wait_for_silence();
        tally.add("steps", 1);
        tally.add("edits", edits);
        tally.add(&format!("{fault:?}"), 1);
        tally.add(&format!("{}: exit {}", verb.trim_start_matches("scripts/"), output.code), 1);
        crate::support::tried(&format!("soak: {fault:?}"));
        self.check(verb, &output, fault, told);
    }

    #[track_caller]
    fn check(&self, verb: &str, output: &Output, fault: Fault, told: &str) {
        let quiet = fault == Fault::Nothing;
        let may: &[i32] = if quiet { &[0, 3] } else { &[0, 3, 5, 6, 130, -1] };
        let nothing_to_undo = verb == "undo" && output.code == 2;
        assert!(may.contains(&output.code) || nothing_to_undo, "{told}: {output:?}");
        check_values(&self.database, &self.form, told);
        check_status(&self.project, &self.database, told);
        if output.code == -1 || nothing_to_undo {
            return;
        }
        let report = output.json();
        let run = report["run"].as_str().expect("an id");
        if verb != "undo"
            && output.code == 0
            && fault != Fault::RivalUndo
            && fault != Fault::RivalRun
        {
            check_done(&self.database, &self.form, run, self.number, told);
        }
        let stays = "SELECT coalesce(sum(rows), 0) FROM leora_run.transition WHERE run = ";
        if let (Some(committed), true) = (report["committed"].as_u64(), fault != Fault::RivalUndo) {
            let journalled = self.database.value(&format!("{stays}'{run}'"));
            assert_eq!(committed.to_string(), journalled, "{told}: what it says stays: {output:?}");
        }
    }

    /// Goes on with what has stopped, undone is all in the end, and what nobody has edited is as it was.
    fn end(&mut self, tally: &mut Tally) {
        let told = format!("seed {}, the end, {}", self.seed, self.form.strategy);
        if let Some(old) = self.old.take() {
            old.end(&mut self.random, self.form.rows);
        }
        let output = self.project.run(&self.database, "scripts/try --format json");
        let output = output.exits(0);
        let report = output.json();
        let run = report["run"].as_str().expect("an id");
        check_done(&self.database, &self.form, run, self.number, &told);
        check_values(&self.database, &self.form, &told);
        while check_undo(&self.project, &self.database, &self.form, &told) {
            tally.add("quiet undos", 1);
            check_values(&self.database, &self.form, &told);
            check_status(&self.project, &self.database, &told);
        }
        let changed = self.database.value(&format!(
            "SELECT count(*) FROM (SELECT {} AS key, mood FROM \"Item\") item JOIN beginning USING (key) \
              WHERE mood IS DISTINCT FROM value AND key NOT IN (SELECT key FROM edit)",
            self.form.key
        ));
        assert_eq!(changed, "0", "{told}: rows that nobody has edited, after all was undone");
    }
}
