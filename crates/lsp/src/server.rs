//! A session with an editor: its messages come in, answers and diagnostics go out.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, select};
use gen_lsp_types::{self as lsp, LspNotificationMethod};
use leora_report::TableShapes;
use leora_system::Interrupt;
use lsp_server::{Connection, Message, Notification, Request, RequestId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::capabilities::capabilities;
use crate::checker::{CheckOutcome, Checked, Checker};
use crate::database::{DatabaseThread, Question, RuleCount};
use crate::diagnostics::{FileDiagnostics, diagnostics};
use crate::documents::{Documents, path_of};
use crate::folders::folder_of;
use crate::spot::KnownFolder;
use crate::{ServerOptions, SessionEnd};

/// The state of a session.
pub(crate) struct Server {
    editor: Sender<Message>,
    pub(crate) documents: Documents,
    checker: Checker,
    pub(crate) database: DatabaseThread,
    /// The requests that the database has not answered yet.
    pub(crate) asked: Vec<(RequestId, Interrupt)>,
    /// Whether there is one to ask.
    pub(crate) has_database: bool,
    /// What the editor was last told of each folder.
    pub(crate) published: BTreeMap<PathBuf, FileDiagnostics>,
    /// The folders that have been in order.
    pub(crate) known: BTreeMap<PathBuf, KnownFolder>,
    /// What the rules of a folder would do, until its texts change.
    pub(crate) counts: BTreeMap<PathBuf, Vec<RuleCount>>,
    pub(crate) tables: TableShapes,
    pub(crate) client: Client,
    last_request: i32,
}

/// What the editor can do beyond the least.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    /// The folder that it has open.
    root: PathBuf,
    /// It asks for lenses again on request.
    pub(crate) refreshes_lenses: bool,
    /// It watches files that are not open.
    watches_files: bool,
}

/// Whether the session goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Continue,
    End,
}

impl Server {
    /// Serves until the session ends.
    pub(crate) fn start(connection: Connection, options: ServerOptions) -> io::Result<SessionEnd> {
        let ServerOptions { version, as_of, settings, stack_bytes, stop, database } = options;
        let Connection { sender: editor, receiver: messages } = &connection;
        let Some(client) = greet(&connection, &stop.0, version) else {
            let stopped = !stop.0.is_empty();
            return Ok(if stopped { SessionEnd::Stopped } else { SessionEnd::NeverBegan });
        };
        let has_database = database.is_named();
        let tables = database.kept_tables(&client.root);
        let mut server = Self {
            editor: editor.clone(),
            documents: Documents::default(),
            checker: Checker::start(as_of, settings, stack_bytes)?,
            database: DatabaseThread::start(database, client.root.clone(), stack_bytes)?,
            asked: vec![],
            has_database,
            published: BTreeMap::new(),
            known: BTreeMap::new(),
            counts: BTreeMap::new(),
            tables,
            client,
            last_request: 0,
        };
        server.begin();
        let checks = server.checker.results.clone();
        let answers = server.database.answers.clone();
        loop {
            let flow = select! {
                recv(messages) -> message => match message {
                    Ok(message) => server.receive(message),
                    Err(_) => return Ok(SessionEnd::Disconnected),
                },
                recv(checks) -> checked => {
                    checked.into_iter().for_each(|checked| server.take_check(checked));
                    Flow::Continue
                }
                recv(answers) -> answer => {
                    answer.into_iter().for_each(|answer| server.take_answer(answer));
                    Flow::Continue
                }
                recv(stop.0) -> _ => return Ok(SessionEnd::Stopped),
            };
            if flow == Flow::End {
                return Ok(SessionEnd::Exited);
            }
        }
    }

