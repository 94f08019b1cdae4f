//! The Python in which the second reader of the format runs: an environment of its own in the target folder.
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{error::Error, machine::System, process, tree::Tree};

/// What is installed into it, each file by its hash.
const REQUIREMENTS: &str = "tests/python/requirements.txt";
/// What is imported to see that it works.
const IMPORTS: &str = "import cbor2, cryptography.hazmat.primitives.asymmetric.ed25519";
/// On a system with apt the Python that `python3-venv` belongs to; another may come first on the path.
const OF_APT: &str = "/usr/bin/python3";
const ON_PATH: &str = if cfg!(windows) { "python" } else { "python3" };

/// Makes the environment unless the kept one fits.
///
/// # Errors
/// Where there is no Python of 3.10 or later, or its packages cannot be had.
pub fn prepare(tree: &Tree) -> Result<(), Error> {
    if is_ready(tree) {
        return Ok(());
    }
    process::run(tree.command(base()).args(["-m", "venv", "--clear"]).arg(folder(tree)))?;
    let mut pip = tree.command(program(tree));
    pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "install"]);
    process::run(pip.args(["--only-binary", ":all:", "--require-hashes", "--requirement", REQUIREMENTS]))?;
    fs::copy(tree.path(REQUIREMENTS), kept(tree)).map_err(Error::at(kept(tree)))?;
    Ok(())
}

/// Whether it is there, as the requirements ask for it.
pub fn is_ready(tree: &Tree) -> bool {
    let wanted = fs::read(tree.path(REQUIREMENTS)).ok();
    wanted.is_some() && fs::read(kept(tree)).ok() == wanted && works(&program(tree))
}

/// Its Python, which tests find by `FIRN_PYTHON`.
pub fn program(tree: &Tree) -> PathBuf {
    let scripts = if cfg!(windows) { "Scripts" } else { "bin" };
    folder(tree).join(scripts).join(format!("python{}", env::consts::EXE_SUFFIX))
}

fn folder(tree: &Tree) -> PathBuf {
    tree.target().join("python")
}

/// The requirements that it was made for.
fn kept(tree: &Tree) -> PathBuf {
    folder(tree).join("requirements.txt")
}

fn base() -> &'static str {
    match System::here() {
        System::Apt { .. } => OF_APT,
        System::OtherLinux { .. } | System::Mac | System::Windows | System::Other => ON_PATH,
    }
}

fn works(python: &Path) -> bool {
    process::succeeds(Command::new(python).args(["-I", "-c", IMPORTS]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_is_pinned_to_one_version_and_has_hashes() {
        let text = fs::read_to_string(Tree::find().unwrap().path(REQUIREMENTS)).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let (hashes, names): (Vec<&str>, Vec<&str>) =
            lines.iter().partition(|line| line.starts_with("    --hash=sha256:"));
        assert!(names.len() > 2 && names.iter().all(|name| name.contains("==")), "{names:?}");
        assert!(hashes.len() > 2 * names.len());
    }

    #[test]
    fn a_path_without_a_python_does_not_work() {
        assert!(!works(Path::new("/no/such/python")));
    }
}
