//! A session of a real editor, Neovim, set up as docs/editors.md says, and written down.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use expect_test::expect;

use crate::docs::blocks;
use crate::support::{Project, own_path, own_text};

const MISSING: &str = "Neovim 0.7 or newer is missing, which this needs: bash .ci/setup";

#[test]
fn a_session_of_neovim() {
    let project = Project::new();
    let page = own_text("docs/editors.md");
    let (_, init) =
        blocks(&page).into_iter().find(|(language, _)| *language == "lua").expect("Lua");
    project.write("init.lua", &init);
    let program = Path::new(env!("CARGO_BIN_EXE_leora-run")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").expect("a PATH"));
    let transcript = project.path("transcript");
    let session = own_path("tests/editor/session.lua");
    // A session that waits for a key would never end.
    let mut command = Command::new("timeout");
    command
        .args(["120", "nvim", "--headless", "-i", "NONE", "-n", "-u", "init.lua", "-S"])
        .arg(session)
        .current_dir(project.path(""))
        .env("PATH", path)
        .env("TRANSCRIPT", &transcript)
        // Its log, and the settings of whoever runs the test.
        .env("XDG_CACHE_HOME", project.path("cache"))
        .env("XDG_CONFIG_HOME", project.path("config"))
        .env("XDG_DATA_HOME", project.path("data"))
        .env("XDG_STATE_HOME", project.path("state"))
        .stdin(Stdio::null());
    let output = command.output().expect("coreutils");
    assert_ne!(output.status.code(), Some(127), "{MISSING}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let written = fs::read_to_string(&transcript).unwrap_or(told);
    expect![[r#"
        server: leora-run
        write .withn for .within
          14:22 ERROR unknown_function: there is no function `withn`; did you mean `within`?
        quick fix: write `within`
          [ last_order.within(active_within), "ACTIVE"   ],
        complete accountT
          accountType
        hover over within
          column.within(how_long: period) -> condition
        definition of active_within
          line 3
        format
          [ last_order.within(active_within), "ACTIVE"   ],
        open the manifest, unsaved
          4:1 ERROR manifest: a manifest has no key write; did you mean writes?
    "#]]
    .assert_eq(&written);
}
