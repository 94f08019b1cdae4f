//! What the tasks need from a machine, and under which name each system has it.

/// One thing a task needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A C compiler, pkg-config and D-Bus headers: rusqlite, btleplug, every link.
    Compiler,
    /// The web view and its headers: the app's window.
    Window,
    /// A wasm target, and what measures its output: the page.
    Wasm,
    /// A screen without a monitor and a driver for the web view: tests of the window, the
    /// private message bus for tests of Bluetooth.
    WindowTests,
    /// A clock of its own for a command: tests of devices whose clocks are wrong.
    WrongClock,
    /// Python with its `venv`: the second reader of the format; see [`crate::python`].
    Python,
    /// What runs in the rig's guest beside the kernel; see [`crate::rig`].
    Rig,
    /// What the guest's kernel is built from, and with.
    RigKernel,
}

/// One apt package, by the names it has in different releases, and whether to go on without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// The names, best first; the first that the release knows is taken.
    pub names: &'static [&'static str],
    /// Whether the task can do without, at a loss of comfort only.
    pub optional: bool,
}

impl Need {
    /// Everything but the rig, which asks for its own.
    pub const ALL: &'static [Self] =
        &[Self::Compiler, Self::Window, Self::Wasm, Self::WindowTests, Self::WrongClock, Self::Python];

    /// The apt packages that fill this need. For wasm these are the ones wanted beside the
    /// target itself, which [`crate::wasm`] looks after.
    pub fn packages(self) -> &'static [Package] {
        const fn one(names: &'static [&'static str]) -> Package {
            Package { names, optional: false }
        }
        const fn optional(names: &'static [&'static str]) -> Package {
            Package { names, optional: true }
        }
        const COMPILER: &[Package] =
            &[one(&["build-essential"]), one(&["pkg-config", "pkgconf"]), one(&["libdbus-1-dev"])];
        const WINDOW: &[Package] = &[one(&["libwebkit2gtk-4.1-dev"])];
        const WASM: &[Package] = &[optional(&["brotli"]), optional(&["nodejs"])];
        const WINDOW_TESTS: &[Package] = &[
            one(&["webkit2gtk-driver"]),
            one(&["xvfb"]),
            one(&["xauth"]),
            one(&["dbus"]),
            one(&["at-spi2-core"]),
            one(&["fonts-dejavu-core"]),
        ];
        const WRONG_CLOCK: &[Package] = &[one(&["faketime"])];
        const PYTHON: &[Package] = &[one(&["python3-venv"])];
        const RIG: &[Package] = &[one(&["bluez"]), one(&["dbus"]), one(&["python3-venv"])];
        const RIG_KERNEL: &[Package] =
            &[one(&["linux-source-6.1"]), one(&["flex"]), one(&["bison"]), one(&["bc"]), one(&["xz-utils"])];
        match self {
            Self::Compiler => COMPILER,
            Self::Window => WINDOW,
            Self::Wasm => WASM,
            Self::WindowTests => WINDOW_TESTS,
            Self::WrongClock => WRONG_CLOCK,
            Self::Python => PYTHON,
            Self::Rig => RIG,
            Self::RigKernel => RIG_KERNEL,
        }
    }

    /// What to install by hand on a Linux without apt.
    pub fn on_other_linux(self) -> &'static str {
        match self {
            Self::Compiler => {
                "a C compiler, pkg-config and D-Bus headers (Fedora: gcc pkgconf dbus-devel; Arch: base-devel dbus)"
            }
            Self::Window => {
                "WebKitGTK 4.1 with its headers (Fedora: webkit2gtk4.1-devel; Arch: webkit2gtk-4.1)"
            }
            Self::Wasm => {
                "the wasm target (rustup target add wasm32-unknown-unknown); optional: binaryen 116, node"
            }
            Self::WindowTests => {
                "Xvfb, WebKitWebDriver and dbus-run-session (Fedora: xorg-x11-server-Xvfb webkit2gtk-driver \
                 dbus-daemon; Arch: xorg-server-xvfb webkit2gtk-4.1 dbus)"
            }
            Self::WrongClock => "faketime (Fedora and Arch: libfaketime)",
            Self::Python => "Python 3.10 or later with its venv (Fedora: python3; Arch: python)",
            Self::Rig => "BlueZ, D-Bus and Python 3",
            Self::RigKernel => "the kernel source 6.1 of Debian, flex, bison, bc and xz",
        }
    }

    /// Something on a Linux without apt that shows the need to be filled: a program, or a
    /// library known to pkg-config.
    pub fn shown_by(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Compiler => (&["cc", "pkg-config"], &["dbus-1"]),
            Self::Window => (&[], &["webkit2gtk-4.1"]),
            Self::Wasm => (&[], &[]),
            Self::WindowTests => (&["Xvfb", "WebKitWebDriver", "dbus-run-session"], &[]),
            Self::WrongClock => (&["faketime"], &[]),
            Self::Python => (&["python3"], &[]),
            Self::Rig => (&["bluetoothctl", "dbus-daemon", "python3"], &[]),
            Self::RigKernel => (&["flex", "bison", "bc", "xz"], &[]),
        }
    }
}

/// What a Mac needs, to the letter.
pub const MAC: &str = "\
  xcode-select --install                        # compiler, linker and the web view's headers
  rustup target add wasm32-unknown-unknown      # the page
  brew install binaryen                         # optional: a smaller page
  brew install python                           # 3.10 or later: the tests' second reader of the format";

/// What Windows needs, to the letter.
pub const WINDOWS: &str = "\
  winget install Microsoft.VisualStudio.2022.BuildTools --override \"--add Microsoft.VisualStudio.Workload.VCTools --includeRecommended --passive --wait\"
  winget install Microsoft.EdgeWebView2Runtime  # part of Windows 11 already
  rustup target add wasm32-unknown-unknown      # the page
  winget install WebAssembly.Binaryen           # optional: a smaller page
  winget install Python.Python.3.13             # 3.10 or later: the tests' second reader of the format";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_measures_the_page_never_stops_a_build() {
        assert!(Need::Wasm.packages().iter().all(|package| package.optional));
        assert!(Need::Window.packages().iter().all(|package| !package.optional));
    }

    #[test]
    fn every_need_can_be_told_to_a_person() {
        for need in Need::ALL {
            assert!(!need.on_other_linux().is_empty());
        }
    }
}
