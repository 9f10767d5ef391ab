//! docs/first-rule.md, done as it stands: every file written, every command run, in order, and what is shown was said.

use crate::support::{Output, Project, own_text};

/// A block of the page: the line before it that names a file, its language, and its lines.
struct Block {
    file: Option<String>,
    language: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let (mut file, mut open): (Option<String>, Option<Block>) = (None, None);
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(language), None) => {
                let language = language.to_owned();
                open = Some(Block { file: file.take(), language, text: String::new() });
            }
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) if line.is_empty() => {}
            (None, None) => {
                let name = line.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
                file = name.map(str::to_owned);
            }
        }
    }
    found
}

/// Runs a line of the page: a command, and the exit code that it says.
fn run(project: &Project, line: &str) -> Output {
    let (command, remark) = line.split_once(" # ").unwrap_or((line, ""));
    let code = remark.strip_prefix("exits with ").map_or(0, |code| code.parse().expect("a code"));
    let arguments = command.trim().strip_prefix("leora-run ").expect("it is a command of ours");
    project.output(&mut project.command(arguments)).exits(code)
}

#[test]
fn the_page_can_be_followed_as_it_stands() {
    let page = own_text("docs/first-rule.md");
    let (project, mut said, mut commands) = (Project::new(), String::new(), 0);
    for Block { file, language, text } in blocks(&page) {
        match (language.as_str(), file) {
            ("sh", _) => {
                said.clear();
                for line in text.lines() {
                    let output = run(&project, line);
                    said += &format!("{}\n{}", output.stdout, output.stderr);
                    commands += 1;
                }
            }
            ("text", _) => {
                for line in text.lines() {
                    assert!(said.contains(line), "{line}\nis not in:\n{said}");
                }
            }
            (_, Some(file)) => {
                project.write(&file, &text);
            }
            (language, None) => panic!("a block of {language} that names no file:\n{text}"),
        }
    }
    assert!(commands >= 10, "{commands} commands");
    assert!(project.path("quiet.html").is_file());
}
