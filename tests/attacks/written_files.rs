//! Files that the program writes or locks: for their owner alone, not through links, and with the content that it wrote.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Target;
use crate::support::{Project, Session, attacked, promptly};

/// The user without rights.
const NOBODY: u32 = 65_534;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn what_is_written_is_for_its_owner_alone() {
    let target = Target::new();
    let project = &target.project;
    attacked("files for everybody");
    // An older version has left it like this.
    fs::create_dir_all(project.path(".leora/runs")).expect("a folder");
    fs::set_permissions(project.path(".leora/runs"), Permissions::from_mode(0o755))
        .expect("a mode");
    fs::write(project.path("report.html"), "").expect("a file");
    project
        .run(&target.database, "plan scripts/phase2 --out plan.json --report report.html")
        .exits(0);
    project.run(&target.database, "scripts/verify --report verified.html");
    for file in ["plan.json", "report.html", "verified.html"] {
        assert_eq!(mode(&project.path(file)), 0o600, "{file}");
    }
    let runs = project.path(".leora/runs");
    assert_eq!(mode(&runs), 0o700);
    assert_eq!(mode(&project.path(".leora")) & 0o066, 0, "nobody else can list it");
    let kept = names_in(&runs);
    assert_eq!(kept.len(), 1);
    assert_eq!(mode(&runs.join(&kept[0])), 0o600);
    for folder in [project.path(""), runs] {
        let left: Vec<String> =
            names_in(&folder).into_iter().filter(|name| name.starts_with(".leora-run-")).collect();
        assert_eq!(left, Vec::<String>::new(), "temporary files are gone");
    }
}

#[test]
fn links_in_the_place_of_what_is_written_are_not_followed() {
    let target = Target::new();
    let project = &target.project;
    let elsewhere = tempfile::tempdir().expect("a folder");
    let kept = elsewhere.path().join("kept");
    fs::write(&kept, "kept").expect("a file");
    for (option, name) in [("--out", "plan.json"), ("--report", "report.html")] {
        for to in [kept.clone(), elsewhere.path().join("new")] {
            attacked(&format!("a link in the place of {name}"));
            let _ = fs::remove_file(project.path(name));
            symlink(&to, project.path(name)).expect("a link");
            project
                .run(&target.database, &format!("plan scripts/phase2 {option} {name}"))
                .exits(2)
                .tells("it is a link, which is not followed; name the file itself");
            assert_eq!(names_in(elsewhere.path()), ["kept"]);
            assert_eq!(fs::read_to_string(&kept).expect("a file"), "kept");
        }
    }
    for part in [".leora", ".leora/runs"] {
        attacked(&format!("a link in the place of {part}"));
        let _ = fs::remove_dir_all(project.path(".leora"));
        if part != ".leora" {
            fs::create_dir(project.path(".leora")).expect("a folder");
        }
        symlink(elsewhere.path(), project.path(part)).expect("a link");
        let output = project.run(&target.database, "scripts/verify");
        assert!(output.stderr.contains("is a link or a file, not a folder"), "{}", output.stderr);
        assert_eq!(names_in(elsewhere.path()), ["kept"], "{part}");
        fs::remove_file(project.path(part)).expect("removed");
    }
    for part in [".leora", ".leora/sandbox"] {
        attacked(&format!("a link in the place of {part}, for a sandbox"));
        let _ = fs::remove_dir_all(project.path(".leora"));
        if part != ".leora" {
            fs::create_dir(project.path(".leora")).expect("a folder");
        }
        symlink(elsewhere.path(), project.path(part)).expect("a link");
        let started = project.output(&mut project.command("sandbox start"));
        let stopped = project.output(&mut project.command("sandbox stop"));
        assert_eq!(names_in(elsewhere.path()), ["kept"], "{part}");
        started.exits(3).tells("is a link or a file, not a folder");
        assert!(!stopped.stdout.contains("panicked"));
    }
    target.unchanged();
}

#[test]
fn another_users_lock_on_a_sandbox_is_named() {
    let project = Project::new();
    fs::set_permissions(project.path(""), Permissions::from_mode(0o755)).expect("a mode");
    for name in ["start.lock", "users.lock"] {
        attacked(&format!("a lock of another user on {name}"));
        let sandbox = project.path(&format!("box-{name}"));
        fs::create_dir(&sandbox).expect("a folder");
        let lock = sandbox.join(name);
        fs::write(&lock, "").expect("a file");
        fs::set_permissions(&sandbox, Permissions::from_mode(0o755)).expect("a mode");
        fs::set_permissions(&lock, Permissions::from_mode(0o644)).expect("a mode");
        let mut holder = Command::new("flock");
        holder.args(["--no-fork", "--exclusive"]).arg(&lock).args(["cat"]).uid(NOBODY);
        let mut holder =
            holder.stdin(Stdio::piped()).spawn().expect("flock, as another user by root");
        wait_until_locked(&lock);
        let mut command = project.command("scripts/verify --sandbox");
        command.env("LEORA_SANDBOX", &sandbox);
        let output = promptly(Duration::from_secs(40), name, || project.output(&mut command));
        holder.kill().expect("it runs");
        holder.wait().expect("it ends");
        let mut stop = project.command("sandbox stop");
        project.output(stop.env("LEORA_SANDBOX", &sandbox)).exits(0);
        output
            .exits(3)
            .tells(&format!("{name} is locked by process {} of the user nobody", holder.id()));
    }
}

fn wait_until_locked(lock: &Path) {
    let begun = Instant::now();
    while fs::File::open(lock).expect("a file").try_lock().is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10), "never locked");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_sandbox_starts_with_the_configuration_that_it_writes() {
    attacked("a configuration of somebody else's");
    let project = Project::new();
    let place = tempfile::tempdir().expect("a folder");
    fs::set_permissions(place.path(), Permissions::from_mode(0o755)).expect("a mode");
    let sandbox = place.path().join("box");
    let say = |arguments: &str| {
        let mut command = project.command(arguments);
        project
            .output(command.env("LEORA_SANDBOX", &sandbox).env("PGOPTIONS", "-c work_mem=78MB"))
            .exits(0)
            .stdout
    };
    say("sandbox start");
    let url = say("sandbox url");
    let mut session = Session::of(url.trim());
    let settings = "SELECT current_setting('work_mem') || ' ' || current_setting('maintenance_work_mem') || ' ' || \
        current_setting('temp_file_limit') || ' ' || current_setting('max_connections') || ' ' || current_setting('lc_monetary')";
    let before = session.one(settings);
    session.run("ALTER SYSTEM SET work_mem = '77MB'");
    let data = session.one("SHOW data_directory");
    drop(session);
    say("sandbox stop");
    let data = Path::new(&data);
    let conf = data.join("postgresql.conf");
    let text = fs::read_to_string(&conf).expect("a configuration");
    fs::write(&conf, format!("{text}\nmaintenance_work_mem = '77MB'\ninclude 'more.conf'\n"))
        .expect("a file");
    fs::write(data.join("more.conf"), "temp_file_limit = '77MB'\n").expect("a file");
    fs::set_permissions(data.join("more.conf"), Permissions::from_mode(0o644)).expect("a mode");
    fs::write(data.join("pg_hba.conf"), "local all all reject\n").expect("a file");
    say("sandbox start");
    let after = Session::try_of(url.trim()).map(|mut session| session.one(settings));
    say("sandbox stop");
    assert_eq!(after.expect("a connection"), before);
    assert_eq!(mode(&conf), 0o600);
}
