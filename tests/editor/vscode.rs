//! The extension for VS Code: what it starts, and that vsce packs it with all that it needs.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{MISSING, npm_packages, own_path};

/// With stand-ins for the editor and its client, which say what they were given.
const ACTIVATE: &str = r#"
const Module = require("node:module");
const given = { "leora-run.command": "node_modules/.bin/leora-run", "leora-run.arguments": ["--sandbox"] };
const vscode = {
  workspace: {
    workspaceFolders: [{ uri: { scheme: "file", fsPath: "/project" } }],
    getConfiguration: (section) => ({ get: (name) => given[`${section}.${name}`] }),
    onDidChangeConfiguration: () => ({}),
  },
  commands: { registerCommand: (name) => ({ name }) },
  window: {},
};
class LanguageClient {
  constructor(id, name, server, client) {
    console.log(JSON.stringify({ server, files: client.documentSelector }));
  }
  async start() {}
}
const load = Module._load;
Module._load = (name, ...rest) =>
  name === "vscode" ? vscode : name === "vscode-languageclient/node" ? { LanguageClient } : load(name, ...rest);
require(process.argv[1]).activate({ subscriptions: [] });
"#;

#[test]
fn the_extension_starts_the_server_in_the_folder_that_is_open() {
    let extension = own_path("editors/vscode/extension.js");
    let mut command = Command::new("node");
    let output = command.args(["-e", ACTIVATE]).arg(extension).output().expect(MISSING);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let given: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(given["server"]["command"], "/project/node_modules/.bin/leora-run");
    assert_eq!(given["server"]["args"], serde_json::json!(["lsp", "--sandbox"]));
    assert_eq!(given["server"]["options"]["cwd"], "/project");
    assert_eq!(given["files"][1]["pattern"], "**/leora.toml");
}

#[test]
fn the_extension_is_packed_with_its_client() {
    let source = own_path("editors/vscode");
    let packages = npm_packages(&source, "vscode").unwrap_or_else(|error| panic!("{error}"));
    let home = packages.parent().expect("a folder");
    for entry in fs::read_dir(&source).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::copy(&path, home.join(path.file_name().expect("a name"))).expect("a file");
        }
    }
    let vsce = Path::new("node_modules/.bin/vsce");
    let mut command = Command::new(vsce);
    command.args(["package", "--allow-missing-repository", "--out", "packed.vsix"]);
    let output = command.current_dir(home).output().expect(MISSING);
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{told}");
    // The names in a ZIP are as they are.
    let packed = fs::read(home.join("packed.vsix")).expect("the package");
    let has = |name: &str| packed.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    for name in [
        "extension/package.json",
        "extension/extension.js",
        "extension/rhai.tmLanguage.json",
        "extension/language-configuration.json",
        "extension/node_modules/vscode-languageclient/package.json",
    ] {
        assert!(has(name), "{name} is not in the package\n{told}");
    }
    assert!(!has("extension/node_modules/@vscode/vsce"), "what only packs is packed too\n{told}");
}
