//! Embeds the root configuration, the page in `ui/dist` and the list of commands.
use std::{error::Error, fs, path::Path};

/// Every command the shell answers; a command that is not listed here is refused by Tauri.
const COMMANDS: &[&str] = &["app_version", "request", "subscribe"];

/// The built page, relative to this package.
const PAGE: &str = "../ui/dist";

fn main() -> Result<(), Box<dyn Error>> {
    let page = Path::new(PAGE);
    if !page.join("index.html").exists() {
        fs::create_dir_all(page)?;
        fs::copy("placeholder.html", page.join("index.html"))?;
    }
    println!("cargo:rerun-if-changed={PAGE}");
    println!("cargo:rerun-if-changed=placeholder.html");
    let attributes = tauri_build::Attributes::new()
        .config_path("../tauri.conf.json")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes)?;
    Ok(())
}
