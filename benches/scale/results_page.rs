//! `RESULTS.md`: medians, spread, and the ratios that matter.

use std::fmt::Write;
use std::fs;

use super::bounds::filled;
use super::data::path;
use super::measure::{Measured, cpu, median};
use super::results::{self, ByName};
use super::server::BenchServer;

/// A ratio within one run: what it is called, size, numerator, denominator, the most that it should be.
const RATIOS: [(&str, u64, &str, &str, f64); 21] = [
    (
        "classify 1,000,000 with journal: rewrite / one UPDATE in psql",
        1_000_000,
        "rewrite",
        "one UPDATE",
        0.33,
    ),
    ("the same: batches on 2 connections / one UPDATE", 1_000_000, "batches", "one UPDATE", 0.80),
    ("the same: update / one UPDATE", 1_000_000, "update", "one UPDATE", 1.15),
    (
        "rewrite with journal / CREATE TABLE AS with the same indexes",
        1_000_000,
        "rewrite",
        "CREATE TABLE AS",
        1.25,
    ),
    (
        "phase 2 on 1,000,000 / the original's statements in psql",
        1_000_000,
        "phase 2",
        "phase 2, original",
        0.12,
    ),
    (
        "phase 2 on 5,394, whole process / the same statements in psql -1 -f",
        5_394,
        "phase 2",
        "phase 2, original",
        0.42,
    ),
    (
        "the same / the program on Prisma, without its sleep",
        5_394,
        "phase 2",
        "phase 2, Prisma",
        0.14,
    ),
    ("undo with its own journal / one UPDATE", 1_000_000, "undo", "one UPDATE", 1.20),
    ("plan of a folder without SQL files / its run with update", 1_000_000, "plan", "update", 0.05),
    (
        "what-if of 12 combinations / one GROUP BY preview",
        1_000_000,
        "what-if, 12 combinations",
        "preview",
        2.0,
    ),
    (
        "classify 1,000,000 by their 5,000,000 orders: update / UPDATE ... FROM (SELECT ... GROUP BY)",
        1_000_000,
        "orders, update",
        "orders, one UPDATE",
        1.15,
    ),
    (
        "the same: plan / one GROUP BY preview with the orders",
        1_000_000,
        "orders, plan",
        "orders, preview",
        1.3,
    ),
    (
        "the same: what-if of 12 combinations / of one",
        1_000_000,
        "orders, what-if of 12",
        "orders, what-if of one",
        2.0,
    ),
    (
        "phase 2 on 1,000,000 / CREATE TABLE AS with both columns and the same indexes",
        1_000_000,
        "phase 2",
        "CREATE TABLE AS, phase 2",
        1.30,
    ),
    (
        "undo of phase 2 on 1,000,000 / one UPDATE that puts both columns back",
        1_000_000,
        "undo of phase 2",
        "two columns, UPDATE back",
        0.50,
    ),
    (
        "two rules, update / one UPDATE of both columns",
        1_000_000,
        "two rules, update",
        "two columns, one UPDATE",
        1.10,
    ),
    (
        "two rules, batches on 2 connections / the same",
        1_000_000,
        "two rules, batches",
        "two columns, one UPDATE",
        0.75,
    ),
    (
        "two rules, rewrite / the same",
        1_000_000,
        "two rules, rewrite",
        "two columns, one UPDATE",
        0.38,
    ),
    (
        "undo of the rewritten two rules / one UPDATE that puts both columns back",
        1_000_000,
        "two rules, undo of a rewrite",
        "two columns, UPDATE back",
        0.50,
    ),
    (
        "undo of two rules by update / the same",
        1_000_000,
        "two rules, undo",
        "two columns, UPDATE back",
        1.20,
    ),
    (
        "five rules on one table, rewrite / one rule",
        1_000_000,
        "five rules, rewrite",
        "rewrite",
        1.6,
    ),
];

/// What is compared at two sizes.
const GROWN: [&str; 9] = [
    "update",
    "rewrite",
    "batches",
    "undo",
    "phase 2",
    "orders, update",
    "two rules, update",
    "two rules, rewrite",
    "undo of phase 2",
];

