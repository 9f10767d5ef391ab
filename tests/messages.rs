//! docs/messages.md: what scripts can be told, taken from the tests that hold each text exactly.

use std::collections::BTreeSet;
use std::fs;

use expect_test::expect_file;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMethodCall, Lit};

use crate::support::{one_line, own_path};

/// A message: what was written, what is said, and what to do about it.
struct Message {
    written: String,
    said: String,
    help: String,
}

/// The cases of a test file.
#[derive(Default)]
struct Cases {
    messages: Vec<Message>,
}

impl<'ast> Visit<'ast> for Cases {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let method = call.method.to_string();
        if ["fails", "fails_with", "stops_early", "stops_early_with"].contains(&method.as_str()) {
            let texts: Vec<String> = call.args.iter().filter_map(literal).collect();
            if let [before @ .., block] = texts.as_slice()
                && block.starts_with("error: ")
            {
                self.messages.push(message(before, block));
            }
        }
        visit::visit_expr_method_call(self, call);
    }

    /// What `check` shows.
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func
            && path.path.is_ident("shows")
            && let Some(told) = call.args.last().and_then(literal)
        {
            self.messages.extend(told.split("\n\n").map(found));
        }
        visit::visit_expr_call(self, call);
    }
}

/// A text, also as `expect![[r#"..."#]]` holds it.
fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(found) => match &found.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Macro(held) if held.mac.path.is_ident("expect") => {
            Some(unindented(&literal(&held.mac.parse_body().ok()?)?))
        }
        Expr::Array(held) => literal(held.elems.first()?),
        _ => None,
    }
}

/// A text without the indentation that all its lines have.
fn unindented(text: &str) -> String {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|line| line.get(indent..).unwrap_or("")).collect();
    lines.join("\n").trim_end().to_owned()
}

/// The message that an exact output tells: the fact and the help in one line each, and what was written: the
/// option, or the line that it points at.
fn message(before: &[String], block: &str) -> Message {
    let (front, help) = block.split_once("\nhelp: ").unwrap_or((block, ""));
    let (said, picture) = front.split_once("\n --> ").unwrap_or((front, ""));
    let option = before.iter().find(|text| text.starts_with("--"));
    let written = option.cloned().or_else(|| marked(before.last()?, picture)).unwrap_or_default();
    Message {
        written: written.trim().to_owned(),
        said: one_line(said.trim_start_matches("error: ")),
        help: one_line(help),
    }
}

/// The message of a finding, whose line is as the picture shows it.
fn found(block: &str) -> Message {
    let told = message(&[], block.trim_start_matches("warning: "));
    let picture = block.split_once("\n --> ").map_or("", |(_, picture)| picture);
    let written = pictured(picture).unwrap_or_default();
    Message { written: written.trim().to_owned(), ..told }
}

/// The line that a picture points at: of the script where it is of that, else as the picture shows it.
fn marked(script: &str, picture: &str) -> Option<String> {
    let mut place = picture.lines().next()?.split(':');
    let (file, line) = (place.next()?, place.next()?);
    if file == "scripts/try/01_step.rhai" {
        return script.lines().nth(line.parse::<usize>().ok()? - 1).map(str::to_owned);
    }
    pictured(picture)
}

/// The line that a picture points at, as it shows it.
fn pictured(picture: &str) -> Option<String> {
    let line = picture.lines().next()?.split(':').nth(1)?;
    let shown = picture.lines().find_map(|text| text.strip_prefix(&format!("{line} | ")));
    shown.map(str::to_owned)
}

/// Text as a cell of a table, as code.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|");
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}

/// Text as a cell of a table: its names in backquotes are code there too.
fn plain(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<").replace('*', "\\*")
}

/// The page, and how many messages it has.
fn page() -> (String, usize) {
    let home = own_path("tests/script_errors");
    let order = [
        "functions",
        "columns",
        "comparisons",
        "conditions",
        "row_functions",
        "rules",
        "other_rows",
        "settings",
        "syntax",
        "language",
        "other_languages",
        "modules",
        "queries",
        "permissions",
        "limits",
    ];
    let files: BTreeSet<String> = fs::read_dir(&home)
        .expect("the tests")
        .map(|entry| {
            entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into()
        })
        .collect();
    let known: BTreeSet<String> =
        order.iter().map(ToString::to_string).chain(["mod".into()]).collect();
    assert_eq!(files, known, "a file of tests that the page does not know");
    let mut parts = vec![INTRODUCTION.to_owned()];
    let mut all = 0;
    let mut told = BTreeSet::new();
    for name in order {
        let source = fs::read_to_string(home.join(name).with_extension("rs")).expect("a test");
        let title =
            source.lines().next().unwrap_or("").trim_start_matches("//! ").trim_end_matches('.');
        let messages = cases(&source);
        all += messages.len();
        parts.push(part(title, &messages));
        told.extend(messages.into_iter().map(|one| one.said));
    }
    let check = home.with_file_name("check.rs");
    let mut findings = cases(&fs::read_to_string(check).expect("a test"));
    findings.retain(|one| told.insert(one.said.clone()));
    assert!(findings.len() >= 5, "only {} findings of check are tested", findings.len());
    parts.push(part("What `leora-run check` finds besides", &findings));
    (parts.join("\n"), all + findings.len())
}

/// The messages of a file of tests.
fn cases(source: &str) -> Vec<Message> {
    let mut cases = Cases::default();
    cases.visit_file(&syn::parse_file(source).expect("Rust"));
    cases.messages
}

/// A part of the page.
fn part(title: &str, messages: &[Message]) -> String {
    let rows = messages.iter().map(|one| {
        format!("| {} | {} | {} |\n", code(&one.written), plain(&one.said), plain(&one.help))
    });
    let rows: String = rows.collect();
    format!("## {title}\n\n| written | what it says | what to do |\n| --- | --- | --- |\n{rows}")
}

const INTRODUCTION: &str = "\
# What scripts are told

Every mistake that a script can make, by what was written. The message stands under the line of the script, with a caret
at the place, also inside functions, closures and modules, and nothing is changed by any of them. Each row is a test in
`tests/script_errors/`, or in `tests/check.rs` for what only `check` tells, that holds the whole text;
`UPDATE_EXPECT=1 cargo test messages` writes this page from them.
";

#[test]
fn the_page_lists_every_message_of_the_tests() {
    let (page, messages) = page();
    assert!(messages >= 60, "only {messages} messages are tested");
    expect_file!["../docs/messages.md"].assert_eq(&page);
}
