//! Finding the database that a verb works on.

use leora_postgres::{Target, TargetError, TargetSource};
use leora_report::{Failure, TargetReport};
use leora_sandbox::{RunningSandbox, Sandbox};

use crate::commands::context::Context;

/// The sample CRM.
const SAMPLE: &str = include_str!("../../../sql/sample-crm.sql");

/// A database, and the sandbox that it lives in, which stops when this is dropped.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) target: Target,
    pub(crate) sandbox: Option<RunningSandbox>,
}

/// The sandbox of this directory.
pub(crate) fn own_sandbox(context: &Context) -> Sandbox {
    Sandbox::locate(&context.directory).with_sample(SAMPLE)
}

/// Finds the database that the options name; starts the sandbox when it is that.
pub(crate) fn find(context: &Context) -> Result<Found, Failure> {
    Sought::of(context).find(context)
}

/// What the options name, looked up and not yet wanted.
pub(crate) struct Sought {
    /// A server's database, or why there is none; `None` is the sandbox.
    server: Option<Result<Target, TargetError>>,
}

impl Sought {
    /// Looks it up.
    pub(crate) fn of(context: &Context) -> Self {
        if context.options.sandbox {
            return Self { server: None };
        }
        let given = context.options.database_url.as_deref();
        let environment = |name: &str| std::env::var(name).ok();
        Self { server: Some(Target::find(given, environment, &context.directory)) }
    }

    /// The server's database, when it was found.
    pub(crate) fn target(&self) -> Option<&Target> {
        self.server.as_ref()?.as_ref().ok()
    }

    /// Wants it: tells what is worth a word about it, and starts the sandbox when it is that.
    pub(crate) fn find(self, context: &Context) -> Result<Found, Failure> {
        let Some(found) = self.server else { return open_sandbox(context) };
        let target = found?;
        for note in &target.notes {
            context.screen().note(note);
        }
        if let Some(file) = target.world_readable_dotenv(&context.directory) {
            context.screen().note(&format!(
                "everybody on this machine can read {file}, and the password in it: chmod 600 {file}"
            ));
        }
        Ok(Found { target, sandbox: None })
    }
}

fn open_sandbox(context: &Context) -> Result<Found, Failure> {
    use leora_report::Observer;
    context.screen().on_start("starting the sandbox");
    let running = own_sandbox(context).open()?;
    let mut target = Target::parse(running.url(), TargetSource::Sandbox)?;
    target.name = "sandbox".into();
    Ok(Found { target, sandbox: Some(running) })
}

/// The target as reports show it.
pub(crate) fn told(target: &Target) -> TargetReport {
    TargetReport {
        name: target.name.clone(),
        host: target.host.clone(),
        database: target.database.clone(),
        from: target.source.to_string(),
    }
}
