//! Completion in scripts: the API, the script's own names, and the names of the folder and its database.

use std::collections::BTreeSet;

use gen_lsp_types::{self as lsp, CompletionItemKind as Kind};
use leora_report::{ColumnShape, TableShape};
use leora_script::{
    Cursor, CursorKind, Form, FormKind, Function, GROUPS, Group, Role, column_names, cursor_at,
    declared_variables, functions_of, members_of, module_of_alias,
};

use crate::api_text::markdown;
use crate::manifest_completion;
use crate::positions::range;
use crate::spot::Spot;

/// A name that is proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub(crate) name: String,
    pub(crate) kind: Option<Kind>,
    /// A few words beside it.
    pub(crate) detail: Option<String>,
    /// Markdown.
    pub(crate) about: Option<String>,
}

impl Proposal {
    pub(crate) fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind: Some(kind), detail: None, about: None }
    }

    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

/// What could be written at a place.
pub(crate) fn complete(spot: &Spot<'_>) -> Vec<lsp::CompletionItem> {
    let (proposals, bytes) = if spot.is_manifest() {
        manifest_completion::propose(spot)
    } else {
        let Cursor { kind, range } = cursor_at(spot.text, spot.offset);
        (propose(spot, &kind), range)
    };
    let range = range(spot.text, bytes);
    let item = |(order, proposal): (usize, Proposal)| {
        let Proposal { name, kind, detail, about } = proposal;
        lsp::CompletionItem {
            kind,
            detail,
            documentation: about.map(|about| markdown(about).into()),
            // As they are proposed: the labels of an enum in their order.
            sort_text: Some(format!("{order:04}")),
            text_edit: Some(lsp::TextEdit { range, new_text: name.clone() }.into()),
            label: name,
            ..lsp::CompletionItem::default()
        }
    };
    proposals.into_iter().enumerate().map(item).collect()
}

fn propose(spot: &Spot<'_>, kind: &CursorKind) -> Vec<Proposal> {
    match kind {
        CursorKind::Text(role) | CursorKind::Key(role) => of_role(spot, role),
        CursorKind::Member(object) => {
            members_of(object.as_deref()).into_iter().map(|one| of_api(one, Kind::Method)).collect()
        }
        CursorKind::OfModule(alias) => functions_of_module(spot, alias),
        CursorKind::Name => names(spot),
        CursorKind::Nothing => vec![],
    }
}

fn of_role(spot: &Spot<'_>, role: &Role) -> Vec<Proposal> {
    match role {
        Role::Table => tables(spot),
        Role::Column(of) => columns(spot, of),
        Role::Value(of, column) => labels(spot, of, column),
        Role::Module => {
            let modules = spot.modules();
            modules.map(|(name, ..)| Proposal::new(format!("lib/{name}"), Kind::Module)).collect()
        }
        Role::SqlFile => sql_files(spot),
        Role::Setting => settings(spot),
        Role::Other => vec![],
    }
}

/// The tables of the database; without one, those that the manifest names.
pub(crate) fn tables(spot: &Spot<'_>) -> Vec<Proposal> {
    let known = spot.tables.tables.iter().map(|table| {
        Proposal::new(&table.name, Kind::Class).detail(format!("{} columns", table.columns.len()))
    });
    let mut proposals: Vec<Proposal> = known.collect();
    if let (true, Some(known)) = (proposals.is_empty(), spot.folder) {
        let named = known.folder.manifest.named_tables();
        proposals.extend(named.into_iter().map(|name| Proposal::new(name, Kind::Class)));
    }
    proposals
}

fn columns(spot: &Spot<'_>, of: &[String]) -> Vec<Proposal> {
    let tables = spot.tables_named(of);
    let names_table = tables.len() > 1;
    let of_table = |table: &TableShape| {
        let owner = if names_table { format!("{}: ", table.name) } else { String::new() };
        let describe = |column: &ColumnShape| {
            let detail = format!("{owner}{}", column.data_type);
            Proposal::new(&column.name, Kind::Field).detail(detail)
        };
        table.columns.iter().map(describe).collect::<Vec<_>>()
    };
    let mut proposals: Vec<Proposal> = tables.into_iter().flat_map(of_table).collect();
    // An SQL file may add columns that the database does not have yet.
    for name in named_columns(spot, of) {
        if !proposals.iter().any(|known| known.name == name) {
            proposals.push(Proposal::new(name, Kind::Field).detail("named in this folder"));
        }
    }
    proposals
}

