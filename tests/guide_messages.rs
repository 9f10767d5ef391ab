//! The messages that docs/migration-guide.md helps with are those that the program and its folders print.

use std::fs;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::visit::Visit;

use crate::support::{own_path, own_text};

/// Every text of the sources.
#[derive(Default)]
struct Texts(Vec<String>);

impl<'ast> Visit<'ast> for Texts {
    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.0.push(text.value());
    }

    /// What `format!` and its kin take are expressions.
    fn visit_macro(&mut self, one: &'ast syn::Macro) {
        if let Ok(arguments) = one.parse_body_with(Arguments::parse_terminated) {
            self.all(&arguments);
        }
    }

    /// `#[error("...")]`, too.
    fn visit_attribute(&mut self, one: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &one.meta
            && let Ok(arguments) = list.parse_args_with(Arguments::parse_terminated)
        {
            self.all(&arguments);
        }
    }
}

type Arguments = Punctuated<syn::Expr, syn::Token![,]>;

impl Texts {
    fn all(&mut self, arguments: &Arguments) {
        for argument in arguments {
            Texts::visit_expr(self, argument);
        }
    }
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

fn texts() -> Vec<String> {
    let (mut sources, mut scripts) = (Vec::new(), Vec::new());
    files(&own_path("src"), "rs", &mut sources);
    files(&own_path("crates"), "rs", &mut sources);
    files(&own_path("scripts"), "rhai", &mut scripts);
    let mut texts = Texts::default();
    for file in sources {
        let text = fs::read_to_string(file).expect("a source");
        texts.visit_file(&syn::parse_file(&text).expect("Rust"));
    }
    let scripts = scripts.iter().map(|file| fs::read_to_string(file).expect("a script"));
    texts.0.extend(scripts);
    texts.0
}

/// The messages of the guide's table, each as what it holds between its gaps.
fn named(guide: &str) -> Vec<Vec<String>> {
    let rows = guide.split("| message | what to do |\n").nth(1).expect("the table");
    let rows = rows.lines().take_while(|line| line.starts_with('|')).skip(1);
    let message = |row: &str| row.split('`').nth(1).expect("a message").to_owned();
    let pieces = |message: String| {
        // A number is of the example's data.
        let words = message.split_whitespace().map(|word| {
            match word.trim_end_matches(',').replace(',', "").parse::<u64>() {
                Ok(_) => "...",
                Err(_) => word,
            }
        });
        let text = words.collect::<Vec<_>>().join(" ");
        let pieces = text.split("...").map(|piece| piece.trim().to_owned());
        pieces.filter(|piece| !piece.is_empty()).collect()
    };
    rows.map(message).map(pieces).collect()
}

/// What the server itself says, which no source of ours holds: the tests of privileges provoke it.
const SERVERS: [&str; 2] = ["permission denied for", "must be owner of"];

#[test]
fn every_message_that_the_guide_helps_with_is_one_that_is_printed() {
    let (texts, guide) = (texts(), own_text("docs/migration-guide.md"));
    let named = named(&guide);
    assert!(named.len() >= 12, "{named:?}");
    for pieces in named {
        let in_order = |text: &String| {
            let mut rest = text.as_str();
            pieces.iter().all(|piece| match rest.find(piece.as_str()) {
                Some(at) => {
                    rest = &rest[at + piece.len()..];
                    true
                }
                None => false,
            })
        };
        let printed = texts.iter().any(in_order) || SERVERS.contains(&pieces[0].as_str());
        assert!(printed, "nothing prints {pieces:?}");
    }
}
