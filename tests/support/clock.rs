//! A program whose clock is wrong.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// Lets a program see a clock that is this many seconds ahead, or behind.
pub fn clock_off(command: &mut Command, seconds: i64) -> &mut Command {
    static LIBRARY: OnceLock<String> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/clock.c");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clock.so");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl");
        assert!(compiler.status().expect("cc").success(), "the clock is not compiled");
        library.display().to_string()
    });
    command.env("LD_PRELOAD", library).env("LEORA_TEST_CLOCK", seconds.to_string())
}
