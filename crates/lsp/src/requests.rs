//! What the editor asks, and the answers that need nothing but what is in memory.

use std::path::PathBuf;

use gen_lsp_types::{self as lsp, LspRequestMethod};
use lsp_server::{ErrorCode, Request, Response};
use serde_json::Value;

use crate::commands::DISTRIBUTION;
use crate::completion::complete;
use crate::definition::{Target, definition};
use crate::documents::path_of;
use crate::formatting;
use crate::hover::{column_at, hover};
use crate::lenses::{example_lenses, rule_lenses};
use crate::positions::offset;
use crate::quick_fixes::quick_fixes;
use crate::server::Server;
use crate::spot::Spot;

impl Server {
    pub(crate) fn answer(&mut self, request: Request) {
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
            LspRequestMethod::TextDocumentCodeLens => {
                answer::<lsp::CodeLensRequest>(params, |params| Ok(self.lenses(&params)))
            }
            LspRequestMethod::WorkspaceExecuteCommand => {
                return self.execute(id, params);
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

    fn actions(&self, params: &lsp::CodeActionParams) -> Vec<lsp::CodeActionResponse> {
        let path = path_of(&params.text_document.uri);
        let folder = path.as_ref().and_then(|path| self.folder_of(path));
        let found = folder.and_then(|folder| self.published.get(&folder));
        let found = found.zip(path).and_then(|(found, path)| found.get(&path));
        let text_of = |file: &PathBuf| self.documents.text_now(file);
        let mut actions = quick_fixes(found.map_or(&[], Vec::as_slice), params.range, text_of);
        let text_document = params.text_document.clone();
        let at = lsp::TextDocumentPositionParams { text_document, position: params.range.start };
        actions.extend(self.about(&at, |spot| self.distribution_action(spot)).flatten());
        actions.into_iter().map(lsp::CodeActionResponse::from).collect()
    }

    /// Shows the values of the column at a place, where there is a database to ask.
    fn distribution_action(&self, spot: &Spot<'_>) -> Option<lsp::CodeAction> {
        let (table, column) = column_at(spot).filter(|_| self.has_database)?;
        let title = format!("Show the distribution of {table}.{column}");
        let arguments = Some(vec![table.into(), column.into()]);
        let command = DISTRIBUTION.to_owned();
        let command = lsp::Command { title: title.clone(), command, arguments, tooltip: None };
        Some(lsp::CodeAction { title, command: Some(command), ..lsp::CodeAction::default() })
    }

    fn lenses(&self, params: &lsp::CodeLensParams) -> Option<Vec<lsp::CodeLens>> {
        let (path, document) = self.documents.get(&params.text_document.uri)?;
        let folder = self.folder_of(&path)?;
        let examples = self.known.get(&folder).map_or(&[][..], |known| &known.examples);
        let mut lenses = example_lenses(&path, &document.text, examples);
        if self.has_database && path.extension().is_some_and(|extension| extension == "rhai") {
            let counts = self.counts.get(&folder).map(Vec::as_slice);
            lenses.extend(rule_lenses(&path, &document.text, counts, &document.uri));
        }
        Some(lenses)
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
