//! Files and folders that are not what they should be: none is followed, waited for, or read past its limit.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use super::Target;
use crate::support::{Output, Project, attacked, promptly};

const MANIFEST: &str = "title = \"Try\"\naccess = \"rolled-back\"\nsql = [\"try.sql\"]\n";

/// A folder that is in order, and what an attack does to it.
fn attack(target: &Target, name: &str, change: impl FnOnce(&std::path::Path)) -> Output {
    attacked(name);
    let folder = target.project.path("scripts/try");
    let _ = fs::remove_dir_all(&folder);
    let _ = fs::remove_dir_all(target.project.path("elsewhere"));
    target.project.write("scripts/try/leora.toml", MANIFEST);
    target
        .project
        .write("scripts/try/01_step.rhai", "import \"words\" as words; note(words::word());");
    target.project.write("scripts/try/lib/words.rhai", "fn word() { \"inside\" }");
    target.project.write("scripts/try/sql/try.sql", "SELECT 1;");
    target.project.write("elsewhere/words.rhai", "fn word() { \"OUTSIDE\" }");
    target.project.write("elsewhere/01_step.rhai", "note(\"OUTSIDE\");");
    target.project.write("elsewhere/leora.toml", "title = \"OUTSIDE\"\naccess = \"read-write\"\n");
    target.project.write("elsewhere/try.sql", "SELECT 'OUTSIDE';");
    change(&folder);
    let output = promptly(Duration::from_secs(5), name, || {
        target.project.run(&target.database, "scripts/try").exits(2)
    });
    assert!(!output.stdout.contains("OUTSIDE"), "{name}: {}", output.stdout);
    output
}

fn pipe(path: &std::path::Path) {
    let _ = fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
}

const FILES: [&str; 4] = ["leora.toml", "01_step.rhai", "lib/words.rhai", "sql/try.sql"];

#[test]
fn links_pipes_and_devices_are_not_read() {
    let target = Target::new();
    for file in FILES {
        let name = file.rsplit('/').next().expect("a name");
        attack(&target, &format!("a link to another {name}"), |folder| {
            fs::remove_file(folder.join(file)).expect("removed");
            symlink(folder.join("../../elsewhere").join(name), folder.join(file)).expect("a link");
        });
        attack(&target, &format!("a link to nothing as {name}"), |folder| {
            fs::remove_file(folder.join(file)).expect("removed");
            symlink("/nowhere", folder.join(file)).expect("a link");
        });
        attack(&target, &format!("a link to itself as {name}"), |folder| {
            fs::remove_file(folder.join(file)).expect("removed");
            symlink(folder.join(file), folder.join(file)).expect("a link");
        });
        attack(&target, &format!("a device as {name}"), |folder| {
            fs::remove_file(folder.join(file)).expect("removed");
            symlink("/dev/zero", folder.join(file)).expect("a link");
        });
        attack(&target, &format!("a pipe as {name}"), |folder| pipe(&folder.join(file)));
        attack(&target, &format!("a folder as {name}"), |folder| {
            fs::remove_file(folder.join(file)).expect("removed");
            fs::create_dir(folder.join(file)).expect("a folder");
        });
        attack(&target, &format!("a huge {name}"), |folder| {
            fs::File::create(folder.join(file)).expect("a file").set_len(1 << 40).expect("a size");
        });
        attack(&target, &format!("no UTF-8 in {name}"), |folder| {
            fs::write(folder.join(file), b"note(\"\xff\xfe\");").expect("a file");
        });
    }
    for inner in ["lib", "sql"] {
        attack(&target, &format!("a link as {inner}"), |folder| {
            fs::remove_dir_all(folder.join(inner)).expect("removed");
            symlink(folder.join("../../elsewhere"), folder.join(inner)).expect("a link");
        });
    }
    target.unchanged();
}

