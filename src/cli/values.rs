//! The values of options, from text.

use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Date;

/// Prisma's folder, where a recorded migration gets its migration.sql.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PrismaDir {
    /// `prisma/` beside `.env`, where there are both.
    #[default]
    Beside,
    /// The one that was named.
    At(PathBuf),
    /// None: no file is written.
    Nowhere,
}

pub(crate) fn prisma_dir(text: &str) -> Result<PrismaDir, String> {
    match text {
        "" => Err("write it like prisma, or none".into()),
        "none" => Ok(PrismaDir::Nowhere),
        path => Ok(PrismaDir::At(path.into())),
    }
}

pub(crate) fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').parse::<f64>().ok();
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| "write it like 1%".into())
}

pub(crate) fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it like --set active_within=6mo".into()),
    }
}

/// A setting and the values to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Varied {
    /// The setting.
    pub name: String,
    /// The values.
    pub values: Vec<String>,
}

pub(crate) fn varied(text: &str) -> Result<Varied, String> {
    let wrong = || "write it like --vary active_within=90d,120d,180d".to_owned();
    let (name, list) = text.split_once('=').ok_or_else(wrong)?;
    let values: Vec<String> = list.split(',').map(|value| value.trim().to_owned()).collect();
    if name.trim().is_empty() || values.iter().any(String::is_empty) {
        return Err(wrong());
    }
    Ok(Varied { name: name.trim().to_owned(), values })
}

pub(crate) fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "there is no such day; write it like 2025-10-25".to_owned())
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let unclear = || "write it like 500ms, 2s or 15min".to_owned();
    let parsed: SignedDuration = text.parse().map_err(|_| unclear())?;
    Duration::try_from(parsed).map_err(|_| unclear())
}
