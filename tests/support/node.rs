//! A Prisma project of a test's own, with the real packages, which npm installs once into the target folder.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Database, Output, Project};

const MISSING: &str =
    "Node.js 20.19 or newer with npm is missing, which these tests need: bash .ci/setup";

/// A project that uses Prisma: the files of tests/prisma in a project's folder.
pub struct PrismaProject {
    /// The project.
    pub project: Project,
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prisma")
}

/// The folder with the packages of the lock file, installed when they are not there, by one process at a time.
fn packages() -> PathBuf {
    let lock = fs::read(example().join("package-lock.json")).expect("a lock file");
    let version = leora_run::folder::sha256_hex(&lock);
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prisma").join(&version[..16]);
    fs::create_dir_all(&home).expect("a folder");
    let turn = File::create(home.join("turn")).expect("a file");
    turn.lock().expect("a lock");
    let whole = home.join("whole");
    if !whole.exists() {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(example().join(file), home.join(file)).expect("a file");
        }
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
        let installed = Command::new("npm").args(arguments).current_dir(&home).output();
        let installed = Output::of(installed.expect(MISSING));
        assert_eq!(installed.code, 0, "npm ci: {}\n{}", installed.stdout, installed.stderr);
        fs::write(whole, "").expect("a file");
    }
    home.join("node_modules")
}

impl PrismaProject {
    /// A project whose schema is this one of tests/prisma.
    pub fn new(schema: &str) -> Self {
        let project = Project::new();
        symlink(packages(), project.path("node_modules")).expect("a link");
        for entry in fs::read_dir(example()).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_owned();
            fs::copy(&path, project.path(name.to_str().expect("a name"))).expect("a file");
        }
        project.write("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n");
        let prisma = Self { project };
        prisma.use_schema(schema);
        prisma
    }

    /// Goes on with another schema of tests/prisma.
    pub fn use_schema(&self, schema: &str) {
        let text = fs::read_to_string(example().join(schema)).expect("a schema");
        self.project.write("prisma/schema.prisma", &text);
    }

    /// Runs Prisma's command line.
    pub fn prisma(&self, database: &Database, arguments: &str) -> Output {
        self.node(database, &format!("node_modules/prisma/build/index.js {arguments}"))
    }

    /// Runs a TypeScript program.
    pub fn tsx(&self, database: &Database, file: &str) -> Output {
        self.node(database, &format!("node_modules/tsx/dist/cli.mjs {file}"))
    }

    /// Runs Node.js.
    pub fn node(&self, database: &Database, arguments: &str) -> Output {
        let mut command = self.command(database, arguments);
        Output::of(command.output().expect(MISSING))
    }

    /// Node.js with Prisma's environment.
    pub fn command(&self, database: &Database, arguments: &str) -> Command {
        let mut command = Command::new("node");
        command
            .args(arguments.split_whitespace())
            .current_dir(self.project.path(""))
            .env("DATABASE_URL", database.url())
            .env("PRISMA_SCHEMA_ENGINE_BINARY", self.project.path("engine.mjs"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("PRISMA_HIDE_UPDATE_MESSAGE", "1")
            .env("NO_COLOR", "1");
        command
    }
}
