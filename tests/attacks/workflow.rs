//! What the runner of a GitHub workflow reads in a log, as its sources do (`ActionCommand.cs`, `ActionCommandManager.cs`).

/// The commands that the runner knows.
const KNOWN: [&str; 14] = [
    "error",
    "warning",
    "notice",
    "debug",
    "group",
    "endgroup",
    "echo",
    "add-mask",
    "add-matcher",
    "remove-matcher",
    "add-path",
    "set-env",
    "set-output",
    "save-state",
];

/// The names of the commands that it would carry out, without those that stop commands and let them work again.
pub(super) fn commands_in(log: &str) -> Vec<String> {
    let (mut found, mut stopped): (Vec<String>, Option<String>) = (Vec::new(), None);
    for line in log.lines().flat_map(|line| line.split('\r')) {
        let Some((name, data)) = command(line).or_else(|| old_command(line)) else { continue };
        match &stopped {
            Some(token) if name == *token => stopped = None,
            Some(_) => {}
            None if name == "stop-commands" => stopped = Some(data),
            None if KNOWN.contains(&name.as_str()) => found.push(name),
            None => {}
        }
    }
    assert_eq!(stopped, None, "commands stay stopped: {log}");
    found
}

/// `::name properties::data`, at the start of a line.
fn command(line: &str) -> Option<(String, String)> {
    let (head, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let name = head.trim_start().split(' ').next()?;
    Some((name.to_owned(), data.to_owned()))
}

/// `##[name properties]data`, anywhere in a line.
fn old_command(line: &str) -> Option<(String, String)> {
    let (head, data) = line.split_once("##[")?.1.split_once(']')?;
    let name = head.trim_start().split(' ').next()?;
    Some((name.to_owned(), data.to_owned()))
}