/// The columns that the manifest names for these tables, and those that the scripts read.
fn named_columns(spot: &Spot<'_>, of: &[String]) -> BTreeSet<String> {
    let Some(known) = spot.folder else { return column_names(spot.text).into_iter().collect() };
    let writes = known.folder.manifest.writes.iter().filter_map(|entry| entry.split_once('.'));
    let writes = writes.filter(|(table, _)| of.is_empty() || of.iter().any(|one| one == table));
    let mut names: BTreeSet<String> = writes.map(|(_, column)| column.to_owned()).collect();
    // With a database, a name that it does not have is most likely misspelt.
    if spot.tables.tables.is_empty() {
        let sources = known.folder.sources().filter(|source| source.path.ends_with(".rhai"));
        names.extend(sources.flat_map(|source| column_names(&source.text)));
    }
    names
}

fn labels(spot: &Spot<'_>, of: &[String], column: &str) -> Vec<Proposal> {
    let columns = spot.columns_named(of, column);
    let labels = columns.iter().flat_map(|(_, column)| {
        column
            .labels
            .iter()
            .map(|label| Proposal::new(label, Kind::EnumMember).detail(column.data_type.clone()))
    });
    let mut proposals: Vec<Proposal> = Vec::new();
    for label in labels {
        if !proposals.contains(&label) {
            proposals.push(label);
        }
    }
    proposals
}

pub(crate) fn sql_files(spot: &Spot<'_>) -> Vec<Proposal> {
    let files = spot.folder.into_iter().flat_map(|known| known.folder.sql.keys());
    files.map(|name| Proposal::new(name, Kind::File)).collect()
}

fn settings(spot: &Spot<'_>) -> Vec<Proposal> {
    let settings = spot.settings().iter();
    settings
        .map(|setting| Proposal {
            about: setting.comment.clone(),
            ..Proposal::new(&setting.name, Kind::Property).detail(&setting.default)
        })
        .collect()
}

fn functions_of_module(spot: &Spot<'_>, alias: &str) -> Vec<Proposal> {
    let module = module_of_alias(spot.text, alias);
    let found = spot.modules().find(|(name, ..)| Some(*name) == module.as_deref());
    let functions = found.map(|(.., text)| functions_of(text)).unwrap_or_default();
    functions.into_iter().map(|(name, _)| Proposal::new(name, Kind::Function)).collect()
}

const KEYWORDS: [&str; 10] =
    ["let", "const", "if", "else", "for", "in", "fn", "import", "true", "false"];

/// What can stand alone: the script's own names first.
fn names(spot: &Spot<'_>) -> Vec<Proposal> {
    let mut seen = BTreeSet::new();
    let declared = |found: Vec<(String, std::ops::Range<usize>)>, kind| {
        let before = found.into_iter().filter(|(_, bytes)| bytes.end < spot.offset);
        before.map(|(name, _)| Proposal::new(name, kind)).collect::<Vec<_>>()
    };
    let mut proposals = declared(declared_variables(spot.text), Kind::Variable);
    let functions = functions_of(spot.text).into_iter();
    proposals.extend(functions.map(|(name, _)| Proposal::new(name, Kind::Function)));
    for proposal in &mut proposals {
        if let Some(setting) = spot.settings().iter().find(|setting| setting.name == proposal.name)
        {
            proposal.detail = Some(format!("setting, {}", setting.default));
            proposal.about.clone_from(&setting.comment);
        }
    }
    let stands_alone = |function: &&Function| {
        let forms = function.forms.iter().map(|form| Form::parse(form));
        let mut kinds = forms.map(|form| form.kind);
        kinds.any(|kind| matches!(kind, FormKind::Function | FormKind::Word))
    };
    let api = GROUPS.iter().flat_map(Group::functions).filter(stands_alone);
    proposals.extend(api.map(|function| of_api(function, Kind::Function)));
    proposals.extend(KEYWORDS.map(|word| Proposal::new(word, Kind::Keyword)));
    proposals.retain(|proposal| seen.insert(proposal.name.clone()));
    proposals
}

fn of_api(function: &Function, kind: Kind) -> Proposal {
    let about = format!("{}\n\n```rhai\n{}\n```", function.about, function.example);
    Proposal { about: Some(about), ..Proposal::new(function.name, kind).detail(function.forms[0]) }
}
