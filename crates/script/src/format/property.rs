//! The shipped scripts are formatted, and become so again however their white space is changed where it is the formatter's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use leora_folder::{Limits, SourceFile};

use crate::GROUPS;
use crate::api::Group;
use crate::format::arms::align_arms;
use crate::format::format_script;
use crate::format::indentation::{Reason, indent};
use crate::format::line::split_lines;
use crate::piece::{PieceKind, split_pieces};

/// The scripts below a folder.
fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(scripts(&path)),
            false if path.extension().is_some_and(|end| end == "rhai") => found.push(path),
            false => {}
        }
    }
    found
}

/// The shipped scripts, the folder that `new` makes, and the examples of the reference.
fn formatted_texts() -> BTreeMap<String, String> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = ["scripts", "src/commands/new/template"].map(|name| scripts(&home.join(name)));
    let files = folders
        .into_iter()
        .flatten()
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a script")));
    let examples = GROUPS.iter().flat_map(Group::functions);
    let examples =
        examples.map(|one| (format!("example of {}", one.forms[0]), format!("{}\n", one.example)));
    files.chain(examples).collect()
}

fn format(path: &str, text: &str) -> String {
    let source = SourceFile { path: path.into(), text: text.into(), sha256: String::new() };
    let formatted = format_script(&source, &Limits::default());
    formatted.unwrap_or_else(|error| panic!("{path}: {error}\n{text}"))
}

/// A generator of numbers: the same numbers in each run of the test.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit) as usize
    }

    fn blanks(&mut self, most: u64) -> String {
        " ".repeat(self.below(most + 1))
    }
}

/// The text with other white space: indentation, blanks in arms and behind lines, and empty lines at the end.
fn mutilated(text: &str, numbers: &mut Numbers) -> String {
    let pieces = split_pieces(text);
    let lines = split_lines(text, &pieces);
    let (indents, arms) = (indent(text, &lines, &pieces), align_arms(text, &lines, &pieces));
    let (mut changed, mut moved) = (String::new(), 0_i64);
    for (at, line) in lines.iter().enumerate() {
        let content = &text[line.bytes.clone()];
        match indents[at] {
            Some(one) if one.by == Reason::Level => {
                // Lines that move with this one would else be cut at the margin.
                let column =
                    one.after + numbers.below(9) - numbers.below(one.after.min(3) as u64 + 1);
                moved = column as i64 - one.after as i64;
                changed += &" ".repeat(column);
            }
            Some(one) => changed += &" ".repeat((one.after as i64 + moved).max(0) as usize),
            None => {}
        }
        let content = if line.begins_inside { content } else { content.trim_start() };
        match arms.contains_key(&at) {
            true => changed += &loosened(&pieces[line.pieces.clone()], text, numbers),
            false => changed += content,
        }
        if !line.ends_inside && !line.begins_inside {
            changed += &numbers.blanks(3);
        }
        changed += "\n";
    }
    changed += &"\n".repeat(numbers.below(3));
    changed
}

/// An arm with other blanks around its cells.
fn loosened(pieces: &[crate::piece::Piece<'_>], text: &str, numbers: &mut Numbers) -> String {
    let (mut changed, mut depth) = (String::new(), 0);
    for (at, piece) in pieces.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &pieces[before]);
        let is_edge = |depth: usize, piece: &crate::piece::Piece<'_>| {
            depth <= 1 && (piece.is("[") || piece.is("]") || piece.is(",")) || piece.is_comment()
        };
        if let Some(before) = before {
            let closes = piece.kind == PieceKind::Closing && depth == 1;
            let is_free = is_edge(depth, before) && depth == 1
                || is_edge(depth, piece) && (depth == 0 || closes || depth == 1);
            match is_free {
                true => changed += &numbers.blanks(4),
                false => changed += &text[before.end()..piece.start],
            }
        }
        changed += piece.text;
        match piece.kind {
            PieceKind::Opening => depth += 1,
            PieceKind::Closing => depth -= 1,
            _ => {}
        }
    }
    changed
}

#[test]
fn what_is_shipped_is_formatted() {
    let texts = formatted_texts();
    assert!(texts.len() > 60, "{} texts", texts.len());
    for (path, text) in texts {
        assert_eq!(format(&path, &text), text, "{path}");
    }
}

#[test]
fn other_white_space_is_formatted_to_the_same() {
    let mut numbers = Numbers(7);
    let mut different = 0;
    for (path, text) in formatted_texts() {
        for _ in 0..20 {
            let changed = mutilated(&text, &mut numbers);
            different += usize::from(changed != text);
            assert_eq!(format(&path, &changed), text, "{path}, from:\n{changed}");
        }
    }
    assert!(different > 1_000, "{different} texts differ");
}
