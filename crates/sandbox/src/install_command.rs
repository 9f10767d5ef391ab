//! The command that installs PostgreSQL on this system, for a message.

use std::fs;

pub(crate) fn install_command() -> String {
    if cfg!(target_os = "macos") {
        return "brew install postgresql@17".to_owned();
    }
    let release = ["/etc/os-release", "/usr/lib/os-release"]
        .iter()
        .find_map(|file| fs::read_to_string(file).ok());
    for_linux(&release.unwrap_or_default()).to_owned()
}

/// `release` is the text of an `os-release` file.
fn for_linux(release: &str) -> &'static str {
    let names: Vec<&str> = release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches(['"', '\'']).split_whitespace())
        .collect();
    let is = |wanted: &[&str]| names.iter().any(|name| wanted.contains(name));
    if is(&["debian", "ubuntu"]) {
        "apt-get install postgresql"
    } else if is(&["fedora", "rhel", "centos", "amzn"]) {
        "dnf install postgresql-server"
    } else if is(&["alpine"]) {
        "apk add postgresql"
    } else if is(&["arch"]) {
        "pacman -S postgresql"
    } else if is(&["suse", "opensuse"]) {
        "zypper install postgresql-server"
    } else {
        "the package `postgresql` or `postgresql-server` of this system"
    }
}

#[cfg(test)]
mod tests {
    use super::for_linux;

    #[test]
    fn each_family_has_its_command() {
        for (release, command) in [
            ("ID=debian\n", "apt-get install postgresql"),
            ("NAME=x\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt-get install postgresql"),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf install postgresql-server"),
            ("ID=alpine\n", "apk add postgresql"),
            ("ID=manjaro\nID_LIKE=arch\n", "pacman -S postgresql"),
            ("", "the package `postgresql` or `postgresql-server` of this system"),
        ] {
            assert_eq!(for_linux(release), command, "{release}");
        }
    }
}
