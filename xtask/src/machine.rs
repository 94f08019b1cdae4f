//! What this machine is: its system, its Linux distribution, whether it has a display.
use std::{env, fs};

/// The systems that set-up knows how to speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum System {
    /// Debian, Ubuntu and their children: packages come by apt.
    Apt {
        /// As the system names itself.
        name: String,
    },
    /// Another Linux.
    OtherLinux {
        /// As the system names itself.
        name: String,
    },
    /// macOS.
    Mac,
    /// Windows.
    Windows,
    /// Anything else.
    Other,
}

impl System {
    /// The system this program runs on.
    pub fn here() -> Self {
        match env::consts::OS {
            "linux" => Self::of_release(&fs::read_to_string("/etc/os-release").unwrap_or_default()),
            "macos" => Self::Mac,
            "windows" => Self::Windows,
            _ => Self::Other,
        }
    }

    /// Reads an `os-release` file (os-release(5): `ID`, `ID_LIKE`, `PRETTY_NAME`).
    fn of_release(text: &str) -> Self {
        let field = |key: &str| {
            text.lines()
                .filter_map(|line| line.split_once('='))
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.trim_matches('"').to_owned())
                .unwrap_or_default()
        };
        let name = match field("PRETTY_NAME") {
            name if name.is_empty() => "this Linux".to_owned(),
            name => name,
        };
        let family = format!("{} {}", field("ID"), field("ID_LIKE"));
        if family.split_whitespace().any(|id| id == "debian" || id == "ubuntu") {
            Self::Apt { name }
        } else {
            Self::OtherLinux { name }
        }
    }
}

/// Whether a window can be opened here.
pub fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Whether `program` is found on the `PATH`.
pub fn has_program(program: &str) -> bool {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(&file).is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_and_ubuntu_and_their_children_install_by_apt() {
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n";
        assert_eq!(System::of_release(debian), System::Apt { name: "Debian GNU/Linux 12 (bookworm)".into() });
        let mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nPRETTY_NAME=\"Linux Mint 22\"\n";
        assert_eq!(System::of_release(mint), System::Apt { name: "Linux Mint 22".into() });
    }

    #[test]
    fn any_other_linux_is_told_what_to_install() {
        let fedora = "ID=fedora\nPRETTY_NAME=\"Fedora Linux 44\"\n";
        assert_eq!(System::of_release(fedora), System::OtherLinux { name: "Fedora Linux 44".into() });
        assert_eq!(System::of_release(""), System::OtherLinux { name: "this Linux".into() });
    }
}
