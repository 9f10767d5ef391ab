//! What the server can do, as it tells the editor.

use gen_lsp_types as lsp;

use crate::commands::COMMANDS;

pub(crate) fn capabilities() -> lsp::ServerCapabilities {
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        // Scripts are short: the whole text each time.
        change: Some(lsp::TextDocumentSyncKind::Full),
        save: Some(true.into()),
        ..lsp::TextDocumentSyncOptions::default()
    };
    lsp::ServerCapabilities {
        text_document_sync: Some(sync.into()),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some([".", "\"", ":"].map(String::from).to_vec()),
            ..lsp::CompletionOptions::default()
        }),
        hover_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        code_action_provider: Some(
            lsp::CodeActionOptions {
                code_action_kinds: Some(vec![lsp::CodeActionKind::QuickFix]),
                ..lsp::CodeActionOptions::default()
            }
            .into(),
        ),
        code_lens_provider: Some(lsp::CodeLensOptions::default()),
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: COMMANDS.map(str::to_owned).to_vec(),
            ..lsp::ExecuteCommandOptions::default()
        }),
        document_formatting_provider: Some(true.into()),
        ..lsp::ServerCapabilities::default()
    }
}
