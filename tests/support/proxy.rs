//! A proxy between the program and the server that cuts the connection at a COMMIT.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Database;
use super::wire::{Server, Wire};

/// When the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breakpoint {
    /// The server never gets the COMMIT.
    Before,
    /// The server has committed; nobody hears of it.
    After,
    /// The program is cut off, and the server gets the COMMIT 700 ms later.
    Late,
}

const LATE: Duration = Duration::from_millis(700);

/// A proxy on a port of its own.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    cut: Breakpoint,
    away: Duration,
    /// How many COMMITs pass before.
    left: AtomicUsize,
    was_cut: AtomicBool,
    back_at: AtomicU64,
    begun: Instant,
    server: Server,
}

impl Proxy {
    /// Starts one before the database's server, that cuts at the first COMMIT. After the cut the server stays away for this
    /// long.
    pub fn start(database: &Database, cut: Breakpoint, away: Duration) -> Self {
        Self::start_at(database, cut, away, 0)
    }

    /// The same for a later COMMIT, counted from 0.
    pub fn start_at(database: &Database, cut: Breakpoint, away: Duration, nth: usize) -> Self {
        super::tried("a connection cut at COMMIT");
        let server = Server::of(database);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            cut,
            away,
            left: AtomicUsize::new(nth),
            was_cut: AtomicBool::new(false),
            back_at: AtomicU64::new(0),
            begun: Instant::now(),
            server,
        });
        let known = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&known);
                thread::spawn(move || shared.serve(client));
            }
        });
        Self { port, shared }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it has cut a connection.
    pub fn was_cut(&self) -> bool {
        self.shared.was_cut.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).expect("a short test")
    }

    /// Whether this COMMIT is cut.
    fn is_the_one(&self) -> bool {
        let pass = |left: usize| left.checked_sub(1);
        let passes = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, pass).is_ok();
        !passes && !self.was_cut.swap(true, Ordering::SeqCst)
    }

    /// Forwards one connection; while the server is away, closes it at once.
    fn serve(&self, mut client: TcpStream) {
        if self.now() < self.back_at.load(Ordering::SeqCst) {
            return;
        }
        let mut server = self.server.connect();
        let (mut answers, mut back) = (server.copy(), client.try_clone().expect("a socket"));
        let muted = Arc::new(AtomicBool::new(false));
        let mute = Arc::clone(&muted);
        thread::spawn(move || {
            let mut buffer = [0; 1 << 16];
            while let Ok(read @ 1..) = answers.read(&mut buffer) {
                if !mute.load(Ordering::SeqCst) && back.write_all(&buffer[..read]).is_err() {
                    break;
                }
            }
            let _ = back.shutdown(Shutdown::Both);
        });
        let mut buffer = [0; 1 << 16];
        while let Ok(read @ 1..) = client.read(&mut buffer) {
            let commit = buffer[..read].ends_with(b"COMMIT\0");
            if commit && self.is_the_one() {
                let back = self.now() + u64::try_from(self.away.as_millis()).expect("short");
                self.back_at.store(back, Ordering::SeqCst);
                muted.store(true, Ordering::SeqCst);
                return self.cut(&client, server, &buffer[..read]);
            }
            if server.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        server.shut();
    }

    fn cut(&self, client: &TcpStream, mut server: Wire, commit: &[u8]) {
        match self.cut {
            Breakpoint::Before => {}
            Breakpoint::After => {
                server.write_all(commit).expect("the server is there");
                thread::sleep(LATE);
            }
            Breakpoint::Late => {
                let _ = client.shutdown(Shutdown::Both);
                thread::sleep(LATE);
                server.write_all(commit).expect("the server is there");
                thread::sleep(LATE);
            }
        }
        let _ = client.shutdown(Shutdown::Both);
        server.shut();
    }
}