/// Writes the results; `missing` is why the program on Prisma was not measured this time. Those of a part of the contestants
/// do not replace the page of all.
pub(crate) fn write(server: &BenchServer, missing: Option<&String>, is_all: bool) {
    let sizes = results::all();
    let mut text = String::from(
        "# Results\n\nWritten by `just bench`; the last section is `bounds.md` with its figures filled in.\n\n",
    );
    text += &machine(server);
    text += "\n## Ratios\n\nOf medians, and in brackets of processor time (both sides).\n\n| what | at most | measured | rounds |\n| --- | --- | --- | --- |\n";
    for (what, size, above, below, most) in RATIOS {
        let measured = sizes.get(&size).and_then(|by| Some((by.get(above)?, by.get(below)?)));
        let _ = writeln!(
            text,
            "| {what} | {most} | {} |",
            measured.map_or("not measured | 0".into(), |(a, b)| told(a, b, most))
        );
    }
    if let (Some(large), Some(small)) = (sizes.get(&1_000_000), sizes.get(&200_000)) {
        for name in GROWN {
            if let (Some(a), Some(b)) = (large.get(name), small.get(name)) {
                let _ = writeln!(
                    text,
                    "| {name}: time at 1,000,000 / time at 200,000 | 5.5 | {} |",
                    told(a, b, 5.5)
                );
            }
        }
    }
    text += &absolutes(&sizes.values().collect::<Vec<_>>());
    let prisma = sizes.values().any(|by_name| by_name.contains_key("phase 2, Prisma"));
    if let (false, Some(reason)) = (prisma, missing) {
        let _ = writeln!(text, "\nThe program on Prisma was not measured: {reason}");
    }
    for (size, by_name) in &sizes {
        text += &table(*size, by_name);
    }
    let bounds = fs::read_to_string(path("benches/bounds.md")).expect("it is there");
    let bounds = filled(&bounds, &sizes);
    let page = match is_all {
        true => path("benches/RESULTS.md").into(),
        false => results::folder().join("RESULTS.md"),
    };
    fs::write(&page, format!("{text}\n{bounds}")).expect("a file");
    eprintln!("the results are in {}", page.display());
}

/// The machine, without its name.
fn machine(server: &BenchServer) -> String {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo")
        .split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<u64>().ok())
        .unwrap_or(0);
    let system = read("/etc/os-release").lines().find_map(|line| {
        line.strip_prefix("PRETTY_NAME=").map(|name| name.trim_matches('"').to_owned())
    });
    let version = server.value("postgres", "SHOW server_version");
    let load = read("/proc/loadavg").split_whitespace().next().unwrap_or("").to_owned();
    format!(
        "{cores} cores, {} GB of memory, {}, PostgreSQL {version} with `shared_buffers = 1GB` and `max_wal_size = 8GB`; load when it ended: {load}.\n",
        memory / 1_000_000,
        system.unwrap_or_default()
    )
}

fn told(above: &[Measured], below: &[Measured], most: f64) -> String {
    let ratio = median(above, |one| one.seconds) / median(below, |one| one.seconds);
    let mark = if ratio <= most { "✓" } else { "✗" };
    let work = median(above, cpu) / median(below, cpu).max(0.01);
    format!("{ratio:.3} {mark} ({work:.3}) | {}", above.len().min(below.len()))
}

fn absolutes(sizes: &[&ByName]) -> String {
    let ours = |by: &&ByName| {
        let names =
            ["update", "rewrite", "batches", "undo", "plan", "phase 2", "what-if, 12 combinations"];
        names.iter().filter_map(|name| by.get(*name)).flatten().map(|one| one.memory).max()
    };
    let memory = sizes.iter().filter_map(ours).max().unwrap_or(0) as f64 / 1024.0;
    let check: Vec<Measured> =
        sizes.iter().filter_map(|by| by.get("check")).flatten().cloned().collect();
    let journal: f64 = sizes
        .iter()
        .filter_map(|by| by.get("update"))
        .flatten()
        .filter_map(|one| one.journal)
        .fold(0.0, f64::max);
    let mark = |good: bool| if good { "✓" } else { "✗" };
    let mut text = format!(
        "| peak memory of the process, any size, in MB | 50 | {memory:.1} {} | |\n",
        mark(memory <= 50.0)
    );
    if !check.is_empty() {
        let ms = median(&check, |one| one.seconds * 1e3);
        let _ = writeln!(
            text,
            "| check of all shipped folders, in ms | 30 | {ms:.1} {} | {} |",
            mark(ms <= 30.0),
            check.len()
        );
    }
    let _ = writeln!(
        text,
        "| journal bytes for a changed row, uuid keys | 20 | {journal:.1} {} | |",
        mark(journal <= 20.0)
    );
    text
}

fn table(size: u64, by_name: &ByName) -> String {
    let when = results::ended(size).unwrap_or_default();
    let mut text = format!(
        "\n## {size} rows\n\nThe last round ended {when} UTC.\n\n| what | seconds (least to most) | server CPU | client CPU | memory MB | server MB | log MB |\n| --- | --- | --- | --- | --- | --- | --- |\n"
    );
    for (name, all) in by_name {
        let (mut least, mut most) = (f64::MAX, 0.0_f64);
        for one in all {
            (least, most) = (least.min(one.seconds), most.max(one.seconds));
        }
        let _ = writeln!(
            text,
            "| {name} | {:.3} ({least:.3} to {most:.3}) | {:.2} | {:.2} | {:.1} | {:.1} | {:.1} |",
            median(all, |one| one.seconds),
            median(all, |one| one.server_cpu),
            median(all, |one| one.client_cpu),
            median(all, |one| one.memory as f64) / 1024.0,
            median(all, |one| one.server_memory as f64) / 1024.0,
            median(all, |one| one.wal as f64) / 1e6,
        );
    }
    text
}
