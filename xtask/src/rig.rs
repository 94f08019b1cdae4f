//! The rig: Firn over the real Bluetooth of Linux, in a guest that this task builds once and keeps.
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    apt,
    error::Error,
    machine::System,
    needs::Need,
    process,
    setup::{self, Consent},
    steps::Steps,
    tree::Tree,
};

/// The package with the guest's kernel, and where it puts it.
const SOURCE: &str = "linux-source-6.1";
const ARCHIVE: &str = "/usr/src/linux-source-6.1.tar.xz";
/// What decides whether a kept kernel is the one that would be built.
const RECIPE: &[&str] = &["tests/rig/kernel.config", "tests/rig/build-kernel.sh"];
const REQUIREMENTS: &str = "tests/rig/requirements.txt";

/// The Python that `python3-venv` belongs to; another may come first on the path.
const PYTHON: &str = "/usr/bin/python3";

/// A kernel and a Python, made here or found in the cache.
#[derive(Debug, PartialEq, Eq)]
pub struct Rig {
    kernel: PathBuf,
    python: PathBuf,
}

impl Rig {
    /// Tells tests where the rig is.
    pub fn tell<'a>(&self, cargo: &'a mut Command) -> &'a mut Command {
        cargo.env("FIRN_RIG_KERNEL", &self.kernel).env("FIRN_RIG_PYTHON", &self.python)
    }

    /// The rig that an earlier task has left for this tree, if there is one.
    fn kept(tree: &Tree) -> Option<Self> {
        let cache = cache().ok()?;
        let suffix = format!("-{}", key(tree, RECIPE).ok()?);
        let names = fs::read_dir(&cache).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let newest = names.filter(|name| name.starts_with("linux-") && name.ends_with(&suffix)).max()?;
        Some(Self { kernel: cache.join(newest), python: python(&cache, tree).ok()? })
    }
}

/// Prepares the rig and runs all its scenarios, with a line for each.
pub fn all(tree: &Tree, steps: &mut Steps, consent: Consent) -> Result<(), Error> {
    let needs = [Need::Compiler, Need::Rig, Need::RigKernel];
    suits()?;
    steps.take("system packages of the rig", || setup::install(tree, &needs, consent))?;
    let cache = cache()?;
    fs::create_dir_all(&cache).map_err(Error::at(&cache))?;
    let rig = Rig { kernel: kernel(&cache, tree)?, python: python(&cache, tree)? };
    steps.take("the guest's kernel", || build_kernel(tree, &rig.kernel))?;
    steps.take("the virtual controller", || install_bumble(tree, &rig.python))?;
    steps.take("programs of the rig", || {
        process::run(tree.workspace("build").args(["--bin", "firn"]))?;
        process::run(tree.workspace("test").args(["--test", "kernel_bluetooth", "--no-run"]))
    })?;
    steps.take("scenarios", || {
        let mut cargo = tree.workspace("test");
        cargo.args(["--test", "kernel_bluetooth", "--"]);
        cargo.args(["--include-ignored", "--nocapture", "--test-threads=1"]);
        process::run(rig.tell(&mut cargo).env("FIRN_BIN", tree.program("firn")))
    })
}

/// Installs what a kept rig runs on, or says that there is none.
pub fn for_default_lane(tree: &Tree, consent: Consent) -> Result<Option<Rig>, Error> {
    if suits().is_ok()
        && let Some(rig) = Rig::kept(tree)
    {
        setup::install(tree, &[Need::Rig], consent)?;
        if has_bumble(&rig.python) {
            println!("kept: {}", rig.kernel.display());
            return Ok(Some(rig));
        }
    }
    println!("Skipped: no rig is kept here; `cargo xtask rig` builds one.");
    Ok(None)
}

/// Runs the scenarios where the rig can be, and says where it cannot.
pub fn for_long_lane(tree: &Tree, steps: &mut Steps, consent: Consent) -> Result<(), Error> {
    if suits().is_ok() && (apt::has(SOURCE) || apt::offers(SOURCE)) {
        return all(tree, steps, consent);
    }
    println!("Skipped: the rig needs x86-64 and the package {SOURCE} of Debian 12.");
    Ok(())
}

