//! Tallies of what a run of the suite tried, in files that are read when the suite has passed.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

type Tally = OnceLock<Mutex<File>>;

/// Counts a fault that is tried. Whoever tries it compares the data afterwards, and fails when a row is lost or a
/// half of the work stays: so a suite that passed has lost none.
pub fn tried(fault: &str) {
    static TALLY: Tally = OnceLock::new();
    count(&TALLY, "faults-tried", fault);
}

/// Counts an attack that is tried. Whoever tries it fails when the program crashes, writes what it may not, or tells a
/// secret: so a suite that passed has seen none of it.
pub fn attacked(attack: &str) {
    static TALLY: Tally = OnceLock::new();
    count(&TALLY, "attacks-tried", attack);
}

fn count(tally: &'static Tally, file: &str, what: &str) {
    let tally = tally.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
        let file = OpenOptions::new().create(true).write(true).truncate(true).open(path);
        Mutex::new(file.expect("a file for the tally"))
    });
    let mut file = tally.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(file, "{}", what.replace('\n', " ")).expect("the tally is kept");
}
