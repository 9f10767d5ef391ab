//! A Prisma project of a test's own, with the real packages.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::packages::{MISSING, example, packages};
use super::{Database, Output, Project};

/// A project that uses Prisma: the files of tests/prisma in a project's folder.
pub struct PrismaProject {
    /// The project.
    pub project: Project,
}

impl PrismaProject {
    /// A project whose schema is this one of tests/prisma.
    pub fn new(schema: &str) -> Self {
        let project = Project::new();
        let packages = packages().unwrap_or_else(|error| panic!("{error}"));
        symlink(packages, project.path("node_modules")).expect("a link");
        for entry in fs::read_dir(example("")).expect("a folder") {
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
        let text = fs::read_to_string(example(schema)).expect("a schema");
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
