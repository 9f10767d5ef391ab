//! One measurement: time, processor time of both sides, memory, and what the server wrote to its log.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};

use super::data::FRESH;
use super::server::BenchServer;

/// How often the memory of a process is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// Ticks of a second, as the kernel counts processor time.
const TICKS: f64 = 100.0;

/// What a command took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// From the start of the process to its end.
    pub(crate) seconds: f64,
    /// Processor time of the server, in seconds.
    pub(crate) server_cpu: f64,
    /// Processor time of the process.
    pub(crate) client_cpu: f64,
    /// The most memory of the process, in kB.
    pub(crate) memory: u64,
    /// The most memory of the server's processes together that is their own, in kB.
    #[serde(default)]
    pub(crate) server_memory: u64,
    /// Bytes of the server's log.
    pub(crate) wal: u64,
    /// Bytes of the journal, for a changed row.
    pub(crate) journal: Option<f64>,
}

/// Runs a command to its end.
pub(crate) fn run(server: &BenchServer, mut command: Command) -> Measured {
    let (log, cpu, own) = (wal(server), server_cpu(server), children());
    let started = Instant::now();
    let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (mut memory, mut server_memory) = (0, 0);
    let status = loop {
        server_memory = private_memory(server).max(server_memory);
        memory = peak(process.id()).unwrap_or(memory).max(memory);
        if let Some(status) = process.try_wait().expect("a process") {
            break status;
        }
        thread::sleep(LOOK);
    };
    let seconds = started.elapsed().as_secs_f64();
    assert!(status.success(), "{command:?}");
    Measured {
        seconds,
        client_cpu: children() - own,
        server_cpu: server_cpu(server) - cpu,
        memory,
        server_memory,
        wal: wal(server).saturating_sub(log),
        journal: journal(server),
    }
}

/// The processor time of the processes that this one has waited for.
fn children() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage");
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    seconds(usage.user_time()) + seconds(usage.system_time())
}

/// The highest memory of a process so far, in kB.
fn peak(pid: u32) -> Option<u64> {
    status_line(pid, "VmHWM:")
}

fn status_line(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The memory of the server's processes, without what they share, in kB.
fn private_memory(server: &BenchServer) -> u64 {
    let children = format!("/proc/{0}/task/{0}/children", server.pid());
    let children = fs::read_to_string(children).unwrap_or_default();
    let pids = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    pids.filter_map(|pid| status_line(pid, "RssAnon:")).sum()
}

/// The processor time of the server: of its first process with those that have ended, and of those that live.
fn server_cpu(server: &BenchServer) -> f64 {
    let mut ticks = BTreeMap::new();
    for entry in fs::read_dir("/proc").expect("Linux").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let number =
            |at: usize| fields.get(at).and_then(|field| field.parse::<i64>().ok()).unwrap_or(0);
        if pid == server.pid() {
            ticks.insert(pid, number(11) + number(12) + number(13) + number(14));
        } else if number(1) == i64::from(server.pid()) {
            ticks.insert(pid, number(11) + number(12));
        }
    }
    ticks.values().sum::<i64>() as f64 / TICKS
}

fn wal(server: &BenchServer) -> u64 {
    let sql = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')";
    server.value("postgres", sql).parse().expect("a number")
}

/// Bytes of the newest run's journal for each of its rows, with what the server stores beside its columns.
fn journal(server: &BenchServer) -> Option<f64> {
    if server.value(FRESH, "SELECT to_regclass('leora_run.transition') IS NOT NULL") != "t" {
        return None;
    }
    let sql = "SELECT sum(pg_column_size(t.*)) / sum(rows) FROM leora_run.transition t \
        WHERE run = (SELECT id FROM leora_run.run ORDER BY number DESC LIMIT 1)";
    server.value(FRESH, sql).parse().ok()
}

/// The median of one part of several measurements.
pub(super) fn median(of: &[Measured], part: impl Fn(&Measured) -> f64) -> f64 {
    let mut values: Vec<f64> = of.iter().map(part).collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// The processor time of the server and the program together, in seconds.
pub(super) fn cpu(one: &Measured) -> f64 {
    one.server_cpu + one.client_cpu
}
