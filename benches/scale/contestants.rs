//! Who competes: this tool in each of its ways, psql, and the program on Prisma.

use std::process::{Command, Stdio};

use super::data::{FRESH, Tables, path};
use super::prisma::PrismaProgram;
use super::server::BenchServer;

/// Commands that are measured one after the other on one fresh copy of the data.
pub(crate) struct Contestant<'p> {
    steps: Vec<(&'static str, Step<'p>)>,
}

enum Step<'p> {
    /// A file, with these options of psql.
    Psql(&'static str, &'static [&'static str]),
    /// The single best UPDATE, by two psql at the same time, each for one half of the table's pages.
    Halves,
    /// This program, with these arguments.
    Leora(String),
    /// The program on Prisma.
    Prisma(&'p PrismaProgram),
}

/// Those that compete at this size; the program on Prisma where it is to be had.
pub(crate) fn contestants(size: u64, prisma: Option<&PrismaProgram>) -> Vec<Contestant<'_>> {
    let folder = |name: &str| path(&format!("benches/folders/{name}"));
    let phase2 = path("scripts/phase2");
    let vary = "--vary active_within=60d,90d,120d,180d --vary target_within=270d,365d,400d";
    let rows = format!("--rows {}", path("target/tmp/bench/rows.csv"));
    let mut all = vec![
        vec![
            ("one UPDATE", Step::Psql("update.sql", &[])),
            ("a second UPDATE", Step::Psql("second_update.sql", &[])),
        ],
        vec![("update", Step::Leora(folder("update"))), ("undo", Step::Leora("undo".into()))],
        vec![
            ("rewrite", Step::Leora(folder("rewrite"))),
            ("undo of a rewrite", Step::Leora("undo".into())),
        ],
        vec![("update, rows listed", Step::Leora(format!("{} {rows}", folder("update"))))],
        vec![("batches", Step::Leora(folder("batches")))],
        vec![("two UPDATEs at once", Step::Halves)],
        vec![("CREATE TABLE AS", Step::Psql("create_table_as.sql", &[]))],
        vec![
            ("preview", Step::Psql("preview.sql", &[])),
            ("plan", Step::Leora(format!("plan {}", folder("update")))),
            ("plan, rows listed", Step::Leora(format!("plan {} {rows}", folder("update")))),
            (
                "what-if, 12 combinations",
                Step::Leora(format!("what-if {} {vary}", folder("update"))),
            ),
            ("check", Step::Leora("check".into())),
            ("psql, nothing", Step::Psql("nothing.sql", &[])),
            ("status", Step::Leora("status".into())),
        ],
        vec![(
            "phase 2, original",
            Step::Psql("original.sql", if size <= SMALL { &["-1"] } else { &[] }),
        )],
        vec![("phase 2", Step::Leora(phase2.clone()))],
        // The others of phase 2 must all leave the same.
        vec![
            ("undone: phase 2", Step::Leora(phase2)),
            ("undo of phase 2", Step::Leora("undo".into())),
        ],
        vec![("CREATE TABLE AS, phase 2", Step::Psql("phase2_copy.sql", &[]))],
    ];
    all.extend(several_rules());
    if size > SMALL {
        let plan = |name: &str| Step::Leora(format!("plan {}", folder(name)));
        let what_if = |vary: &str| Step::Leora(format!("what-if {} {vary}", folder("orders")));
        all.extend([
            vec![("lookup of 100,000, psql", Step::Psql("lookup.sql", &[]))],
            vec![
                ("lookup of 100,000, plan", plan("lookup")),
                ("lookup of 100,000", Step::Leora(folder("lookup"))),
            ],
            vec![("list of 100,000, psql", Step::Psql("list.sql", &[]))],
            vec![
                ("list of 100,000, plan", plan("list")),
                ("list of 100,000", Step::Leora(folder("list"))),
            ],
            vec![(ORDERS_BY_HAND, Step::Psql("orders_update.sql", &[]))],
            vec![("orders, update", Step::Leora(folder("orders")))],
            vec![
                ("orders, preview", Step::Psql("orders_preview.sql", &[])),
                ("orders, plan", plan("orders")),
                ("orders, what-if of one", what_if("--vary least=3")),
                (
                    "orders, what-if of 12",
                    what_if("--vary least=2,3,5,6 --vary much=5000,15000,20000"),
                ),
            ],
        ]);
    }
    if size <= SMALL {
        all.push(vec![("phase 2, least", Step::Psql("least.sql", &["-1"]))]);
    }
    if let (true, Some(prisma)) = (size <= SMALL, prisma) {
        all.push(vec![("phase 2, Prisma", Step::Prisma(prisma))]);
    }
    all.into_iter().map(|steps| Contestant { steps }).collect()
}

/// Several rules of one table, which are written together.
fn several_rules() -> Vec<Vec<(&'static str, Step<'static>)>> {
    let run = |name: &str| Step::Leora(path(&format!("benches/folders/{name}")));
    let undo = || Step::Leora("undo".into());
    vec![
        vec![
            ("two columns, one UPDATE", Step::Psql("both_update.sql", &[])),
            ("two columns, UPDATE back", Step::Psql("both_back.sql", &[])),
        ],
        vec![("two rules, update", run("two-update")), ("two rules, undo", undo())],
        vec![("two rules, rewrite", run("two-rewrite")), ("two rules, undo of a rewrite", undo())],
        vec![("two rules, batches", run("two-batches"))],
        vec![("five rules, rewrite", run("five"))],
    ]
}

const ORDERS_BY_HAND: &str = "orders, one UPDATE";

/// Up to this size phase 2 is measured as a whole process, against one transaction of psql and against Prisma.
pub(crate) const SMALL: u64 = 5_394;

impl Contestant<'_> {
    /// The commands, each with its name.
    pub(crate) fn commands(self, server: &BenchServer) -> Vec<(String, Command)> {
        self.steps.into_iter().map(|(name, step)| (name.to_owned(), step.command(server))).collect()
    }

    /// Whether this is a part of the name of one of its commands.
    pub(crate) fn is_named(&self, part: &str) -> bool {
        self.steps.iter().any(|(name, _)| name.contains(part))
    }

    /// The tables that it needs.
    pub(crate) fn tables(&self) -> Tables {
        let orders = self.steps.iter().any(|(name, _)| name.starts_with("orders"));
        if orders { Tables::Orders } else { Tables::Customers }
    }

    /// What it leaves that others leave too.
    pub(crate) fn makes(&self) -> Option<&'static str> {
        let (name, _) = self.steps.first()?;
        match *name {
            ORDERS_BY_HAND | "orders, update" => Some("what classes by orders are"),
            name if name.starts_with("phase 2") => Some("what Phase 2 makes"),
            _ => None,
        }
    }
}

impl Step<'_> {
    fn command(self, server: &BenchServer) -> Command {
        let mut command = match self {
            Self::Prisma(program) => program.command(&server.url(FRESH)),
            Self::Psql(file, options) => {
                let mut psql = server.psql(FRESH);
                psql.args(options).args(["-f", &path(&format!("benches/sql/{file}"))]);
                psql.current_dir(env!("CARGO_MANIFEST_DIR"));
                psql
            }
            Self::Halves => {
                let mut both = Command::new("sh");
                both.args([
                    "-c",
                    "\"$@\" -v half=1 & one=$!; \"$@\" -v half=2 && wait $one",
                    "psql",
                ]);
                let psql = server.psql(FRESH);
                both.arg(psql.get_program()).args(psql.get_args());
                both.args(["-f", &path("benches/sql/half_update.sql")]);
                both
            }
            Self::Leora(arguments) => {
                let mut leora = Command::new(env!("CARGO_BIN_EXE_leora-run"));
                leora.args(arguments.split_whitespace());
                if arguments != "check" {
                    leora.args(["--database-url", &server.url(FRESH), "--confirm", FRESH]);
                }
                leora.current_dir(env!("CARGO_MANIFEST_DIR"));
                leora
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}
