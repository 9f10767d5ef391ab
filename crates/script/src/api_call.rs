//! A call of the API by a running script: the step that makes it, and where.

use leora_host::{Host, HostError};
use leora_report::{DatabaseError, Entry, Place};
use leora_rule::{Expr, Value};
use rhai::{Dynamic, EvalAltResult, NativeCallContext, Position};

use crate::messages::type_names;
use crate::messages::wording::{Message, message};
use crate::size_limit::{check_list_size, check_size};
use crate::step_context::StepContext;
use crate::syntax_tree::position;
use crate::syntax_tree::source_map::SourceMap;
use crate::{ScriptError, ScriptErrorKind};

/// What a function of the API returns to the engine.
pub(crate) type Answer<T> = Result<T, Box<EvalAltResult>>;

pub(crate) struct ApiCall<'a> {
    context: NativeCallContext<'a>,
    pub(crate) step: StepContext,
}

impl<'a> ApiCall<'a> {
    pub(crate) fn new(context: NativeCallContext<'a>) -> Self {
        let step =
            context.tag().and_then(|tag| tag.read_lock::<StepContext>().map(|it| it.clone()));
        let step = step.expect("the engine of a step carries its context");
        Self { context, step }
    }

    fn file(&self) -> &str {
        self.context.call_source().unwrap_or(self.step.file())
    }

    pub(crate) fn position(&self) -> Position {
        self.context.call_position()
    }

    pub(crate) fn place(&self) -> Option<Place> {
        self.place_of(self.position())
    }

    /// A place in the file of this call.
    pub(crate) fn place_of(&self, position: Position) -> Option<Place> {
        position::place(position, self.file())
    }

    pub(crate) fn source_map(&self) -> Option<&SourceMap> {
        self.step.source_map(self.file())
    }

    /// The variable of the step that holds what this call gives; those of modules may have the names of others.
    pub(crate) fn variable(&self) -> Option<&str> {
        let is_step = self.file() == self.step.file();
        self.source_map()?.name(self.position()).filter(|_| is_step)
    }

    /// What messages call the type of a value.
    pub(crate) fn describe(&self, value: &Dynamic) -> String {
        type_names::describe_value(self.context.engine(), value)
    }

    /// The text of a value that the language itself writes.
    pub(crate) fn debug_text(&self, value: &mut Dynamic) -> String {
        match self.context.call_native_fn_raw("to_debug", true, &mut [value]) {
            Ok(text) => text.to_string(),
            Err(_) => format!("{value:?}"),
        }
    }

    /// Ends the script with an error that it can't catch. The error is at this call, unless it has a place.
    pub(crate) fn fail(&self, error: ScriptError) -> Box<EvalAltResult> {
        let place = error.place.clone().or_else(|| self.place());
        self.step.note_failure(ScriptError { place, ..error });
        Box::new(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE))
    }

    pub(crate) fn mistake(
        &self,
        text: impl Into<String>,
        help: impl Into<String>,
    ) -> Box<EvalAltResult> {
        self.mistake_message(message(text, help))
    }

    /// A mistake at this place, or at the call where it is not known.
    pub(crate) fn mistake_at(
        &self,
        place: Option<Place>,
        text: impl Into<String>,
        help: impl Into<String>,
    ) -> Box<EvalAltResult> {
        self.fail(ScriptError::mistake(text.into(), Some(help.into()), place))
    }

    pub(crate) fn mistake_message(
        &self,
        Message { text, help, .. }: Message,
    ) -> Box<EvalAltResult> {
        self.fail(ScriptError::mistake(text, help, None))
    }

    pub(crate) fn refuse(&self, message: &str, remedy: &str) -> Box<EvalAltResult> {
        let (message, help) = (message.to_owned(), Some(remedy.to_owned()));
        let kind = ScriptErrorKind::Refused;
        self.fail(ScriptError { kind, message, help, place: None, fix: None })
    }

    pub(crate) fn limit(&self, name: &str, value: u64) -> Box<EvalAltResult> {
        self.fail(ScriptError::limit(name, value, None))
    }

    /// An error of the host ends the script.
    pub(crate) fn ask<T>(
        &self,
        question: impl FnOnce(&mut dyn Host) -> Result<T, HostError>,
    ) -> Answer<T> {
        self.ask_about(question, |_| None)
    }

    /// The same, where something other than this call may be mistaken.
    pub(crate) fn ask_about<T>(
        &self,
        question: impl FnOnce(&mut dyn Host) -> Result<T, HostError>,
        place: impl FnOnce(&HostError) -> Option<Place>,
    ) -> Answer<T> {
        self.step.ask(question).map_err(|error| match &error {
            HostError::Database(DatabaseError::ReadLimitReached { limit, most }) => {
                self.fail(ScriptError::limit(limit, most, None))
            }
            _ => self.fail(ScriptError { place: place(&error), ..error.into() }),
        })
    }

    /// The value that an expression has on every row: a moment of the business date.
    pub(crate) fn constant(&self, expr: &Expr) -> Answer<Option<Value>> {
        let as_of = self.ask(|host| Ok(host.reader().as_of()))?;
        Ok(expr.constant(as_of))
    }

    pub(crate) fn report(&self, entry: Entry) -> Answer<()> {
        self.step.report(entry).map_err(|error| self.fail(*error))
    }

    pub(crate) fn check_size(&self, values: &[Dynamic]) -> Answer<()> {
        check_size(values, self.step.limits()).map_err(|error| self.fail(*error))
    }

    pub(crate) fn check_list_size(&self, values: &[Dynamic]) -> Answer<()> {
        check_list_size(values, self.step.limits()).map_err(|error| self.fail(*error))
    }

    pub(crate) fn check_printed_bytes(&self) -> Answer<()> {
        self.step.check_printed_bytes().map_err(|error| self.fail(*error))
    }
}
