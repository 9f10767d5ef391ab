//! A disk that is full, and a database without the CRM.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Database, Project, Session, server, tried};

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
        let tablespace = format!("leora_small_{}", std::process::id());
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
