//! Others who edit the table while runs and undos are at work, each edit with its account.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::{Database, Random, Session};

/// Numbers that no two edits share, so that each value tells where it is from.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Edits as often as it can until `stop`, over new connections where one is lost; returns how often it could.
pub(super) fn edit_until(database: &Database, rows: u64, seed: u64, stop: &AtomicBool) -> u64 {
    let (mut random, mut edits, mut session) = (Random::of(seed), 0, None);
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(1 + random.below(8)));
        let Some(connected) = session.take().or_else(|| Session::try_of(&database.url()).ok())
        else {
            continue;
        };
        let mut connected: Session = connected;
        match connected.try_run(&statement(&mut random, rows)) {
            Ok(()) => {
                edits += 1;
                session = Some(connected);
            }
            // It is refused as any edit may be, such as by a deadlock with another editor.
            Err(error) if error.starts_with("40") || error.starts_with("55P03") => {
                session = Some(connected)
            }
            Err(_) => {}
        }
    }
    edits
}

/// One edit of a random row, seldom a new row or one that is deleted.
pub(super) fn statement(random: &mut Random, rows: u64) -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let place = 1 + random.below(rows);
    match random.below(20) {
        0 => format!("SELECT add({})", 1_000_000 + number),
        1 => format!("SELECT remove({place})"),
        // As a rule would write it, too.
        2 => format!("SELECT edit({place}, 'first')"),
        _ => format!("SELECT edit({place}, 'by hand {number}')"),
    }
}