/// Whether the rig can run on this machine at all.
///
/// # Errors
/// [`Error::Missing`] where it cannot.
fn suits() -> Result<(), Error> {
    if cfg!(target_arch = "x86_64") && matches!(System::here(), System::Apt { .. }) {
        return Ok(());
    }
    Err(Error::Missing {
        what: "an x86-64 Linux with apt, which the rig's guest is built from".into(),
        remedy: "Run it on Debian 12, or leave it to continuous integration.".into(),
    })
}

/// The folder outside the clone that keeps what is costly to make.
fn cache() -> Result<PathBuf, Error> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let beside_target = || set("FIRN_CI_CACHE").map(|folder| folder.join("rig"));
    let of_user = || {
        let folder = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
        Some(folder.join("firn/rig"))
    };
    set("FIRN_RIG_CACHE").or_else(beside_target).or_else(of_user).ok_or_else(|| Error::Missing {
        what: "a folder to keep the rig in".into(),
        remedy: "Name one in FIRN_RIG_CACHE.".into(),
    })
}

/// Where the kernel of the installed source belongs.
fn kernel(cache: &Path, tree: &Tree) -> Result<PathBuf, Error> {
    let mut query = Command::new("dpkg-query");
    let version = process::output(query.args(["--show", "--showformat=${Version}", SOURCE]))?;
    Ok(cache.join(format!("linux-{}-{}", version.trim(), key(tree, RECIPE)?)))
}

fn python(cache: &Path, tree: &Tree) -> Result<PathBuf, Error> {
    Ok(cache.join(format!("python-{}", key(tree, &[REQUIREMENTS])?)).join("bin/python"))
}

/// A short name for the content of these files (FNV-1a, 64 bits).
fn key(tree: &Tree, files: &[&str]) -> Result<String, Error> {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for file in files {
        let path = tree.path(file);
        for byte in fs::read(&path).map_err(Error::at(&path))? {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    Ok(format!("{hash:016x}"))
}

fn build_kernel(tree: &Tree, kernel: &Path) -> Result<(), Error> {
    if kernel.is_file() {
        println!("kept: {}", kernel.display());
        return Ok(());
    }
    println!("This takes some minutes, once.");
    process::run(tree.command("bash").arg(tree.path("tests/rig/build-kernel.sh")).arg(ARCHIVE).arg(kernel))
}

/// Makes a Python of its own, unless the kept one still works: the system's may have been replaced.
fn install_bumble(tree: &Tree, python: &Path) -> Result<(), Error> {
    if has_bumble(python) {
        println!("kept: {}", python.display());
        return Ok(());
    }
    let folder = python.ancestors().nth(2).unwrap_or(python);
    process::run(tree.command(PYTHON).args(["-m", "venv", "--clear"]).arg(folder))?;
    let mut pip = tree.command(python);
    pip.args([
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "install",
        "--no-deps",
        "--requirement",
    ]);
    process::run(pip.arg(REQUIREMENTS))
}

fn has_bumble(python: &Path) -> bool {
    process::succeeds(Command::new(python).args(["-I", "-c", "import bumble.device, bumble.transport.vhci"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_kernel_counts_only_for_the_recipe_it_was_built_by() {
        let tree = Tree::find().unwrap();
        let (recipe, part) = (key(&tree, RECIPE).unwrap(), key(&tree, &RECIPE[..1]).unwrap());
        assert_eq!((recipe.len(), recipe == part), (16, false));
        assert_eq!(recipe, key(&tree, RECIPE).unwrap());
    }

    #[test]
    fn every_requirement_of_the_virtual_controller_is_pinned() {
        let text = fs::read_to_string(Tree::find().unwrap().path(REQUIREMENTS)).unwrap();
        let wanted = text.lines().filter(|line| !line.starts_with('#'));
        assert!(wanted.clone().count() > 0 && wanted.clone().all(|line| line.contains("==")));
    }

    #[test]
    fn a_path_without_a_python_has_no_bumble() {
        assert!(!has_bumble(Path::new("/no/such/python")));
    }
}
