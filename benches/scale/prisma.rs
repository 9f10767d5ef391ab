//! The program on Prisma: `benches/prisma/phase2.ts` in a folder with Prisma's packages and the client of its schema.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::data::path;
use super::packages::{MISSING, example, packages};

/// The program, ready to be started.
pub(crate) struct PrismaProgram {
    home: PathBuf,
}

impl PrismaProgram {
    /// Fetches the packages where they are missing, and generates the client.
    ///
    /// # Errors
    ///
    /// Why it can't be measured here, in words.
    pub(crate) fn prepare() -> Result<Self, String> {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench/prisma");
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(home.join("prisma")).expect("a folder");
        symlink(packages()?, home.join("node_modules")).expect("a link");
        for (file, place) in [
            (PathBuf::from(path("benches/prisma/phase2.ts")), "phase2.ts"),
            (example("package.json"), "package.json"),
            (example("prisma.config.ts"), "prisma.config.ts"),
            (example("after.prisma"), "prisma/schema.prisma"),
        ] {
            fs::copy(file, home.join(place)).expect("a file");
        }
        let program = Self { home };
        let generated = program
            .node("node_modules/prisma/build/index.js generate")
            // The client needs no engine; without a name for one, the command line would fetch its own.
            .env("PRISMA_SCHEMA_ENGINE_BINARY", "/bin/true")
            .env("CHECKPOINT_DISABLE", "1")
            .env("DATABASE_URL", "postgresql://nowhere")
            .output()
            .map_err(|_| MISSING.to_owned())?;
        match generated.status.success() {
            true => Ok(program),
            false => Err(String::from_utf8_lossy(&generated.stderr).trim().to_owned()),
        }
    }

    /// The command that does Phase 2 on this database.
    pub(crate) fn command(&self, url: &str) -> Command {
        let mut node = self.node("node_modules/tsx/dist/cli.mjs phase2.ts");
        node.env("DATABASE_URL", url).env("SCHEMA_SQL", path("sql/prisma-migration.sql"));
        node
    }

    fn node(&self, arguments: &str) -> Command {
        let mut node = Command::new("node");
        node.args(arguments.split(' ')).current_dir(&self.home);
        node
    }
}
