//! Settings: named values with their default in the script, which `--set` replaces.

use std::collections::BTreeMap;

use leora_report::{Failure, FailureKind, Place, Setting};
use leora_rule::{Period, nearest};
use rhai::{AST, ASTNode, Dynamic, Expr, ImmutableString, Position};
use rust_decimal::Decimal;

/// What `--set` says, and what else gives settings a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    given: BTreeMap<String, Said>,
}

/// The value of a setting as it is written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    text: String,
    by: Origin,
}

/// Where a setting is given a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Set,
    Vary,
    /// `given(#{ setting: ... })` of an example.
    Example,
}

impl Origin {
    fn say(self, text: &str) -> Said {
        Said { text: text.to_owned(), by: self }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Set => "--set",
            Self::Vary => "--vary",
            Self::Example => "given",
        }
    }

    /// A setting with its value, as it is written there.
    fn shown(self, name: &str, text: &str) -> String {
        match self {
            Self::Set => format!("--set {name}={text}"),
            Self::Vary => format!("--vary {name}={text}"),
            Self::Example => format!("given(#{{ setting: #{{ {name}: {text:?} }} }})"),
        }
    }
}

/// `--set` names a setting that no script asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no script of this folder has a setting named {name}")]
pub struct UnknownSetting {
    /// The name.
    pub name: String,
    /// What to do.
    pub help: String,
}

impl Settings {
    /// From names and values as given; a later one replaces an earlier one.
    pub fn new(given: impl IntoIterator<Item = (String, String)>) -> Self {
        let given = given.into_iter().map(|(name, text)| (name, Origin::Set.say(&text)));
        Self { given: given.collect() }
    }

    /// The same with these values too, of `--vary`.
    pub fn with_varied(&self, values: &[(String, String)]) -> Self {
        let mut all = self.clone();
        let values = values.iter().map(|(name, text)| (name.clone(), Origin::Vary.say(text)));
        all.given.extend(values);
        all
    }

    /// The same with these values of an example too, where `--set` says nothing of them.
    pub(crate) fn tried_with(&self, values: &BTreeMap<String, String>) -> Self {
        let mut all = self.clone();
        for (name, text) in values {
            all.given.entry(name.clone()).or_insert_with(|| Origin::Example.say(text));
        }
        all
    }

    /// The same with every switch on that is off and that `--set` says nothing of.
    pub(crate) fn switched_on(&self, known: &[Setting]) -> Self {
        let mut given = self.given.clone();
        for setting in known.iter().filter(|setting| setting.switch) {
            given.entry(setting.name.clone()).or_insert_with(|| Origin::Set.say("true"));
        }
        Self { given }
    }

    /// What `--set` gives this setting, as it is written.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(|said| said.text.as_str())
    }

    /// Checks that each is asked for by some script.
    ///
    /// # Errors
    /// [`UnknownSetting`] for the first that is not.
    pub fn check_known(&self, known: &[Setting]) -> Result<(), UnknownSetting> {
        self.given.keys().try_for_each(|name| is_known(name, known))
    }

    /// The value of a setting, of the sort that its default has.
    ///
    /// # Errors
    /// What is wrong with the text that `--set` gives, and what to give instead.
    pub(crate) fn value(&self, name: &str, default: &Dynamic) -> Result<Dynamic, (String, String)> {
        let Some(Said { text, by }) = self.given.get(name) else { return Ok(default.clone()) };
        let wrong = |what: &str, example: &str| {
            let help = format!("write it like {}", by.shown(name, example));
            (format!("{} is {what}", by.shown(name, text)), help)
        };
        if default.is::<Period>() {
            return text.parse::<Period>().map(Dynamic::from).map_err(|_| {
                let (message, help) = wrong("no period", "180d");
                (message, format!("{help}, or 2w, 6mo, 1y"))
            });
        }
        if default.is_bool() {
            return text.parse::<bool>().map(Dynamic::from).map_err(|_| {
                let (message, help) = wrong("neither true nor false", "true");
                (message, format!("{help} or {}", by.shown(name, "false")))
            });
        }
        if default.is_int() {
            return text
                .parse::<i64>()
                .map(Dynamic::from)
                .map_err(|_| wrong("no whole number", "10"));
        }
        if default.is_float() || default.is_decimal() {
            return text
                .parse::<Decimal>()
                .map(Dynamic::from)
                .map_err(|_| wrong("no number", "1.5"));
        }
        if default.is_string() {
            return Ok(Dynamic::from(ImmutableString::from(text)));
        }
        Err((
            format!("{} can't replace {name}: its default is of another sort", by.word()),
            "a setting is a period, true or false, a number or a text".into(),
        ))
    }
}

/// Checks that a script asks for a setting of this name.
///
/// # Errors
/// [`UnknownSetting`] when none does.
pub(crate) fn is_known(name: &str, known: &[Setting]) -> Result<(), UnknownSetting> {
    let names: Vec<&str> = known.iter().map(|setting| setting.name.as_str()).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let help = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None if names.is_empty() => "its scripts have no settings".into(),
        None => format!("its settings are {}", names.join(", ")),
    };
    Err(UnknownSetting { name: name.to_owned(), help })
}

/// The settings that a script asks for, with the comments beside them.
pub(crate) fn collect(ast: &AST, file: &str, text: &str) -> Vec<Setting> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::FnCall(call, position))) = path.last()
            && call.name == "setting"
            && let Some(Expr::StringConstant(name, _)) = call.args.first()
        {
            let (line, column) = (position.line().unwrap_or(0), position.position().unwrap_or(0));
            let comment = lines.get(line.wrapping_sub(1)).and_then(|line| line.split_once("//"));
            found.push(Setting {
                name: name.to_string(),
                place: Place { file: file.to_owned(), line, column },
                comment: comment
                    .map(|(_, said)| said.trim().trim_start_matches("...").trim().to_owned()),
                default: call
                    .args
                    .get(1)
                    .map_or_else(String::new, |default| argument(&lines, default.start_position())),
                switch: matches!(call.args.get(1), Some(Expr::BoolConstant(false, _))),
            });
        }
        true
    });
    found
}

/// The text of a call's last argument, from where it starts to the bracket that closes the call.
fn argument(lines: &[&str], start: Position) -> String {
    let (line, column) = (start.line().unwrap_or(1), start.position().unwrap_or(1));
    let text = lines.get(line - 1).copied().unwrap_or_default();
    let mut depth = 0_i32;
    let inside = text.chars().skip(column - 1).take_while(|sign| {
        depth += match sign {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            _ => 0,
        };
        depth >= 0
    });
    inside.collect::<String>().trim().to_owned()
}

impl From<UnknownSetting> for Failure {
    fn from(error: UnknownSetting) -> Self {
        Self::new(FailureKind::Usage, error.to_string(), Some(error.help))
    }
}
