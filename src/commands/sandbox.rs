//! `sandbox start|stop|reset|url`: the private server with the sample CRM.

use leora_report::Observer;
use leora_sandbox::{SandboxError, Stopped};

use crate::cli::SandboxAction;
use crate::commands::context::Context;
use crate::commands::shared::local_sandbox;

pub(crate) fn sandbox(action: SandboxAction, context: &Context) -> u8 {
    context.screen().on_start("sandbox");
    match control_sandbox(action, context) {
        Ok((line, url)) => {
            let facts = url.as_deref().map(|url| ("url", url));
            context.screen().show_done(&line, facts.as_slice());
            0
        }
        Err(error) => context.fail(error.into()),
    }
}

fn control_sandbox(
    action: SandboxAction,
    context: &Context,
) -> Result<(String, Option<String>), SandboxError> {
    let sandbox = local_sandbox(context);
    Ok(match action {
        SandboxAction::Start => {
            let url = sandbox.keep_running()?;
            (format!("The sandbox runs until `leora-run sandbox stop`: {url}"), Some(url))
        }
        SandboxAction::Stop => {
            let line = match sandbox.stop()? {
                Stopped::Now => "The sandbox is stopped.",
                Stopped::WhenUnused => {
                    "Another command uses the sandbox; it stops when that one ends."
                }
                Stopped::Already => "The sandbox was not running.",
            };
            (line.into(), None)
        }
        SandboxAction::Reset => {
            sandbox.reset()?;
            ("The sandbox is the sample CRM again.".into(), None)
        }
        SandboxAction::Url => {
            let url = sandbox.url()?;
            (url.clone(), Some(url))
        }
    })
}
