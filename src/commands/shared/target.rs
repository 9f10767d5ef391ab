//! Finding the database that a command works on.

use leora_postgres::{Target, TargetError, TargetSource};
use leora_report::{Failure, Observer, TargetReport};
use leora_sandbox::{RunningSandbox, Sandbox};

use crate::commands::context::Context;

const SAMPLE_CRM: &str = concat!(
    include_str!("../../../sql/sample-crm.sql"),
    include_str!("../../../sql/sample-orders.sql")
);

/// A database, with the sandbox if it is in that; the sandbox stops when this is dropped.
#[derive(Debug)]
pub(crate) struct OpenTarget {
    pub(crate) target: Target,
    pub(crate) sandbox: Option<RunningSandbox>,
}

/// Starts the sandbox when the options name it.
pub(crate) fn open_target(context: &Context) -> Result<OpenTarget, Failure> {
    TargetLookup::start(context).open(context)
}

/// The target that the options name, before it is known whether it will be used.
pub(crate) struct TargetLookup {
    /// The database of a server, or why none was found; `None` for the sandbox.
    server: Option<Result<Target, TargetError>>,
}

impl TargetLookup {
    pub(crate) fn start(context: &Context) -> Self {
        if context.options.sandbox {
            return Self { server: None };
        }
        let given = context.options.database_url.as_deref();
        let environment = |name: &str| std::env::var(name).ok();
        Self { server: Some(Target::find(given, environment, &context.directory)) }
    }

    /// The database of a server, when one was found.
    pub(crate) fn target(&self) -> Option<&Target> {
        self.server.as_ref()?.as_ref().ok()
    }

    /// Shows the notes on the target, or starts the sandbox.
    pub(crate) fn open(self, context: &Context) -> Result<OpenTarget, Failure> {
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
        Ok(OpenTarget { target, sandbox: None })
    }
}

pub(crate) fn local_sandbox(context: &Context) -> Sandbox {
    Sandbox::locate(&context.directory).with_sample(SAMPLE_CRM)
}

fn open_sandbox(context: &Context) -> Result<OpenTarget, Failure> {
    context.screen().on_start("starting the sandbox");
    let running = local_sandbox(context).open()?;
    let mut target = Target::parse(running.url(), TargetSource::Sandbox)?;
    target.name = "sandbox".into();
    Ok(OpenTarget { target, sandbox: Some(running) })
}

pub(crate) fn target_report(target: &Target) -> TargetReport {
    TargetReport {
        name: target.name.clone(),
        host: target.host.clone(),
        database: target.database.clone(),
        from: target.source.to_string(),
    }
}
