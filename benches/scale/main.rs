//! What each way to write costs, side by side in one run. `benches/README.md` tells how to run it, and what with.

mod bounds;
mod contestants;
mod data;
mod measure;
#[path = "../../tests/support/packages.rs"]
mod packages;
mod prisma;
mod results;
mod results_page;
mod server;

use std::collections::BTreeMap;
use std::env;

use contestants::{Contestant, SMALL, contestants};
use prisma::PrismaProgram;
use results::Results;
use server::BenchServer;

/// The sizes that are measured when none is given.
const SIZES: [u64; 3] = [5_394, 200_000, 1_000_000];
/// Alternating rounds of every contestant.
const ROUNDS: u32 = 5;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

fn main() {
    let given: Vec<u64> = env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let mut sizes = if given.is_empty() { SIZES.to_vec() } else { given };
    sizes.extend(number("BENCH_ROWS"));
    let rounds = number("BENCH_ROUNDS").map_or(ROUNDS, |rounds| rounds as u32);
    let resume = env::var_os("BENCH_RESUME").is_some();
    let only = env::var("BENCH_ONLY").ok();
    let server = BenchServer::start();
    let prisma = match sizes.iter().any(|size| *size <= SMALL) {
        true if only.is_none() => PrismaProgram::prepare(),
        true => Err("only some were asked for".to_owned()),
        false => Err("it runs at 5,394 rows".to_owned()),
    };
    for size in sizes {
        let mut results = Results::open(size, resume);
        let missing = rounds.saturating_sub(results.rounds());
        if missing > 0 {
            data::build(&server, size);
        }
        for round in 0..missing {
            eprintln!("{size} rows, round {} of {rounds}", results.rounds() + 1);
            let all = contestants(size, prisma.as_ref().ok());
            let asked = |one: &Contestant| only.as_ref().is_none_or(|name| one.is_named(name));
            let measured = one_round(&server, size, round, all.into_iter().filter(asked).collect());
            results.keep(&measured);
        }
        data::drop(&server, size);
        results_page::write(&server, prisma.as_ref().err(), only.is_none());
    }
}

/// Every contestant once, each on a fresh copy, with their order turned around every other time.
/// All that do Phase 2 must make the same of it, and all that classify by orders.
fn one_round(
    server: &BenchServer,
    size: u64,
    round: u32,
    mut all: Vec<Contestant<'_>>,
) -> Vec<(String, measure::Measured)> {
    if round % 2 == 1 {
        all.reverse();
    }
    let (mut measured, mut made) = (Vec::new(), BTreeMap::new());
    for contestant in all {
        let (tables, makes) = (contestant.tables(), contestant.makes());
        data::fresh(server, size, tables);
        for (name, command) in contestant.commands(server) {
            let one = measure::run(server, command);
            eprintln!("  {name:<28} {:>8.3} s", one.seconds);
            measured.push((name, one));
        }
        if let Some(what) = makes {
            let ours = data::made(server, tables);
            assert_eq!(made.entry(what).or_insert_with(|| ours.clone()), &ours, "{what}");
        }
    }
    measured
}
