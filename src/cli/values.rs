//! Parsing the values of options.

use std::env;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Date;
use leora_report::ChangeFilter;

/// The value of `--prisma-dir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PrismaDir {
    At(PathBuf),
    /// No file is written.
    None,
}

pub(crate) fn parse_prisma_dir(text: &str) -> Result<PrismaDir, String> {
    match text {
        "" => Err("write it like prisma, or none".into()),
        "none" => Ok(PrismaDir::None),
        path => Ok(PrismaDir::At(path.into())),
    }
}

/// A folder under the shortest spelling of its path, by which its runs and plans know it again: `scripts/phase2` for
/// `./scripts/phase2/`, and for a link to it.
pub(crate) fn parse_folder(text: &str) -> Result<PathBuf, String> {
    let given = Path::new(text);
    let here = env::current_dir().unwrap_or_default();
    let (linked, home) = (given.canonicalize(), here.canonicalize());
    if let (Ok(linked), Ok(home)) = (linked, home)
        && let Ok(inside) = linked.strip_prefix(home)
        && !inside.as_os_str().is_empty()
    {
        return Ok(inside.to_owned());
    }
    let inside = given.strip_prefix(&here).unwrap_or(given);
    let mut short = PathBuf::new();
    for part in inside.components() {
        match part {
            Component::CurDir => {}
            // Behind a link the folder above is another one.
            Component::ParentDir
                if matches!(short.components().next_back(), Some(Component::Normal(_)))
                    && !short.is_symlink() =>
            {
                short.pop();
            }
            other => short.push(other),
        }
    }
    Ok(if short.as_os_str().is_empty() && !text.is_empty() { ".".into() } else { short })
}

pub(crate) fn parse_percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').parse::<f64>().ok();
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| "write it like 1%".into())
}

pub(crate) fn parse_name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it like --set active_within=6mo".into()),
    }
}

/// A setting and the values to try, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VariedSetting {
    pub(crate) name: String,
    pub(crate) values: Vec<String>,
}

pub(crate) fn parse_varied_setting(text: &str) -> Result<VariedSetting, String> {
    let wrong = || "write it like --vary active_within=90d,120d,180d".to_owned();
    let (name, list) = text.split_once('=').ok_or_else(wrong)?;
    let values: Vec<String> = list.split(',').map(|value| value.trim().to_owned()).collect();
    if name.trim().is_empty() || values.iter().any(String::is_empty) {
        return Err(wrong());
    }
    Ok(VariedSetting { name: name.trim().to_owned(), values })
}

pub(crate) fn parse_change(text: &str) -> Result<ChangeFilter, String> {
    text.parse()
}

pub(crate) fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "there is no such day; write it like 2025-10-25".to_owned())
}

pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let unclear = || "write it like 500ms, 2s or 15min".to_owned();
    let parsed: SignedDuration = text.parse().map_err(|_| unclear())?;
    Duration::try_from(parsed).map_err(|_| unclear())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        PrismaDir, parse_date, parse_duration, parse_name_and_value, parse_percent,
        parse_prisma_dir, parse_varied_setting,
    };

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("15min"), Ok(Duration::from_secs(900)));
        for wrong in ["", "2", "-1s", "soon"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn percents_are_between_0_and_100() {
        assert_eq!(parse_percent("1%"), Ok(1.0));
        assert_eq!(parse_percent(" 2.5 "), Ok(2.5));
        for wrong in ["", "-1%", "101%", "NaN", "many"] {
            assert!(parse_percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_setting_has_a_name() {
        let pair = Ok(("active_within".into(), "6mo".into()));
        assert_eq!(parse_name_and_value(" active_within = 6mo "), pair);
        assert_eq!(parse_name_and_value("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(parse_name_and_value("a="), Ok(("a".into(), String::new())));
        assert!(parse_name_and_value("=6mo").is_err());
        assert!(parse_name_and_value("active_within").is_err());
    }

    #[test]
    fn a_varied_setting_has_values() {
        let varied = parse_varied_setting("within=90d, 120d").unwrap();
        assert_eq!(
            (varied.name.as_str(), varied.values),
            ("within", vec!["90d".into(), "120d".into()])
        );
        for wrong in ["within", "=90d", "within=", "within=90d,,120d"] {
            assert!(parse_varied_setting(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_date_is_a_day_of_the_calendar() {
        assert_eq!(parse_date("2024-02-29").unwrap().to_string(), "2024-02-29");
        assert!(parse_date("2025-02-29").is_err());
    }

    #[test]
    fn prisma_dir_none_is_no_folder() {
        assert_eq!(parse_prisma_dir("none"), Ok(PrismaDir::None));
        assert_eq!(parse_prisma_dir("db/prisma"), Ok(PrismaDir::At("db/prisma".into())));
        assert!(parse_prisma_dir("").is_err());
    }
}
