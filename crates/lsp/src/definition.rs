//! Where a name is defined: modules and their functions, settings, SQL files, variables.

use std::ops::Range;
use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use leora_script::{
    Cursor, CursorKind, Role, cursor_at, declared_variables, functions_of, module_of_alias,
};

use crate::diagnostics::text_of;
use crate::manifest_completion::{ManifestPlace, place_at};
use crate::positions::{range, range_at};
use crate::spot::Spot;

/// A place in a file.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    pub(crate) file: PathBuf,
    pub(crate) range: lsp::Range,
}

impl Target {
    fn start_of(file: &Path) -> Self {
        Self { file: file.to_owned(), range: lsp::Range::default() }
    }
}

/// Where what stands at a place is defined.
pub(crate) fn definition(spot: &Spot<'_>) -> Option<Target> {
    if spot.is_manifest() {
        return match place_at(spot.text, spot.offset) {
            (ManifestPlace::Text { key: "sql" | "prisma" }, bytes) => {
                sql_file(spot, &spot.text[bytes])
            }
            _ => None,
        };
    }
    let Cursor { kind, range } = cursor_at(spot.text, spot.offset);
    let name = &spot.text[range];
    match kind {
        CursorKind::Text(Role::Module) => {
            let module = name.strip_prefix("lib/").unwrap_or(name);
            let mut modules = spot.modules();
            modules.find(|(name, ..)| *name == module).map(|(_, file, _)| Target::start_of(&file))
        }
        CursorKind::Text(Role::SqlFile) => sql_file(spot, name),
        CursorKind::Text(Role::Setting) | CursorKind::Key(Role::Setting) => setting(spot, name),
        CursorKind::OfModule(alias) => {
            let module = module_of_alias(spot.text, &alias)?;
            let (_, file, text) = spot.modules().find(|(name, ..)| *name == module)?;
            Some(in_text(&file, text, &named(functions_of(text), name)?))
        }
        CursorKind::Name => {
            let function = named(functions_of(spot.text), name);
            let found = function.or_else(|| variable(spot, name))?;
            Some(in_text(spot.path, spot.text, &found))
        }
        _ => None,
    }
}

fn named(found: Vec<(String, Range<usize>)>, name: &str) -> Option<Range<usize>> {
    found.into_iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes)
}

/// The last declaration before the place.
fn variable(spot: &Spot<'_>, name: &str) -> Option<Range<usize>> {
    let declared = declared_variables(spot.text).into_iter();
    let mut before = declared.filter(|(_, bytes)| bytes.start <= spot.offset);
    before.rfind(|(known, _)| known == name).map(|(_, bytes)| bytes)
}

fn in_text(file: &Path, text: &str, bytes: &Range<usize>) -> Target {
    Target { file: file.to_owned(), range: range(text, bytes.clone()) }
}

/// An SQL file of the manifest, or one that becomes Prisma's.
fn sql_file(spot: &Spot<'_>, name: &str) -> Option<Target> {
    let folder = &spot.folder?.folder;
    let own = folder.sql.get(name);
    let prisma =
        || folder.prisma.values().find(|source| source.path.ends_with(&format!("/{name}")));
    own.or_else(prisma).map(|source| Target::start_of(Path::new(&source.path)))
}

fn setting(spot: &Spot<'_>, name: &str) -> Option<Target> {
    let setting = spot.settings().iter().find(|setting| setting.name == name)?;
    let text = text_of(&spot.folder?.folder, &setting.place.file)?;
    let file = PathBuf::from(&setting.place.file);
    Some(Target { file, range: range_at(text, &setting.place) })
}