#[test]
fn a_folder_of_many_files_or_bytes_is_refused_before_it_is_read() {
    for (files, length, told) in [
        (40, 1 << 20, "it has 41,943,0"),
        (1_200, 1, "it has 1,202 files, and at most 1,000 are read"),
    ] {
        let project = Project::new();
        project.script("", "note(\"x\");");
        let lib = project.path("scripts/try/lib");
        fs::create_dir_all(&lib).expect("a folder");
        for file in 0..files {
            let file = fs::File::create(lib.join(format!("m{file}.rhai"))).expect("a file");
            file.set_len(length).expect("a sparse file");
        }
        let output = project.output(&mut project.command("check scripts/try")).exits(2);
        assert!(output.stdout.contains(told), "{}", output.stdout);
    }
}

#[test]
fn modules_come_only_from_the_folder() {
    let target = Target::new();
    for path in [
        "../elsewhere/words",
        "../../elsewhere/words",
        "lib/../../../elsewhere/words",
        "/etc/passwd",
        "elsewhere/words",
        "lib//words",
        "./lib/words",
        "words.rhai",
        "lib\\\\words",
        "words\\x00",
        "WORDS",
        "file:///etc/passwd",
        "",
        "lib/",
    ] {
        for script in
            [format!("import \"{path}\" as x;"), format!("let p = \"{path}\"; import p as x;")]
        {
            attack(&target, &format!("import of {path}"), |folder| {
                fs::write(folder.join("01_step.rhai"), &script).expect("a file");
            });
        }
    }
    attack(&target, "modules that import each other", |folder| {
        fs::write(folder.join("lib/words.rhai"), "import \"more\" as m; fn word() { \"\" }")
            .expect("a file");
        fs::write(folder.join("lib/more.rhai"), "let p = \"words\"; import p as m;")
            .expect("a file");
    });
    attack(&target, "modules in a loop", |folder| {
        fs::write(folder.join("01_step.rhai"), "loop { import \"words\" as w; }").expect("a file");
    });
    target.unchanged();
}

#[test]
fn bytes_that_are_no_script() {
    let target = Target::new();
    let texts: [(&str, &[u8]); 6] = [
        ("a NUL", b"note(\"x\");\0note(\"y\");"),
        ("a NUL in a name", b"table(\"Cust\0omer\").count();"),
        ("carriage returns alone", b"note(\"x\");\rlet q = 5 +;\r"),
        ("lines that end as on Windows", b"note(\"x\");\r\nlet q = 5 +;\r\n"),
        ("an identifier of another alphabet", "let \u{d0}\u{441} = 1;".as_bytes()),
        ("half of a character", b"note(\"\xe4\xb8\");"),
    ];
    for (name, bytes) in texts {
        attack(&target, name, |folder| {
            fs::write(folder.join("01_step.rhai"), bytes).expect("a file");
        });
    }
    target.unchanged();
}

#[test]
fn a_plan_or_env_that_is_no_file() {
    let target = Target::new();
    let pipe_path = target.project.path("pipe.json");
    pipe(&pipe_path);
    for plan in ["pipe.json", "/dev/zero", "scripts", "nowhere.json"] {
        attacked(&format!("the plan {plan}"));
        let arguments = format!("run scripts/phase2 --approved {plan}");
        promptly(Duration::from_secs(5), plan, || {
            target.project.run(&target.database, &arguments).exits(2).says("can't be read");
        });
    }
    attacked("a pipe as .env");
    pipe(&target.project.path(".env"));
    target
        .project
        .output(&mut target.project.command("scripts/phase2"))
        .exits(2)
        .says("no database was named");
    target.unchanged();
}

#[test]
fn an_env_that_everybody_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let target = Target::new();
    target.project.write(".env", &format!("DATABASE_URL=\"{}\"\n", target.database.url()));
    let path = target.project.path(".env");
    for (mode, told) in [(0o644, true), (0o600, false), (0o640, false)] {
        attacked("an exposed .env");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
        let output = target.project.output(&mut target.project.command("status")).exits(0);
        let warning = "note: everybody on this machine can read .env, and the password in it: chmod 600 .env\n";
        assert_eq!(output.stderr.contains(warning), told, "{mode:o}: {}", output.stderr);
    }
}
