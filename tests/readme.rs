//! The commands of the documentation, run as they stand, in order, on one sandbox.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Output, Project, own_path, own_text};

/// The lines of the shell blocks of a page that start with `leora-run`, without their comments.
fn commands(page: &str) -> Vec<String> {
    let text = own_text(page);
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside && line.starts_with("leora-run ") {
            found.push(line.split(" #").next().unwrap_or(line).trim().to_owned());
        }
    }
    found
}

#[test]
fn the_readmes_commands_work_in_order() {
    let project = Project::new();
    let found = commands("README.md");
    assert!(found.len() >= 6, "{found:?}");
    let further = commands("docs/command-line.md");
    assert!(further.len() >= 12, "{further:?}");
    for command in found.into_iter().chain(further) {
        let arguments = command.strip_prefix("leora-run ").expect("it starts with it");
        project.output(&mut project.command(arguments)).exits(0);
    }
}

/// The places that a page links to, without those of the net.
fn links(page: &str) -> Vec<String> {
    let text = own_text(page);
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).filter(|target| !target.contains("://")).collect()
}

/// Whether a page has such a heading, or a place of this name.
fn has_place(text: &str, place: &str) -> bool {
    // A heading's letters, digits and hyphens, as GitHub makes its name of them.
    let named = |heading: &str| {
        let kept = heading.trim_start_matches(['#', ' ']).to_lowercase().replace(' ', "-");
        kept.replace(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'), "")
    };
    text.contains(&format!("<a id=\"{place}\"></a>"))
        || text.lines().any(|line| line.starts_with('#') && named(line) == place)
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let home = own_path("");
    let mut pages = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned()];
    for entry in fs::read_dir(home.join("docs")).expect("docs") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            pages.push(format!("docs/{name}"));
        }
    }
    let mut seen = 0;
    for page in pages {
        let folder = home.join(&page).parent().expect("a folder").to_owned();
        for link in links(&page) {
            let (file, place) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { home.join(&page) } else { folder.join(file) };
            assert!(target.exists(), "{page} links to {link}");
            let text = fs::read_to_string(target).unwrap_or_default();
            assert!(place.is_empty() || has_place(&text, place), "{page} links to {link}");
            seen += 1;
        }
    }
    assert!(seen > 25, "only {seen} links");
}

/// A recorded run without what differs from one to the next: dates, times, ids, and the room that these take.
fn lasting(picture: &str) -> String {
    let mut text = picture.to_owned();
    for (pattern, word) in [
        (r"\d{4}-\d{2}-\d{2}", "DATE"),
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "RUN"),
        (r"[\d.,]+ (ms|s|min) │", "TIME │"),
        (r"[ ─═]+", " "),
    ] {
        text = regex_lite::Regex::new(pattern)
            .expect("a pattern")
            .replace_all(&text, word)
            .into_owned();
    }
    text
}

#[test]
fn the_picture_shows_what_a_run_prints() {
    let (project, home) = (Project::new(), own_path(""));
    let anew = project.path("run.svg");
    let mut node = Command::new("node");
    node.arg(home.join("docs/run.mjs")).arg(env!("CARGO_BIN_EXE_leora-run")).arg(&anew);
    node.current_dir(project.path("")).env("LEORA_SANDBOX", project.path("sandbox"));
    let output = Output::of(node.output().expect("Node.js, which .ci/setup installs")).exits(0);
    assert_eq!(output.stdout, "");
    let read = |path: &Path| lasting(&fs::read_to_string(path).expect("a picture"));
    let (shown, printed) = (read(&home.join("docs/run.svg")), read(&anew));
    assert!(printed.lines().count() > 60, "{printed}");
    assert_eq!(shown, printed, "docs/run.svg is old: docs/run.mjs tells how to record it anew");
}

#[test]
fn the_readme_starts_with_the_two_commands() {
    let text = own_text("README.md");
    let shell: Vec<&str> =
        text.split("```sh\n").skip(1).map(|block| block.lines().next().unwrap_or("")).collect();
    assert_eq!(shell[0], "bash .ci/setup && cargo run -- scripts/phase2 --sandbox");
    assert_eq!(shell[1], "bash .ci/setup && cargo test");
    let ci = own_text(".ci/run");
    assert!(
        ci.contains("bash .ci/setup\n") && ci.contains("\ncargo test"),
        "CI runs the README's test command"
    );
}
