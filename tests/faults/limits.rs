//! A disk that is full, and a database without the CRM.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::{Breakpoint, Database, Project, Proxy, Session, server, tried};

/// A tablespace on a disk of its own, as small as this. Only root can mount one: without, the test fails.
struct SmallDisk {
    folder: TempDir,
    tablespace: String,
}

impl SmallDisk {
    fn mount(kilobytes: u64) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let data = Session::of(&server().admin).one("SHOW data_directory");
        let owner = fs::metadata(data).expect("the server is on this machine");
        let disk = folder.path().join("disk");
        fs::create_dir(&disk).expect("a folder");
        let options = format!("size={kilobytes}k,uid={},gid={},mode=700", owner.uid(), owner.gid());
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&disk)
            .status();
        assert!(
            mounted.is_ok_and(|status| status.success()),
            "a small disk can't be mounted: run this test as root, such as in a container with CAP_SYS_ADMIN"
        );
        let tablespace = format!("leora_small_{}_{kilobytes}", std::process::id());
        let small = Self { folder, tablespace };
        let (name, disk) = (&small.tablespace, small.disk());
        Session::of(&server().admin)
            .run(&format!("CREATE TABLESPACE {name} LOCATION '{}'", disk.display()));
        small
    }

    fn disk(&self) -> PathBuf {
        self.folder.path().join("disk")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let drop = format!("DROP TABLESPACE IF EXISTS {}", self.tablespace);
        let dropped = Session::of(&server().admin).try_run(&drop);
        let _ = Command::new("umount").arg(self.disk()).status();
        if !std::thread::panicking() {
            assert_eq!(dropped, Ok(()));
        }
    }
}

#[test]
fn a_full_disk_rolls_back() {
    tried("a full disk");
    let project = Project::new();
    let measured = Database::sample();
    let size = "SELECT (pg_table_size('\"Customer\"') / 1024 + 512)::text";
    let disk = SmallDisk::mount(measured.value(size).parse().expect("a number"));
    // Dropped before the disk.
    let database = Database::sample();
    let before = database.fingerprint();
    database.run(&format!("ALTER TABLE \"Customer\" SET TABLESPACE {}", disk.tablespace));
    let output = project.run(&database, "scripts/phase2").exits(3);
    output
        .tells("No space left on device")
        .tells("free disk space")
        .tells("Everything was rolled back");
    database.run("ALTER TABLE \"Customer\" SET TABLESPACE pg_default");
    assert_eq!(database.fingerprint(), before);
    project.run(&database, "scripts/phase2").exits(0);
}

/// A table of 300 kB on a disk that has room for an UPDATE of a third of its rows, and not for a second copy.
#[test]
fn without_room_for_a_second_copy_it_is_written_by_update() {
    tried("a disk without room for a second copy");
    let project = Project::new();
    project.script(
        "writes = [\"Item.note\"]\nstrategy = \"rewrite\"",
        "update(\"Item\").where(col(\"id\") <= 320).set(\"note\", \"new\");",
    );
    let disk = SmallDisk::mount(560);
    let database = Database::empty();
    database.run(&format!(
        "CREATE TABLE \"Item\" (id int PRIMARY KEY, note text, body text) TABLESPACE {}",
        disk.tablespace
    ));
    let because = |url: &str| {
        database.run("TRUNCATE \"Item\"");
        database.run("INSERT INTO \"Item\" SELECT n, 'old', repeat('x', 280) FROM generate_series(1, 1000) n");
        let arguments = "scripts/try --format json --commit-wait 20s --allow-pooler";
        let mut command = project.command(arguments);
        command.args(["--database-url", url, "--confirm", &database.name]);
        let report = project.output(&mut command).exits(0).json();
        let change = &report["steps"][0]["changes"][0];
        assert_eq!((&change["strategy"], &change["changed"]), (&"update".into(), &320.into()));
        change["instead"]["because"].as_str().expect("a text").to_owned()
    };
    let seen = because(&database.url());
    assert!(seen.starts_with("a second copy wants 1 MB of disk, and 1 MB are free"), "{seen}");
    // Through a network the room is seen only when it is used up.
    let proxy = Proxy::start(&database, Breakpoint::After, Duration::ZERO);
    let met = because(&database.url_by(proxy.port()));
    assert!(met.contains("No space left on device"), "{met}");
}

#[test]
fn a_database_without_the_crm_is_told_and_left_alone() {
    tried("no tables");
    let (project, database) = (Project::new(), Database::empty());
    let before = database.fingerprint();
    project
        .run(&database, "scripts/phase2")
        .exits(3)
        .tells("has no tables in schema public, so no Customer");
    assert_eq!(database.fingerprint(), before);
}