    /// Asks for what is needed all along: changes of files, and the tables.
    fn begin(&mut self) {
        if self.client.watches_files {
            let files = ["**/leora.toml", "**/*.rhai", "**/*.sql"];
            let watchers = files.map(|pattern| json!({ "globPattern": pattern })).to_vec();
            let registration = lsp::Registration {
                id: "files".into(),
                method: String::from(LspNotificationMethod::WorkspaceDidChangeWatchedFiles),
                register_options: Some(json!({ "watchers": watchers })),
            };
            let registrations = vec![registration];
            self.ask::<lsp::RegistrationRequest>(lsp::RegistrationParams { registrations });
        }
        self.ask_for_tables();
    }

    fn ask_for_tables(&self) {
        if self.has_database {
            self.database.ask(Question::Tables);
        }
    }

    fn receive(&mut self, message: Message) -> Flow {
        match message {
            Message::Request(request) => self.answer(request),
            Message::Notification(notification) => return self.notice(notification),
            // Nothing that is asked of the editor needs its answer.
            Message::Response(_) => {}
        }
        Flow::Continue
    }

    fn notice(&mut self, notification: Notification) -> Flow {
        let Notification { method, params } = notification;
        match LspNotificationMethod::from(method.as_str()) {
            LspNotificationMethod::Exit => return Flow::End,
            LspNotificationMethod::TextDocumentDidOpen => {
                if let Some(params) = read::<lsp::DidOpenTextDocumentParams>(params) {
                    self.put(params.text_document.uri, params.text_document.text);
                }
            }
            LspNotificationMethod::TextDocumentDidChange => {
                if let Some(params) = read::<lsp::DidChangeTextDocumentParams>(params) {
                    self.change(params);
                }
            }
            LspNotificationMethod::TextDocumentDidSave => {
                self.check_all();
                self.ask_for_tables();
            }
            LspNotificationMethod::WorkspaceDidChangeWatchedFiles => self.check_all(),
            LspNotificationMethod::TextDocumentDidClose => {
                if let Some(params) = read::<lsp::DidCloseTextDocumentParams>(params) {
                    self.close(&params.text_document.uri);
                }
            }
            LspNotificationMethod::CancelRequest => {
                if let Some(params) = read::<lsp::CancelParams>(params) {
                    self.cancel(&request_id(params.id));
                }
            }
            _ => {}
        }
        Flow::Continue
    }

    fn change(&mut self, params: lsp::DidChangeTextDocumentParams) {
        let uri = params.text_document.text_document_identifier.uri;
        // The last is the whole text: the capabilities ask for no parts.
        let last = params.content_changes.into_iter().next_back();
        if let Some(lsp::TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(
            whole,
        )) = last
        {
            self.put(uri, whole.text);
        }
    }

    fn put(&mut self, uri: lsp::Uri, text: String) {
        if let Some(path) = self.documents.put(uri, text) {
            self.check_folder_of(&path);
        }
    }

    fn close(&mut self, uri: &lsp::Uri) {
        let Some(folder) = self.documents.close(uri).and_then(|path| self.folder_of(&path)) else {
            return;
        };
        let is_open =
            self.documents.paths().any(|path| self.folder_of(path).as_ref() == Some(&folder));
        match is_open {
            true => self.check(folder),
            // Nobody looks at it any more.
            false => {
                self.checker.interrupt(&folder);
                self.publish(&folder, FileDiagnostics::new());
            }
        }
    }

    pub(crate) fn folder_of(&self, path: &Path) -> Option<PathBuf> {
        folder_of(path, |manifest| self.documents.paths().any(|open| open == manifest))
    }

    fn check_folder_of(&mut self, path: &Path) {
        if let Some(folder) = self.folder_of(path) {
            self.counts.remove(&folder);
            self.check(folder);
        }
    }

    fn check(&mut self, folder: PathBuf) {
        self.checker.check(folder, self.documents.as_unsaved());
    }

    /// Checks every folder that has an open document: a file that is not open may have changed.
    fn check_all(&mut self) {
        let mut folders: Vec<PathBuf> =
            self.documents.paths().filter_map(|path| self.folder_of(path)).collect();
        folders.dedup();
        for folder in folders {
            self.check(folder);
        }
    }

