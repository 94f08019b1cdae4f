//! Finds a compiler for wasm: the running toolchain's own target, rustup's, or Debian's rustc-web.
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    apt,
    error::Error,
    machine::{self, System},
    process,
    setup::Consent,
    tree::Tree,
};

/// The target of the page.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// How long rustup may take to fetch the target (about 20 MB) before Debian's is taken.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// How long a failure of rustup is remembered, so that work without a network does not wait for it.
const RUSTUP_REST: Duration = Duration::from_secs(24 * 60 * 60);

/// Debian's second Rust, kept recent for its browsers; it brings the sources of std.
const DEBIAN_RUST: &[&str] = &["rustc-web", "cargo-web", "rust-web-src"];

/// LLVM's linker by release, newest first: package and program.
const LINKERS: &[(&str, &str)] = &[
    ("lld-22", "wasm-ld-22"),
    ("lld-21", "wasm-ld-21"),
    ("lld-20", "wasm-ld-20"),
    ("lld-19", "wasm-ld-19"),
    ("lld-18", "wasm-ld-18"),
    ("lld-17", "wasm-ld-17"),
    ("lld-16", "wasm-ld-16"),
    ("lld", "wasm-ld"),
];

/// A compiler that can build the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The running toolchain has the target.
    Own,
    /// Debian's rustc-web builds std for the target itself and links with this program.
    Debian {
        /// A program in `/usr/bin`.
        linker: &'static str,
    },
}

impl Toolchain {
    /// The toolchain that is here, without installing anything.
    pub fn present(tree: &Tree) -> Option<Self> {
        if wish() != Some(Wish::Debian) && has_own_target(tree) { Some(Self::Own) } else { debian() }
    }

    /// The toolchain to use, installed if need be: the running one's target, then rustup's,
    /// then Debian's. `FIRN_WASM=rustup` or `FIRN_WASM=debian` leaves no choice.
    ///
    /// # Errors
    /// [`Error::Missing`] when none can be had.
    pub fn prepare(tree: &Tree, consent: Consent) -> Result<Self, Error> {
        let wish = wish();
        if wish != Some(Wish::Debian) {
            if has_own_target(tree) || add_by_rustup(tree, wish) {
                return Ok(Self::Own);
            }
            if wish == Some(Wish::Rustup) {
                return Err(unavailable("FIRN_WASM=rustup allows no other"));
            }
        }
        match debian() {
            Some(toolchain) => Ok(toolchain),
            None => install_debian(consent),
        }
    }

    /// Cargo, ready to build for the target; the caller adds what to build.
    pub fn cargo_build(&self, tree: &Tree) -> Command {
        let mut command = match self {
            Self::Own => tree.cargo(),
            Self::Debian { linker } => {
                let mut command = tree.command("/usr/bin/cargo");
                // /usr/bin first, or Debian's cargo would start rustup's stand-in for rustc.
                command.env("PATH", "/usr/bin:/bin").env("RUSTC_BOOTSTRAP", "1");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"] {
                    command.env_remove(variable);
                }
                command
            }
        };
        command.args(["build", "--target", TARGET]);
        if matches!(self, Self::Debian { .. }) {
            command.args(["-Z", "build-std=std,panic_abort"]);
        }
        command
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Rustup,
    Debian,
}

fn wish() -> Option<Wish> {
    match env::var("FIRN_WASM").ok()?.as_str() {
        "rustup" => Some(Wish::Rustup),
        "debian" => Some(Wish::Debian),
        _ => None,
    }
}

fn has_own_target(tree: &Tree) -> bool {
    let mut rustc = tree.command(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    process::output(&mut rustc).is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

fn add_by_rustup(tree: &Tree, wish: Option<Wish>) -> bool {
    let failed = failure_note(tree);
    let rests = fs::metadata(&failed)
        .and_then(|note| note.modified())
        .is_ok_and(|time| time.elapsed().is_ok_and(|age| age < RUSTUP_REST));
    if !machine::has_program("rustup") || (rests && wish.is_none() && debian().is_some()) {
        return false;
    }
    println!("Fetching the target {TARGET} by rustup (at most {} s)…", RUSTUP_LIMIT.as_secs());
    match process::run_within(tree.command("rustup").args(["target", "add", TARGET]), RUSTUP_LIMIT) {
        Ok(()) => has_own_target(tree),
        Err(error) => {
            println!("rustup could not fetch it ({error}); trying Debian's rustc-web.");
            let noted =
                failed.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&failed, ""));
            if let Err(cause) = noted {
                println!("{}: {cause}; rustup will be tried again next time.", failed.display());
            }
            false
        }
    }
}

fn failure_note(tree: &Tree) -> PathBuf {
    tree.target().join("rustup-could-not-fetch-wasm")
}

/// Debian's toolchain, when all of it is installed.
fn debian() -> Option<Toolchain> {
    if !matches!(System::here(), System::Apt { .. }) || !DEBIAN_RUST.iter().all(|name| apt::has(name)) {
        return None;
    }
    let (_, linker) = LINKERS.iter().find(|(_, program)| Path::new("/usr/bin").join(program).exists())?;
    Some(Toolchain::Debian { linker })
}

fn install_debian(consent: Consent) -> Result<Toolchain, Error> {
    if !matches!(System::here(), System::Apt { .. }) {
        return Err(unavailable("rustup could not fetch it"));
    }
    if apt::has("rustc") {
        return Err(unavailable("the package rustc-web would remove the installed package rustc"));
    }
    let (packages, _): (Vec<_>, Vec<_>) = LINKERS.iter().copied().unzip();
    apt::ask(DEBIAN_RUST, consent)?;
    apt::refresh(consent)?;
    let linker = packages.into_iter().find(|name| apt::offers(name));
    let (Some(linker), true) = (linker, DEBIAN_RUST.iter().all(|name| apt::offers(name))) else {
        return Err(unavailable("rustup could not fetch it, and this release has no package rustc-web"));
    };
    let mut names = DEBIAN_RUST.to_vec();
    names.push(linker);
    apt::install(&names, consent)?;
    debian().ok_or_else(|| unavailable("rustc-web was installed and is not complete"))
}

fn unavailable(why: &str) -> Error {
    Error::Missing {
        what: format!("the Rust target {TARGET} ({why})"),
        remedy: format!("With a network: rustup target add {TARGET}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_cargo_never_meets_rustups_compiler() {
        let tree = Tree::find().unwrap();
        let command = Toolchain::Debian { linker: "wasm-ld-22" }.cargo_build(&tree);
        let variables: Vec<_> = command.get_envs().collect();
        assert!(variables.contains(&("PATH".as_ref(), Some("/usr/bin:/bin".as_ref()))));
        assert!(variables.contains(&("RUSTUP_TOOLCHAIN".as_ref(), None)));
        assert!(command.get_args().any(|argument| argument == "build-std=std,panic_abort"));
    }

    #[test]
    fn a_toolchain_with_the_target_builds_on_the_stable_channel() {
        let tree = Tree::find().unwrap();
        let command = Toolchain::Own.cargo_build(&tree);
        assert!(command.get_args().all(|argument| argument != "-Z"));
    }
}
