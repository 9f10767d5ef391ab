//! A tally of the faults that a run of the suite tried, in a file that is read when the suite has passed.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

/// Counts a fault that is tried. Whoever tries it compares the data afterwards, and fails when a row is lost or a
/// half of the work stays: so a suite that passed has lost none.
pub fn tried(fault: &str) {
    static TALLY: OnceLock<Mutex<File>> = OnceLock::new();
    let tally = TALLY.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults-tried");
        let file = OpenOptions::new().create(true).write(true).truncate(true).open(path);
        Mutex::new(file.expect("a file for the tally"))
    });
    let mut file = tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    writeln!(file, "{fault}").expect("the tally is kept");
}
