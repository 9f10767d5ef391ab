//! A script that compiles: what a run executes and a lint reads.

use leora_folder::{Limits, SourceFile};
use leora_report::{Finding, FindingKind, Setting};
use rhai::{AST, Engine, Position};

use crate::ScriptError;
use crate::messages::syntax::parse_error;
use crate::messages::wording::Message;
use crate::syntax_tree::position::place;
use crate::syntax_tree::settings::declared_settings;

/// A step, module or file of examples that compiles.
#[derive(Debug)]
pub(crate) struct CompiledScript {
    /// The file, as shown to people.
    pub(crate) file: String,
    pub(crate) ast: AST,
    pub(crate) settings: Vec<Setting>,
    pub(crate) text: String,
}

impl CompiledScript {
    pub(crate) fn compile(
        engine: &Engine,
        source: &SourceFile,
        limits: &Limits,
    ) -> Result<Self, ScriptError> {
        let mut ast =
            engine.compile(&source.text).map_err(|error| parse_error(&error, source, limits))?;
        ast.set_source(source.path.as_str());
        let settings = declared_settings(&ast, &source.path, &source.text);
        Ok(Self { file: source.path.clone(), ast, settings, text: source.text.clone() })
    }

    /// The text before a position, and the text from it on.
    pub(crate) fn split_at(&self, position: Position) -> Option<(&str, &str)> {
        let place = place(position, &self.file)?;
        self.text.split_at_checked(place.byte_offset(&self.text))
    }

    pub(crate) fn finding(
        &self,
        kind: FindingKind,
        position: Position,
        Message { text, help, rewrite }: Message,
    ) -> Finding {
        let place = place(position, &self.file);
        let fix = rewrite.zip(place.as_ref());
        let fix = fix.and_then(|(rewrite, place)| rewrite.at(place, &self.text));
        Finding { kind, message: text, help, place, fix }
    }
}
