//! Embeds the root configuration, the page in `ui/dist` and the list of commands. A release without the page is
//! no release: only a build to work with may hold the placeholder, and warns of it.
use std::{env, error::Error, fs, path::Path};

/// Every command the shell answers; a command that is not listed here is refused by Tauri.
const COMMANDS: &[&str] = &["app_version", "request", "subscribe"];

/// The built page, relative to this package.
const PAGE: &str = "../ui/dist";

/// What a built page has and the placeholder lacks.
const MODULE: &str = "firn_bg.wasm";

fn main() -> Result<(), Box<dyn Error>> {
    let page = Path::new(PAGE);
    if !page.join("index.html").exists() {
        fs::create_dir_all(page)?;
        fs::copy("placeholder.html", page.join("index.html"))?;
    }
    if !page.join(MODULE).exists() {
        let missing =
            "the window is built without its page, and will show nothing: run `cargo xtask build-ui` first";
        if env::var("PROFILE").as_deref() == Ok("release") {
            return Err(missing.into());
        }
        println!("cargo:warning={missing}");
    }
    println!("cargo:rerun-if-changed={PAGE}");
    println!("cargo:rerun-if-changed=placeholder.html");
    let attributes = tauri_build::Attributes::new()
        .config_path("../tauri.conf.json")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes)?;
    Ok(())
}
