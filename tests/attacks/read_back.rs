//! The property that all ways out have: what is printed is read back, by a real reader of its language, as the text
//! that it was, and does nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use leora_report::{shell_argument, shell_option, shell_path, shell_word, toml_string};
use leora_rule::{is_unprintable, printable_sql, quote_identifier};

use super::hostile::{TEXTS, mixed};
use crate::support::{Database, Project, Random, attacked};

/// The hostile texts, and some of their parts put together at random.
fn texts() -> Vec<String> {
    let mut random = Random::of(16);
    let mixed = (0..300).map(|_| mixed(&mut random));
    TEXTS.into_iter().map(str::to_owned).chain([String::new()]).chain(mixed).collect()
}

#[track_caller]
fn is_printable(printed: &str) {
    assert!(!printed.contains(is_unprintable), "{printed:?}");
}

/// The arguments that a shell's own printf is called with, by words as they are printed; nothing else may be done.
fn read_by(shell: &str, words: &[String]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "").expect("a file");
    let program = format!("printf '%s\\0' {}\n", words.join(" "));
    let output = Command::new(shell)
        .args(["-c", &program])
        .current_dir(folder.path())
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{program}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(names_in(folder.path()), ["file"], "{program}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\0').map(str::to_owned).collect()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn words_of_a_shell_are_the_texts_that_they_were() {
    let texts = texts();
    for text in &texts {
        attacked(&format!("a word of a shell {text:?}"));
        is_printable(&shell_word(text));
    }
    let words: Vec<String> = texts.iter().map(|text| shell_word(text)).collect();
    assert_eq!(read_by("bash", &words), texts);
    let printable: Vec<String> =
        texts.iter().filter(|text| !text.contains(is_unprintable)).cloned().collect();
    let words: Vec<String> = printable.iter().map(|text| shell_word(text)).collect();
    assert_eq!(read_by("sh", &words), printable);
    // A shell that does not know the escapes reads other texts, and does nothing either.
    let words: Vec<String> = texts.iter().map(|text| shell_word(text)).collect();
    assert_eq!(read_by("sh", &words).len(), texts.len());
}

#[test]
fn paths_arguments_and_values_of_options_are_no_options() {
    let texts = texts();
    let words: Vec<String> = texts.iter().map(|text| shell_path(text)).collect();
    for (path, text) in read_by("bash", &words).iter().zip(&texts) {
        assert!(!path.starts_with('-'), "{path:?}");
        assert_eq!(Path::new(".").join(path), Path::new(".").join(text), "{text:?}");
    }
    for text in TEXTS {
        let argument = read_by("bash", &[shell_argument(text)]);
        assert_eq!(argument.last().map(String::as_str), Some(text));
        assert_eq!(argument.len(), 1 + usize::from(text.starts_with('-')));
        let option = read_by("bash", &[shell_option("--set", text)]).join("=");
        assert_eq!(option, format!("--set={text}"));
    }
}

#[test]
fn strings_of_toml_are_the_texts_that_they_were() {
    for text in texts() {
        attacked(&format!("a string of TOML {text:?}"));
        let line = format!("writes = [{}]", toml_string(&text));
        is_printable(&line);
        let read: toml::Table =
            toml::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let writes = read["writes"].as_array().expect("a list");
        assert_eq!((read.len(), writes.len(), writes[0].as_str()), (1, 1, Some(text.as_str())));
    }
}

#[test]
fn names_in_printed_sql_are_the_names_that_they_were() {
    let database = Database::sample();
    database.run("CREATE SCHEMA probed; CREATE TABLE probe (found int)");
    let names: BTreeSet<String> = texts().into_iter().filter(|name| !name.is_empty()).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = String::new();
    for name in &names {
        attacked(&format!("a name in printed SQL {name:?}"));
        let statement = format!("CREATE TABLE probed.{} ();", quote_identifier(name));
        let statement = printable_sql(&statement);
        is_printable(&statement);
        file += &format!("{statement}\n");
    }
    let path = folder.path().join("names.sql");
    fs::write(&path, &file).expect("a file");
    let output = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=probe=other", "--file"])
        .arg(&path)
        .arg(database.url())
        .current_dir(folder.path())
        .env("PGCLIENTENCODING", "UTF8")
        .output()
        .expect("psql");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(names_in(folder.path()), ["names.sql"]);
    let made = database
        .rows("SELECT relname::text FROM pg_class WHERE relnamespace = 'probed'::regnamespace AND relkind = 'r'");
    assert_eq!(made.into_iter().flatten().collect::<BTreeSet<_>>(), names);
    assert_eq!(database.value("SELECT count(*) FROM probe"), "0");
}

#[test]
fn cells_of_lists_are_the_texts_that_they_were() {
    let (project, database) = (Project::new(), Database::empty());
    let texts: Vec<String> = texts().into_iter().filter(|text| !text.is_empty()).collect();
    let quoted: Vec<String> =
        texts.iter().map(|text| format!("({})", leora_rule::quote_literal(text))).collect();
    database.run(&format!(
        "CREATE TABLE \"Item\" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, mood text); \
         CREATE TABLE listed (step text, \"table\" text, key int, name text, \"column\" text, old text, new text, line text); \
         INSERT INTO \"Item\" (name) VALUES {}",
        quoted.join(", ")
    ));
    project.script("writes = [\"Item.mood\"]", "update(\"Item\").set(\"mood\", \"new\");");
    for (options, quote) in [("--csv-formulas", "''"), ("", "''''")] {
        attacked(&format!("the cells of a list {options}"));
        project.run(&database, &format!("plan scripts/try --rows rows.csv {options}")).exits(0);
        let output = Command::new("psql")
            .args([
                "--no-psqlrc",
                "--quiet",
                "--set=ON_ERROR_STOP=1",
                "--command",
                "TRUNCATE listed",
            ])
            .args(["--command", "\\copy listed FROM 'rows.csv' WITH (FORMAT csv, HEADER)"])
            .arg(database.url())
            .current_dir(project.path(""))
            .env("PGCLIENTENCODING", "UTF8")
            .output()
            .expect("psql");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let same = format!("listed.name IN (\"Item\".name, {quote} || \"Item\".name)");
        let read = database.value(&format!(
            "SELECT count(*) FROM listed JOIN \"Item\" ON \"Item\".id = listed.key AND {same}"
        ));
        assert_eq!(read, texts.len().to_string(), "{options}");
    }
    project.run(&database, "plan scripts/try --rows rows.json").exits(0);
    let lines = fs::read_to_string(project.path("rows.json")).expect("a list");
    let names: BTreeSet<String> = lines
        .lines()
        .map(|line| {
            is_printable(line);
            let document: serde_json::Value = serde_json::from_str(line).expect("JSON");
            document["labels"]["name"].as_str().expect("a name").to_owned()
        })
        .collect();
    assert_eq!(names, texts.into_iter().collect());
}
