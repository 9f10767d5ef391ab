//! What the tests share: a server, a database for each test, a project folder for each test, and the program.

mod browser;
mod clock;
mod database;
mod gate;
mod guarded;
mod lasting;
mod node;
mod own_files;
mod packages;
mod pgbouncer;
mod project;
mod promptly;
mod proxy;
mod random;
mod server;
mod server_log;
mod standby;
mod tally;
mod wire;

pub use browser::{Browser, Looks};
pub use clock::Clock;
pub use database::{Database, SAMPLE, Session, execute};
pub use gate::{Gate, Place, Side};
pub use guarded::{GuardedServer, Tls};
pub use node::PrismaProject;
pub use own_files::{own_path, own_text};
pub(crate) use packages::{MISSING, npm_packages};
pub use pgbouncer::PgBouncer;
pub use project::{Output, Project, one_line};
pub use promptly::promptly;
pub use proxy::{Breakpoint, Proxy};
pub use random::Random;
pub use server::{OwnServer, server};
pub use server_log::{LOG_STATEMENTS, logged, statements};
pub use standby::Standby;
pub use tally::{attacked, tried};
