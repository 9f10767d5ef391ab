//! A session with an editor: its messages come in, answers and diagnostics go out.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, select};
use gen_lsp_types::{self as lsp, LspNotificationMethod, LspRequestMethod};
use leora_report::TableShapes;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::capabilities::capabilities;
use crate::checker::{CheckOutcome, Checked, Checker};
use crate::completion::complete;
use crate::definition::{Target, definition};
use crate::diagnostics::{FileDiagnostics, diagnostics};
use crate::documents::{Documents, path_of};
use crate::folders::folder_of;
use crate::formatting;
use crate::hover::hover;
use crate::positions::offset;
use crate::quick_fixes::quick_fixes;
use crate::spot::{KnownFolder, Spot};
use crate::{ServerOptions, SessionEnd};

/// The state of a session.
pub(crate) struct Server {
    editor: Sender<Message>,
    documents: Documents,
    checker: Checker,
    /// What the editor was last told of each folder.
    published: BTreeMap<PathBuf, FileDiagnostics>,
    /// The folders that have been in order.
    known: BTreeMap<PathBuf, KnownFolder>,
    tables: TableShapes,
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
        let ServerOptions { version, as_of, settings, stack_bytes, stop } = options;
        let Connection { sender: editor, receiver: messages } = &connection;
        let checker = Checker::start(as_of, settings, stack_bytes)?;
        let mut server = Self {
            editor: editor.clone(),
            documents: Documents::default(),
            checker,
            published: BTreeMap::new(),
            known: BTreeMap::new(),
            tables: TableShapes::default(),
        };
        if !server.greet(&connection, &stop.0, version) {
            let stopped = !stop.0.is_empty();
            return Ok(if stopped { SessionEnd::Stopped } else { SessionEnd::NeverBegan });
        }
        let checks = server.checker.results.clone();
        loop {
            let flow = select! {
                recv(messages) -> message => match message {
                    Ok(message) => server.receive(message),
                    Err(_) => return Ok(SessionEnd::Disconnected),
                },
                recv(checks) -> checked => {
                    if let Ok(checked) = checked {
                        server.take_check(checked);
                    }
                    Flow::Continue
                }
                recv(stop.0) -> _ => return Ok(SessionEnd::Stopped),
            };
            if flow == Flow::End {
                return Ok(SessionEnd::Exited);
            }
        }
    }

    /// Exchanges capabilities; whether the editor began a session.
    fn greet(&self, connection: &Connection, stop: &Receiver<()>, version: &str) -> bool {
        let running = || stop.is_empty();
        let Ok((id, _)) = connection.initialize_start_while(running) else { return false };
        let server_info =
            lsp::ServerInfo { name: "leora-run".into(), version: Some(version.into()) };
        let result =
            lsp::InitializeResult { capabilities: capabilities(), server_info: Some(server_info) };
        let Ok(result) = serde_json::to_value(result) else { return false };
        connection.initialize_finish_while(id, result, running).is_ok()
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

    fn answer(&mut self, request: Request) {
        let Request { id, method, params } = request;
        let answered = match LspRequestMethod::from(method.as_str()) {
            LspRequestMethod::Shutdown => Ok(Value::Null),
            LspRequestMethod::TextDocumentCompletion => {
                answer::<lsp::CompletionRequest>(params, |params| {
                    let items = self.about(&params.text_document_position_params, complete);
                    Ok(items.map(lsp::CompletionResponse::from))
                })
            }
            LspRequestMethod::TextDocumentHover => answer::<lsp::HoverRequest>(params, |params| {
                Ok(self.about(&params.text_document_position_params, hover).flatten())
            }),
            LspRequestMethod::TextDocumentDefinition => {
                answer::<lsp::DefinitionRequest>(params, |params| {
                    let target = self.about(&params.text_document_position_params, definition);
                    Ok(target.flatten().and_then(|target| self.location(target)))
                })
            }
            LspRequestMethod::TextDocumentCodeAction => {
                answer::<lsp::CodeActionRequest>(params, |params| Ok(Some(self.actions(&params))))
            }
            LspRequestMethod::TextDocumentFormatting => {
                answer::<lsp::DocumentFormattingRequest>(params, |params| self.format(&params))
            }
            _ => {
                let code = ErrorCode::MethodNotFound as i32;
                let text = format!("leora-run does not answer {method}");
                return self.send(Response::new_err(id, code, text).into());
            }
        };
        self.send(match answered {
            Ok(result) => Response::new_ok(id, result).into(),
            Err(text) => Response::new_err(id, ErrorCode::RequestFailed as i32, text).into(),
        });
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
                if let Some(params) = read::<lsp::DidSaveTextDocumentParams>(params) {
                    self.check_all();
                    drop(params);
                }
            }
            LspNotificationMethod::TextDocumentDidClose => {
                if let Some(params) = read::<lsp::DidCloseTextDocumentParams>(params) {
                    self.close(&params.text_document.uri);
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

    fn folder_of(&self, path: &Path) -> Option<PathBuf> {
        folder_of(path, |manifest| self.documents.paths().any(|open| open == manifest))
    }

    fn check_folder_of(&mut self, path: &Path) {
        if let Some(folder) = self.folder_of(path) {
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
        if let CheckOutcome::Checked { folder, settings, .. } = checked.outcome {
            let before = self.known.remove(&checked.path);
            // Those of scripts that do not compile are not known: they are most likely the same.
            let settings = settings.or(before.map(|known| known.settings)).unwrap_or_default();
            self.known.insert(checked.path, KnownFolder { folder, settings });
        }
    }

    /// Answers about a place in an open document.
    fn about<T>(
        &self,
        at: &lsp::TextDocumentPositionParams,
        answer: impl FnOnce(&Spot<'_>) -> T,
    ) -> Option<T> {
        let (path, document) = self.documents.get(&at.text_document.uri)?;
        let folder = self.folder_of(&path).and_then(|folder| self.known.get(&folder));
        let (text, offset) = (document.text.as_str(), offset(&document.text, at.position));
        Some(answer(&Spot { path: &path, text, offset, folder, tables: &self.tables }))
    }

    fn location(&self, target: Target) -> Option<lsp::DefinitionResponse> {
        let Target { file, range } = target;
        let location = lsp::Location { uri: self.documents.uri(&file)?, range };
        Some(lsp::Definition::from(location).into())
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

    fn actions(&self, params: &lsp::CodeActionParams) -> Vec<lsp::CodeActionResponse> {
        let path = path_of(&params.text_document.uri);
        let folder = path.as_ref().and_then(|path| self.folder_of(path));
        let found = folder.and_then(|folder| self.published.get(&folder));
        let found = found.zip(path).and_then(|(found, path)| found.get(&path));
        let text_of = |file: &PathBuf| self.documents.text_now(file);
        let fixes = quick_fixes(found.map_or(&[], Vec::as_slice), params.range, text_of);
        fixes.into_iter().map(lsp::CodeActionResponse::from).collect()
    }

    fn format(
        &self,
        params: &lsp::DocumentFormattingParams,
    ) -> Result<Option<Vec<lsp::TextEdit>>, String> {
        let Some((path, document)) = self.documents.get(&params.text_document.uri) else {
            return Ok(None);
        };
        formatting::format(&path, &document.text).map(Some)
    }

    fn notify<N: lsp::Notification>(&self, params: N::Params) {
        let method: String = N::METHOD.into();
        self.send(Notification::new(method, params).into());
    }

    fn send(&self, message: Message) {
        // The editor is gone, and its last message has not come yet.
        let _ = self.editor.send(message);
    }
}

/// Reads what a request gives, and writes what is answered.
fn answer<R: lsp::Request>(
    params: Value,
    give: impl FnOnce(R::Params) -> Result<R::Result, String>,
) -> Result<Value, String> {
    let params = serde_json::from_value(params).map_err(|error| error.to_string())?;
    let result = give(params)?;
    serde_json::to_value(result).map_err(|error| error.to_string())
}

/// A notification that can't be read has no answer: it is left aside.
fn read<P: DeserializeOwned>(params: Value) -> Option<P> {
    serde_json::from_value(params).ok()
}
