//! What happens to a run or an undo, at a random moment.

use std::process::Child;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::editors;
use crate::support::{Breakpoint, Database, OwnServer, Project, Proxy, Random, Session};

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Nothing,
    Kill,
    Interrupt,
    Restart,
    Crash,
    TerminateAny,
    TerminateHolder,
    CutCommit,
    RivalRun,
    RivalUndo,
    MoveRows,
    OldTransaction,
}

const ALL: [Fault; 14] = [
    Fault::Nothing,
    Fault::Kill,
    Fault::Kill,
    Fault::Interrupt,
    Fault::Restart,
    Fault::Crash,
    Fault::TerminateAny,
    Fault::TerminateHolder,
    Fault::CutCommit,
    Fault::CutCommit,
    Fault::RivalRun,
    Fault::RivalUndo,
    Fault::MoveRows,
    Fault::OldTransaction,
];

const MOVES: [&str; 3] =
    ["VACUUM FULL \"Item\"", "CLUSTER \"Item\" USING item_n", "VACUUM \"Item\""];

/// The session that holds the lock of runs, of whichever kind of run.
const HOLDER: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
    AND (classid::bigint << 32 | objid::bigint) = x'6c656f72612d7275'::bigint";

const ANY: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
    AND application_name = 'leora-run' ORDER BY md5(pid::text || now()::text) LIMIT 1";

impl Fault {
    pub(super) fn pick(random: &mut Random) -> Self {
        ALL[random.below(ALL.len() as u64) as usize]
    }

    /// The proxy that the program goes through, where its connection is to be cut.
    pub(super) fn proxy(self, database: &Database, random: &mut Random) -> Option<Proxy> {
        let cuts = [Breakpoint::Before, Breakpoint::After, Breakpoint::Late];
        let (cut, nth) = (cuts[random.below(3) as usize], random.below(8) as usize);
        (self == Self::CutCommit).then(|| Proxy::start_at(database, cut, Duration::ZERO, nth))
    }

    /// Lets it happen while the program runs. What can't be done, since the server is just away or the run has ended, is
    /// left.
    pub(super) fn strike(
        self,
        run: &Child,
        server: &OwnServer,
        (project, database): (&Project, &Database),
        random: &mut Random,
    ) {
        let moment = Duration::from_millis(20 + random.below(700));
        let send = |signal| {
            let _ = kill(Pid::from_raw(run.id().cast_signed()), signal);
        };
        let sql = |text: &str| {
            if let Ok(mut session) = Session::try_of(&database.url()) {
                let _ = session.try_run(text);
            }
        };
        thread::sleep(moment);
        match self {
            Self::Nothing | Self::CutCommit => {}
            // What stays open writes when the run goes on.
            Self::Kill | Self::OldTransaction => send(Signal::SIGKILL),
            Self::Interrupt => send(Signal::SIGINT),
            Self::Restart => server.restart(),
            Self::Crash => server.crash(),
            Self::TerminateAny => sql(ANY),
            Self::TerminateHolder => sql(HOLDER),
            Self::MoveRows => sql(MOVES[random.below(3) as usize]),
            Self::RivalRun | Self::RivalUndo => {
                let verb = if self == Self::RivalRun { "scripts/try" } else { "undo" };
                let wait = ["0s", "300ms", "5s"][random.below(3) as usize];
                let output = project.run(database, &format!("{verb} --wait-lock {wait}"));
                // There may be nothing to undo.
                assert!([0, 2, 3, 5].contains(&output.code), "a rival {verb}: {output:?}");
            }
        }
    }
}

/// A transaction of the application that was open before a run began.
pub(super) struct OldTransaction(Session);

impl OldTransaction {
    pub(super) fn begin(database: &Database, random: &mut Random) -> Self {
        let mut session = database.session();
        let begins = ["SELECT txid_current()", "SAVEPOINT part; INSERT INTO elsewhere VALUES (1)"];
        session.run(&format!("BEGIN; {}", begins[random.below(2) as usize]));
        Self(session)
    }

    /// Writes, unless the server has been restarted meanwhile, or the locks of a run are in its way.
    pub(super) fn end(mut self, random: &mut Random, rows: u64) {
        let edits: Vec<String> = (0..5).map(|_| editors::statement(random, rows)).collect();
        let edits = edits.join("; ");
        let _ = self.0.try_run(&format!("SET LOCAL lock_timeout = '1s'; {edits}; COMMIT"));
        let _ = self.0.try_run("ROLLBACK");
    }
}