    fn take_check(&mut self, checked: Checked) {
        self.publish(&checked.path, diagnostics(&checked));
        if let CheckOutcome::Checked { folder, settings, check } = checked.outcome {
            let before = self.known.remove(&checked.path);
            // Those of scripts that do not compile are not known: they are most likely the same.
            let settings = settings.or(before.map(|known| known.settings)).unwrap_or_default();
            let examples = check.examples;
            self.known.insert(checked.path, KnownFolder { folder, settings, examples });
            self.refresh_lenses();
        }
    }

    /// Tells the editor what is found in a folder, and of which files nothing is found any more.
    fn publish(&mut self, folder: &Path, found: FileDiagnostics) {
        let before = self.published.insert(folder.to_owned(), found.clone()).unwrap_or_default();
        let gone = before.keys().filter(|file| !found.contains_key(*file));
        let gone = gone.map(|file| (file.clone(), vec![])).collect::<Vec<_>>();
        for (file, diagnostics) in found.into_iter().chain(gone) {
            if before.get(&file) == Some(&diagnostics) {
                continue;
            }
            if let Some(uri) = self.documents.uri(&file) {
                let diagnostics = diagnostics.into_iter().map(|one| one.diagnostic).collect();
                let params = lsp::PublishDiagnosticsParams { uri, version: None, diagnostics };
                self.notify::<lsp::PublishDiagnosticsNotification>(params);
            }
        }
    }

    pub(crate) fn refresh_lenses(&mut self) {
        if self.client.refreshes_lenses {
            self.ask::<lsp::CodeLensRefreshRequest>(());
        }
    }

    /// Asks the editor for something whose answer does not matter.
    fn ask<R: lsp::Request>(&mut self, params: R::Params) {
        self.last_request += 1;
        let method: String = R::METHOD.into();
        let id = RequestId::from(self.last_request);
        self.send(Request::new(id, method, params).into());
    }

    pub(crate) fn notify<N: lsp::Notification>(&self, params: N::Params) {
        let method: String = N::METHOD.into();
        self.send(Notification::new(method, params).into());
    }

    pub(crate) fn send(&self, message: Message) {
        // The editor is gone, and its last message has not come yet.
        let _ = self.editor.send(message);
    }
}

fn request_id(id: lsp::Id) -> RequestId {
    match id {
        lsp::Id::Int(number) => number.into(),
        lsp::Id::String(text) => text.into(),
    }
}

/// A notification that can't be read has no answer: it is left aside.
fn read<P: DeserializeOwned>(params: Value) -> Option<P> {
    serde_json::from_value(params).ok()
}

/// Exchanges capabilities; `None` where the editor began no session.
fn greet(connection: &Connection, stop: &Receiver<()>, version: &str) -> Option<Client> {
    let running = || stop.is_empty();
    let (id, params) = connection.initialize_start_while(running).ok()?;
    let server_info = lsp::ServerInfo { name: "leora-run".into(), version: Some(version.into()) };
    let result =
        lsp::InitializeResult { capabilities: capabilities(), server_info: Some(server_info) };
    connection.initialize_finish_while(id, serde_json::to_value(result).ok()?, running).ok()?;
    Some(client(&params))
}

/// What the editor says of itself. What it does not say is taken as the least.
fn client(params: &Value) -> Client {
    let folder = &params["workspaceFolders"][0]["uri"];
    let root = folder.as_str().or(params["rootUri"].as_str());
    let root = root.and_then(|root| path_of(&root.parse().ok()?));
    let workspace = &params["capabilities"]["workspace"];
    let can = |of: &str, what: &str| workspace[of][what].as_bool().unwrap_or_default();
    Client {
        root: root.or(std::env::current_dir().ok()).unwrap_or_default(),
        refreshes_lenses: can("codeLens", "refreshSupport"),
        watches_files: can("didChangeWatchedFiles", "dynamicRegistration"),
    }
}
