//! Checking process ids, which are used again after a crash or a reboot.

use std::path::Path;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// Whether there is no process `pid`, of any user.
pub(crate) fn is_gone(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH)
}

#[cfg(target_os = "linux")]
pub(crate) fn is_postmaster(pid: i32, data: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;

    // A zombie has an empty command line. The postmaster's children overwrite theirs with a title, so that only the
    // postmaster itself shows `-D` and the directory.
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
    words.first().is_some_and(|program| program.ends_with(b"postgres"))
        && words.windows(2).any(|pair| pair == [b"-D".as_slice(), data.as_os_str().as_bytes()])
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_postmaster(pid: i32, data: &Path) -> bool {
    let listed = std::process::Command::new("ps")
        .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
        .output();
    listed.is_ok_and(|listed| {
        let line = String::from_utf8_lossy(&listed.stdout).into_owned();
        line.contains(&format!("postgres -D {}", data.display()))
    })
}
