//! A gate between the program and the server: it counts the program's messages, and holds one of them, so that a
//! fault can be put exactly before or after it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use super::Database;
use super::wire::Server;

/// Where the program is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The server has not had the message yet.
    Before,
    /// The server has it, and works on it.
    After,
}

/// A place on the program's course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the message holds; any does when empty.
    pub text: &'static str,
    /// Which of these messages, from 0.
    pub nth: usize,
    /// On which side of the server's hearing of it.
    pub side: Side,
}

/// A gate on a port of its own.
pub struct Gate {
    port: u16,
    shared: Arc<Shared>,
    reached: Receiver<()>,
    go_on: Sender<bool>,
}

struct Shared {
    server: Server,
    hold: Option<Place>,
    messages: Mutex<Vec<Vec<u8>>>,
    tell: Sender<()>,
    wait: Mutex<Receiver<bool>>,
}

impl Gate {
    /// Opens one before the database's server, that holds the program at this place.
    pub fn open(database: &Database, hold: Option<Place>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let ((tell, reached), (go_on, wait)) = (channel(), channel());
        let (messages, wait) = (Mutex::default(), Mutex::new(wait));
        let shared = Arc::new(Shared { server: Server::of(database), hold, messages, tell, wait });
        let known = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&known);
                thread::spawn(move || shared.serve(client));
            }
        });
        Self { port, shared, reached, go_on }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until the message is held.
    pub fn wait(&self) {
        let patience = std::time::Duration::from_secs(60);
        self.reached.recv_timeout(patience).expect("the message comes");
    }

    /// Lets the message through, and those behind it.
    pub fn let_go(&self) {
        self.go_on.send(true).expect("the gate is there");
    }

    /// Ends the connection, as when the program is gone.
    pub fn cut(&self) {
        self.go_on.send(false).expect("the gate is there");
    }

    /// How many messages there were so far that hold this text.
    pub fn count(&self, text: &str) -> usize {
        let messages = self.shared.messages.lock().expect("messages");
        messages.iter().filter(|message| holds(message, text)).count()
    }
}

fn holds(message: &[u8], text: &str) -> bool {
    text.is_empty() || message.windows(text.len()).any(|part| part == text.as_bytes())
}

impl Shared {
    fn serve(&self, mut client: TcpStream) {
        let mut server = self.server.connect();
        let (mut answers, mut back) = (server.copy(), client.try_clone().expect("a socket"));
        thread::spawn(move || {
            let mut buffer = [0; 1 << 16];
            while let Ok(read @ 1..) = answers.read(&mut buffer) {
                if back.write_all(&buffer[..read]).is_err() {
                    break;
                }
            }
            let _ = back.shutdown(Shutdown::Both);
        });
        let mut buffer = [0; 1 << 16];
        while let Ok(read @ 1..) = client.read(&mut buffer) {
            let here = self.is_here(&buffer[..read]);
            let passed = (!here || self.passes(Side::Before))
                && server.write_all(&buffer[..read]).is_ok()
                && (!here || self.passes(Side::After));
            if !passed {
                break;
            }
        }
        server.shut();
    }

    /// Whether this is the message at the chosen place.
    fn is_here(&self, message: &[u8]) -> bool {
        let mut messages = self.messages.lock().expect("messages");
        messages.push(message.to_vec());
        let Some(place) = self.hold else { return false };
        let so_far = messages.iter().filter(|one| holds(one, place.text)).count();
        holds(message, place.text) && so_far == place.nth + 1
    }

    /// Holds the program on the chosen side; whether it may go on.
    fn passes(&self, side: Side) -> bool {
        if self.hold.is_none_or(|place| place.side != side) {
            return true;
        }
        let _ = self.tell.send(());
        self.wait.lock().expect("a receiver").recv().unwrap_or(false)
    }
}
