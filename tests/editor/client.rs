//! An editor that speaks the protocol with the program.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use crate::support::Project;

/// Longer than any answer takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An editor in a session with the program.
pub struct Editor<'p> {
    project: &'p Project,
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    last_id: i32,
    versions: BTreeMap<String, i32>,
    /// What the program said while an answer was waited for.
    pub notices: Vec<Value>,
    pub capabilities: Value,
}

impl<'p> Editor<'p> {
    /// Starts `leora-run lsp` with these arguments, in the project.
    pub fn start(project: &'p Project, arguments: &[&str]) -> Self {
        let mut command = project.command("lsp");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, messages) = channel();
        thread::spawn(move || {
            while let Some(message) = read_message(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        let (notices, versions) = (vec![], BTreeMap::new());
        let capabilities = Value::Null;
        let mut editor =
            Self { project, child, input, messages, last_id: 0, versions, notices, capabilities };
        let root = editor.uri("");
        let capabilities = json!({ "workspace": { "codeLens": { "refreshSupport": true } } });
        let greeting = editor.ask(
            "initialize",
            json!({ "processId": null, "rootUri": root, "capabilities": capabilities }),
        );
        editor.capabilities = greeting["capabilities"].clone();
        editor.tell("initialized", json!({}));
        editor
    }

    /// The address of a file of the project.
    pub fn uri(&self, file: &str) -> String {
        Url::from_file_path(self.project.path(file)).expect("an absolute path").to_string()
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The result of a request.
    #[track_caller]
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask_for_answer(method, params);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The message of the error that a request is answered with.
    #[track_caller]
    pub fn refusal(&mut self, method: &str, params: Value) -> String {
        let answer = self.ask_for_answer(method, params);
        answer["error"]["message"].as_str().expect("an error").to_owned()
    }

    #[track_caller]
    fn ask_for_answer(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.answer(id)
    }

    /// Asks without waiting for the answer; returns the id of the request.
    pub fn request(&mut self, method: &str, params: Value) -> i32 {
        self.last_id += 1;
        let id = self.last_id;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The answer to a request, with its result or its error.
    #[track_caller]
    pub fn answer(&mut self, id: i32) -> Value {
        loop {
            let message = self.next();
            if message["id"] == id && message["method"].is_null() {
                return message;
            }
            self.notices.push(message);
        }
    }

    /// Opens a file as it is on disk.
    pub fn open(&mut self, file: &str) {
        let text = std::fs::read_to_string(self.project.path(file)).expect("a file");
        self.open_text(file, &text);
    }

    /// Opens a file with a text that the disk does not have.
    pub fn open_text(&mut self, file: &str, text: &str) {
        let language = if file.ends_with(".toml") { "toml" } else { "rhai" };
        let document =
            json!({ "uri": self.uri(file), "languageId": language, "version": 0, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Types a new text.
    pub fn change(&mut self, file: &str, text: &str) {
        let version = self.versions.entry(file.to_owned()).or_default();
        *version += 1;
        let document = json!({ "version": *version, "uri": self.uri(file) });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params);
    }

    /// The next diagnostics of a file, each as `line:column-column code: message`, counted from 1.
    #[track_caller]
    pub fn diagnostics(&mut self, file: &str) -> Vec<String> {
        self.raw_diagnostics(file).iter().map(describe).collect()
    }

    #[track_caller]
    pub fn raw_diagnostics(&mut self, file: &str) -> Vec<Value> {
        let uri = self.uri(file);
        let params =
            self.notice("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str());
        params["diagnostics"].as_array().expect("a list").clone()
    }

    /// Waits until the program has told this; each notice is sent only once.
    #[track_caller]
    pub fn notice(&mut self, method: &str, accepts: impl Fn(&Value) -> bool) -> Value {
        let fits = |message: &Value| message["method"] == method && accepts(&message["params"]);
        loop {
            if let Some(at) = self.notices.iter().position(fits) {
                return self.notices.remove(at)["params"].clone();
            }
            let message = self.next();
            self.notices.push(message);
        }
    }

    /// A file with these edits; `text` is that of the file that is open, the others are as on disk.
    pub fn edited(&self, uri: &str, text: &str, edits: &Value) -> String {
        let path = Url::parse(uri).expect("an address").to_file_path().expect("a file");
        let on_disk = || std::fs::read_to_string(&path).expect("a file");
        let is_open = self.versions.keys().any(|open| self.uri(open) == uri);
        let mut lines = if is_open { text.to_owned() } else { on_disk() };
        let offset = |lines: &str, at: &Value| {
            let number = |part: &str| at[part].as_u64().expect("a number") as usize;
            let line: usize = lines.split_inclusive('\n').take(number("line")).map(str::len).sum();
            let mut units = number("character");
            let mut rest = lines[line..].char_indices().take_while(|(_, c)| {
                let goes_on = units > 0;
                units = units.saturating_sub(c.len_utf16());
                goes_on
            });
            line + rest.by_ref().last().map_or(0, |(at, c)| at + c.len_utf8())
        };
        // From the last to the first, so that the places stay right.
        for edit in edits.as_array().expect("a list").iter().rev() {
            let (start, end) = (&edit["range"]["start"], &edit["range"]["end"]);
            let bytes = offset(&lines, start)..offset(&lines, end);
            lines.replace_range(bytes, edit["newText"].as_str().expect("a text"));
        }
        lines
    }

    #[track_caller]
    fn next(&mut self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("the program says something")
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.input.as_mut().expect("it is open");
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("it reads");
        input.flush().expect("it reads");
    }

    /// Ends the session as editors do; returns the program's exit code.
    pub fn end(mut self) -> Option<i32> {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.child.wait().expect("it ends").code()
    }

    /// Goes away without a word.
    pub fn vanish(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Editor<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A message with its header; `None` at the end.
fn read_message(output: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", bytes)) => length = bytes.parse().ok(),
            Some(_) => {}
            None => break,
        }
    }
    let mut bytes = vec![0; length?];
    output.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn describe(diagnostic: &Value) -> String {
    let from = |at: &str, part: &str| diagnostic["range"][at][part].as_u64().expect("a number") + 1;
    let (code, message) = (&diagnostic["code"], &diagnostic["message"]);
    format!(
        "{}:{}-{} {}: {}",
        from("start", "line"),
        from("start", "character"),
        from("end", "character"),
        code.as_str().expect("a code"),
        message.as_str().expect("a text").replace('\n', "; ")
    )
}
