//! What should take no longer than so much, on a machine that has other work as well.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// Does something that takes no longer than this on a quiet machine, and on a busy one as much longer as others want
/// its processors too.
#[track_caller]
pub fn promptly<T>(limit: Duration, what: &str, act: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = act();
    let (took, allowed) = (started.elapsed(), limit.mul_f64(1.0 + waiting()));
    assert!(took < allowed, "{what} took {took:?}, and has {allowed:?}");
    done
}

/// How many processes want each processor, in the last minute; none where the system does not tell.
fn waiting() -> f64 {
    let told = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = told.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0);
    load / thread::available_parallelism().map_or(1, usize::from) as f64
}
