//! Builds the page: wasm, its script, and the files beside them, into `ui/dist`.
use std::{collections::BTreeSet, ffi::OsString, fs, path::Path, process::Stdio};

use crate::{
    error::Error,
    machine, process,
    setup::Consent,
    tree::Tree,
    wasm::{TARGET, Toolchain},
};

/// The name of the module's files: `firn.js` and `firn_bg.wasm`.
const NAME: &str = "firn";

/// What is served as it is written.
const STATIC_FILES: &[&str] = &["index.html", "boot.js", "style.css"];

/// Binaryen 108 exports the table of functions in place of the table of references, and the
/// page does not start; 111 and later are right. 116 is the oldest that was tried in full.
const OLDEST_BINARYEN: u32 = 116;

/// What rustc 1.95 and later assume of a web view; wasm-opt must be told.
const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Builds the page. Files of `ui/dist` that would not change are left alone, so that the
/// shell, which embeds them, is built again only when the page differs.
pub fn build(tree: &Tree) -> Result<(), Error> {
    let toolchain = Toolchain::prepare(tree, Consent::Ask)?;
    let target = tree.target().join("wasm");
    let mut cargo = toolchain.cargo_build(tree);
    cargo
        .args(["--package", "firn-ui", "--bin", "firn-ui", "--profile", "wasm", "--target-dir"])
        .arg(&target);
    process::run(&mut cargo)?;

    let compiled = target.join(TARGET).join("wasm/firn-ui.wasm");
    let page = target.join("page");
    empty(&page)?;
    bind(tree, &compiled, &page)?;
    shrink(tree, &page.join(format!("{NAME}_bg.wasm")));
    for file in STATIC_FILES {
        copy(&tree.path("ui").join(file), &page.join(file))?;
    }
    let dist = tree.path("ui/dist");
    publish(&page, &dist)?;
    print_sizes(tree, &dist)
}

fn bind(tree: &Tree, compiled: &Path, page: &Path) -> Result<(), Error> {
    let mut cargo = tree.cargo();
    cargo
        .args(["run", "--quiet", "--package", "firn-bindgen", "--target-dir"])
        .arg(tree.target().join("wasm"));
    process::run(cargo.arg("--").arg(compiled).arg(page).arg(NAME))
}

/// Makes the module smaller where a wasm-opt that can be trusted is at hand; the page works without.
fn shrink(tree: &Tree, module: &Path) {
    match process::output(tree.command("wasm-opt").arg("--version"))
        .ok()
        .as_deref()
        .and_then(binaryen_version)
    {
        Some(version) if version >= OLDEST_BINARYEN => {}
        Some(version) => {
            println!(
                "wasm-opt here is version {version}, older than {OLDEST_BINARYEN}: the page stays as it is."
            );
            return;
        }
        None => {
            println!("No wasm-opt here: the page stays as the compiler left it.");
            return;
        }
    }
    let mut wasm_opt = tree.command("wasm-opt");
    wasm_opt.arg("-Oz").args(WASM_FEATURES).arg(module).arg("-o").arg(module);
    if let Err(error) = process::run(&mut wasm_opt) {
        println!("{error}; the page stays as the compiler left it.");
    }
}

/// Reads `wasm-opt --version`: "wasm-opt version 116 (version_116)".
fn binaryen_version(text: &str) -> Option<u32> {
    text.strip_prefix("wasm-opt version ")?.split_whitespace().next()?.parse().ok()
}

fn empty(folder: &Path) -> Result<(), Error> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::at(folder))?;
    }
    fs::create_dir_all(folder).map_err(Error::at(folder))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(|_| ()).map_err(Error::at(from))
}

/// Makes `dist` equal to `page` by touching only what differs.
fn publish(page: &Path, dist: &Path) -> Result<(), Error> {
    fs::create_dir_all(dist).map_err(Error::at(dist))?;
    let built = names(page)?;
    for name in names(dist)?.difference(&built) {
        remove(&dist.join(name))?;
    }
    for name in &built {
        let (from, to) = (page.join(name), dist.join(name));
        if from.is_dir() {
            publish(&from, &to)?;
        } else if fs::read(&to).ok() != Some(fs::read(&from).map_err(Error::at(&from))?) {
            copy(&from, &to)?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), Error> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.map_err(Error::at(path))
}

fn names(folder: &Path) -> Result<BTreeSet<OsString>, Error> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.file_name())).collect())
        .map_err(Error::at(folder))
}

/// Prints what a first visit costs, compressed where brotli is at hand.
fn print_sizes(tree: &Tree, dist: &Path) -> Result<(), Error> {
    for name in names(dist)? {
        let path = dist.join(&name);
        let size = fs::metadata(&path).map_err(Error::at(&path))?.len();
        let packed = brotli_size(tree, &path).map_or_else(String::new, |size| format!(", {size} by brotli"));
        println!("ui/dist/{}: {size} bytes{packed}", name.to_string_lossy());
    }
    Ok(())
}

fn brotli_size(tree: &Tree, path: &Path) -> Option<usize> {
    if !path.is_file() || !machine::has_program("brotli") {
        return None;
    }
    let output =
        tree.command("brotli").args(["--best", "--stdout"]).arg(path).stderr(Stdio::null()).output().ok()?;
    output.status.success().then_some(output.stdout.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("firn-xtask-{name}-{}", std::process::id()));
        empty(&folder).unwrap();
        folder
    }

    #[test]
    fn the_binaryen_that_breaks_the_page_is_recognised() {
        assert!(binaryen_version("wasm-opt version 108\n").unwrap() < OLDEST_BINARYEN);
        assert!(binaryen_version("wasm-opt version 123 (version_123)\n").unwrap() >= OLDEST_BINARYEN);
        assert_eq!(binaryen_version("not wasm-opt"), None);
    }

    #[test]
    fn an_unchanged_file_of_the_page_is_not_touched() {
        let folder = scratch("unchanged");
        let (page, dist) = (folder.join("page"), folder.join("dist"));
        fs::create_dir_all(&page).unwrap();
        fs::create_dir_all(&dist).unwrap();
        fs::write(page.join("style.css"), "body {}").unwrap();
        fs::write(dist.join("style.css"), "body {}").unwrap();
        let then = fs::metadata(dist.join("style.css")).unwrap().modified().unwrap();
        publish(&page, &dist).unwrap();
        assert_eq!(fs::metadata(dist.join("style.css")).unwrap().modified().unwrap(), then);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_the_page_no_longer_has_is_gone_from_dist() {
        let folder = scratch("stale");
        let (page, dist) = (folder.join("page"), folder.join("dist"));
        fs::create_dir_all(page.join("snippets")).unwrap();
        fs::create_dir_all(dist.join("old")).unwrap();
        fs::write(page.join("snippets/a.js"), "a").unwrap();
        fs::write(dist.join("old.wasm"), "old").unwrap();
        publish(&page, &dist).unwrap();
        assert_eq!(names(&dist).unwrap(), BTreeSet::from(["snippets".into()]));
        assert_eq!(fs::read_to_string(dist.join("snippets/a.js")).unwrap(), "a");
        fs::remove_dir_all(folder).unwrap();
    }
}
