//! A connection to the server, by socket or address, for what stands between it and the program.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;

use super::database::{Database, parts};

/// Where the server listens.
#[derive(Clone)]
pub enum Server {
    Socket(String),
    Address(String),
}

/// A connection to the server.
pub enum Wire {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Server {
    /// Where the server of this database listens.
    pub fn of(database: &Database) -> Self {
        let parts = parts(&database.url());
        let (host, port) = (&parts["host"], &parts["port"]);
        match host.starts_with('/') {
            true => Self::Socket(format!("{host}/.s.PGSQL.{port}")),
            false => Self::Address(format!("{host}:{port}")),
        }
    }

    /// Connects.
    pub fn connect(&self) -> Wire {
        match self {
            Self::Socket(path) => Wire::Unix(UnixStream::connect(path).expect("the server")),
            Self::Address(address) => Wire::Tcp(TcpStream::connect(address).expect("the server")),
        }
    }
}

impl Wire {
    /// Another handle of the same connection.
    pub fn copy(&self) -> Self {
        match self {
            Self::Unix(stream) => Self::Unix(stream.try_clone().expect("a socket")),
            Self::Tcp(stream) => Self::Tcp(stream.try_clone().expect("a socket")),
        }
    }

    /// Reads what there is.
    pub fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }

    /// Writes it all.
    pub fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Unix(stream) => stream.write_all(bytes),
            Self::Tcp(stream) => stream.write_all(bytes),
        }
    }

    /// Ends the connection.
    pub fn shut(&self) {
        let _ = match self {
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
        };
    }
}
