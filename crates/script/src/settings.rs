//! The values of settings: those of `--set`, `--vary` and examples, which replace the defaults in the scripts.

use std::collections::BTreeMap;

use leora_report::{Failure, FailureKind, Setting};
use leora_rule::{Period, nearest, parse_decimal};
use rhai::{Dynamic, ImmutableString};

use crate::messages::wording::{Message, message};

/// Values for settings, by name; a setting without one has the default in its script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    values: BTreeMap<String, SettingValue>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct SettingValue {
    text: String,
    origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Set,
    Vary,
    /// `given(#{ setting: ... })` of an example.
    Example,
}

impl Origin {
    fn value(self, text: &str) -> SettingValue {
        SettingValue { text: text.to_owned(), origin: self }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Set => "--set",
            Self::Vary => "--vary",
            Self::Example => "given",
        }
    }

    /// A setting with a value, as it is written there.
    fn write(self, name: &str, text: &str) -> String {
        match self {
            Self::Set => format!("--set {name}={text}"),
            Self::Vary => format!("--vary {name}={text}"),
            Self::Example => format!("given(#{{ setting: #{{ {name}: {text:?} }} }})"),
        }
    }
}

/// A value for a setting that no script declares.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no script of this folder has a setting named {name}")]
pub struct UnknownSetting {
    /// The name.
    pub name: String,
    /// What to do.
    pub help: String,
}

impl Settings {
    /// The values of `--set`, by name; a later one replaces an earlier one.
    pub fn new(values: impl IntoIterator<Item = (String, String)>) -> Self {
        let values = values.into_iter().map(|(name, text)| (name, Origin::Set.value(&text)));
        Self { values: values.collect() }
    }

    /// The same with these values of `--vary`, which go before the others.
    pub fn with_varied(&self, values: &[(String, String)]) -> Self {
        let mut all = self.clone();
        let values = values.iter().map(|(name, text)| (name.clone(), Origin::Vary.value(text)));
        all.values.extend(values);
        all
    }

    /// The same with these values of an example, where `--set` gives none.
    pub(crate) fn with_example(&self, values: &BTreeMap<String, String>) -> Self {
        let mut all = self.clone();
        for (name, text) in values {
            all.values.entry(name.clone()).or_insert_with(|| Origin::Example.value(text));
        }
        all
    }

    /// The same with every switch on, where `--set` gives it no value.
    pub(crate) fn with_switches_on(&self, declared: &[Setting]) -> Self {
        let mut all = self.clone();
        for setting in declared.iter().filter(|setting| setting.switch) {
            all.values.entry(setting.name.clone()).or_insert_with(|| Origin::Set.value("true"));
        }
        all
    }

    /// The text of a setting's value, where it has one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.text.as_str())
    }

    /// Checks that some script declares each of them.
    ///
    /// # Errors
    /// [`UnknownSetting`] for the first that none declares.
    pub fn check_known(&self, declared: &[Setting]) -> Result<(), UnknownSetting> {
        self.values.keys().try_for_each(|name| check_declared(name, declared))
    }

    /// The value of a setting, of its default's type.
    ///
    /// # Errors
    /// What is wrong with the text of the value, and what to write instead.
    pub(crate) fn value(&self, name: &str, default: &Dynamic) -> Result<Dynamic, Message> {
        let Some(SettingValue { text, origin }) = self.values.get(name) else {
            return Ok(default.clone());
        };
        // So that a plan's settings, as they were printed, give an approved run what the plan had.
        if !default.is::<Period>() && *text == default.to_string() {
            return Ok(default.clone());
        }
        let wrong = |what: &str, example: &str, others: &str| {
            let help = format!("write it like {}{others}", origin.write(name, example));
            message(format!("{} is {what}", origin.write(name, text)), help)
        };
        if default.is::<Period>() {
            let period = text.parse::<Period>().map(Dynamic::from);
            return period.map_err(|_| wrong("no period", "180d", ", or 2w, 6mo, 1y"));
        }
        if default.is_bool() {
            let or_false = format!(" or {}", origin.write(name, "false"));
            let truth = text.parse::<bool>().map(Dynamic::from);
            return truth.map_err(|_| wrong("neither true nor false", "true", &or_false));
        }
        if default.is_int() {
            let number = text.parse::<i64>().map(Dynamic::from);
            return number.map_err(|_| wrong("no whole number", "10", ""));
        }
        if default.is_decimal() {
            let number = parse_decimal(text).map(Dynamic::from);
            let is_long = text.trim().parse::<f64>().is_ok();
            let what = if is_long { "longer than the 28 digits of a number" } else { "no number" };
            return number.ok_or_else(|| wrong(what, "1.5", ""));
        }
        if default.is_string() {
            return Ok(Dynamic::from(ImmutableString::from(text)));
        }
        Err(message(
            format!("{} can't replace {name}: its default is of another type", origin.word()),
            "a setting is a period, true or false, a number or a text",
        ))
    }
}

pub(crate) fn check_declared(name: &str, declared: &[Setting]) -> Result<(), UnknownSetting> {
    let names: Vec<&str> = declared.iter().map(|setting| setting.name.as_str()).collect();
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

impl From<UnknownSetting> for Failure {
    fn from(error: UnknownSetting) -> Self {
        Self::new(FailureKind::Usage, error.to_string(), Some(error.help))
    }
}

#[cfg(test)]
mod tests {
    use leora_rule::Period;
    use rhai::Dynamic;

    use super::Settings;
    use crate::messages::wording::Message;

    fn settings(name: &str, text: &str) -> Settings {
        Settings::new([(name.to_owned(), text.to_owned())])
    }

    #[test]
    fn a_value_has_the_type_of_the_default() {
        let value = |text, default| settings("a", text).value("a", &default).expect("a value");
        assert_eq!(value("12", Dynamic::from(1_i64)).as_int(), Ok(12));
        assert_eq!(value("12", Dynamic::from("x")).into_string().as_deref(), Ok("12"));
        assert_eq!(value("true", Dynamic::FALSE).as_bool(), Ok(true));
        let list = Dynamic::from(vec![Dynamic::from(1_i64)]);
        assert!(value("[1]", list).is_array());
        let period = value("6mo", Dynamic::from(Period::new(1, 0).expect("a period")));
        assert_eq!(period.cast::<Period>(), Period::new(6, 0).expect("a period"));
    }

    #[test]
    fn a_value_of_another_type_is_refused_as_it_was_written() {
        let wrong = |text| settings("a", text).value("a", &Dynamic::FALSE).expect_err("a mistake");
        let Message { text, help, .. } = wrong("soon");
        assert_eq!(text, "--set a=soon is neither true nor false");
        assert_eq!(help.as_deref(), Some("write it like --set a=true or --set a=false"));
        let varied = Settings::default().with_varied(&[("a".into(), "soon".into())]);
        let mistake = varied.value("a", &Dynamic::from(1_i64)).expect_err("a mistake");
        assert_eq!(mistake.text, "--vary a=soon is no whole number");
    }

    #[test]
    fn examples_do_not_replace_what_set_says() {
        let example = [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into();
        let all = settings("a", "9").with_example(&example);
        assert_eq!((all.text("a"), all.text("b")), (Some("9"), Some("2")));
    }
}
