//! `--rows FILE`: the rows that a command changes, one by one, written when it has ended well.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use leora_execution::{SharedRows, lock_rows};
use leora_folder::{RowLabel, ScriptFolder};
use leora_postgres::RowListing;
use leora_render::{CsvStyle, RowsFormat, write_rows};
use leora_report::{Failure, FailureKind, FileChange, FileReport, PastRun, Report, RowList};
use leora_rule::format_count;
use leora_system::{UnfinishedFile, Visibility};

use crate::cli::{Format, Options};
use crate::commands::context::Context;
use crate::commands::shared::bundled::folder_or_bundled;

const HELP: &str = "give --rows a file in a folder that can be written, such as rows.csv";

/// How many rows of each transition a page has, and how many bytes they may take in all.
const MOST_ON_PAGE: usize = 2_000;
const PAGE_BYTES: usize = 3 << 20;

/// The list, if `--rows` asks for one or the page of `--report` has its first rows.
#[derive(Debug)]
pub(crate) struct RowsFile {
    wanted: Option<WantedRows>,
}

#[derive(Debug)]
struct WantedRows {
    place: Place,
    format: RowsFormat,
    rows: SharedRows,
}

#[derive(Debug)]
enum Place {
    StandardOutput,
    File(PathBuf),
    /// Only the page of the report has rows.
    Page,
}

impl RowsFile {
    /// Of a command whose page has the first rows too. Tries whether it can be written.
    pub(crate) fn begin_with_page(context: &Context) -> Result<Self, Failure> {
        match context.options.report.is_some() && context.options.rows.is_none() {
            true => Self::of(Place::Page, &context.options),
            false => Self::begin(context),
        }
    }

    /// Tries whether it can be written.
    pub(crate) fn begin(context: &Context) -> Result<Self, Failure> {
        let options = &context.options;
        let place = match &options.rows {
            None => return Ok(Self { wanted: None }),
            Some(path) if !options.rows_to_standard_output() => Place::File(path.clone()),
            Some(_) if options.format == Format::Text => Place::StandardOutput,
            Some(_) => return Err(only_one_document()),
        };
        Self::of(place, options)
    }

    fn of(place: Place, options: &Options) -> Result<Self, Failure> {
        let format = match &place {
            Place::StandardOutput => csv(options, io::stdout().is_terminal()),
            Place::File(path) => format_of(path, options)?,
            Place::Page => csv(options, false),
        };
        let list = match &place {
            Place::StandardOutput | Place::Page => RowList::in_folder(&env::temp_dir()),
            Place::File(path) => UnfinishedFile::create(path, Visibility::Private).and_then(|_| {
                let folder = path.parent().filter(|folder| *folder != Path::new(""));
                RowList::in_folder(folder.unwrap_or(Path::new(".")))
            }),
        };
        let list = list.map_err(|error| unwritable(&place.name(), &error))?;
        let rows = Arc::new(Mutex::new(RowListing::new(list, &options.where_change)));
        Ok(Self { wanted: Some(WantedRows { place, format, rows }) })
    }

    /// The context of a command that fills the list.
    pub(crate) fn context(&self, context: &Context) -> Context {
        context.with_rows(self.wanted.as_ref().map(|wanted| Arc::clone(&wanted.rows)))
    }

    /// Writes the list of a command that has ended well, whole or not at all. Returns what to say of it.
    pub(crate) fn write_for(&self, report: &mut Report, options: &Options) -> Option<String> {
        let wanted = self.wanted.as_ref()?;
        if report.error.is_some() {
            return None;
        }
        if options.report.is_some() {
            let first = lock_rows(&wanted.rows).list.first_rows(MOST_ON_PAGE, PAGE_BYTES);
            report.first_rows = first.unwrap_or_default();
        }
        let failure = match self.write() {
            Ok(remark) => return remark,
            Err(failure) => failure,
        };
        let path = wanted.place.name();
        let (reason, help) = (failure.message, failure.help.unwrap_or_default());
        report.files.push(FileReport { path, change: FileChange::Failed { reason, help } });
        None
    }

    /// The same for a command that has no report.
    pub(crate) fn write(&self) -> Result<Option<String>, Failure> {
        let Some(WantedRows { place, format, rows }) = &self.wanted else { return Ok(None) };
        let list = &mut lock_rows(rows).list;
        let count = list.rows();
        let name = place.name();
        let written = match place {
            Place::StandardOutput => write_all(list, *format, &mut io::stdout().lock()),
            Place::File(path) => {
                UnfinishedFile::create(path, Visibility::Private).and_then(|mut file| {
                    write_all(list, *format, file.as_file())?;
                    file.put_in_place()
                })
            }
            Place::Page => return Ok(None),
        };
        written.map_err(|error| unwritable(&name, &error))?;
        let rows = format_count(count, "changed row");
        Ok(match place {
            Place::StandardOutput | Place::Page => None,
            Place::File(_) => Some(format!("{name} lists {rows}.")),
        })
    }
}

/// The columns that name the rows of a run of the past, where its folder is still here and says which.
pub(crate) fn labels_of_past(past: &PastRun, context: &Context) -> BTreeMap<String, Vec<String>> {
    let folder = folder_or_bundled(Path::new(&past.folder), context);
    let Some(folder) = folder.ok().and_then(|folder| ScriptFolder::open(&folder).ok()) else {
        return BTreeMap::new();
    };
    let own = |labels: &Vec<RowLabel>| {
        labels.iter().filter_map(RowLabel::own_column).map(str::to_owned).collect()
    };
    folder.manifest.labels.iter().map(|(table, labels)| (table.clone(), own(labels))).collect()
}

impl Place {
    fn name(&self) -> String {
        match self {
            Self::StandardOutput => "standard output".into(),
            Self::File(path) => path.display().to_string(),
            Self::Page => "the page".into(),
        }
    }
}

fn write_all(list: &mut RowList, format: RowsFormat, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    match write_rows(list, format, &mut out).and_then(|()| out.flush()) {
        // Whoever closed it, such as `head`, has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn csv(options: &Options, for_terminal: bool) -> RowsFormat {
    RowsFormat::Csv(CsvStyle {
        byte_order_mark: options.csv_bom,
        keep_formulas: options.csv_formulas,
        for_terminal,
    })
}

fn format_of(path: &Path, options: &Options) -> Result<RowsFormat, Failure> {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_lowercase);
    match ending.as_deref() {
        Some("csv") => Ok(csv(options, false)),
        Some("json" | "jsonl" | "ndjson") => Ok(RowsFormat::JsonLines),
        _ => Err(Failure::new(
            FailureKind::Usage,
            format!("{} ends neither in .csv nor in .json", path.display()),
            Some("name the list like rows.csv, or rows.json for a line of JSON a row; - is CSV on standard output".into()),
        )),
    }
}

fn only_one_document() -> Failure {
    Failure::new(
        FailureKind::Usage,
        "--rows - and --format both want standard output",
        Some("write the list to a file, as in --rows rows.csv".into()),
    )
}

fn unwritable(place: &str, error: &io::Error) -> Failure {
    let message = format!("the list of rows can't be written to {place}: {error}");
    Failure::new(FailureKind::Usage, message, Some(HELP.into()))
}
