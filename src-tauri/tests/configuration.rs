//! The one configuration holds what the shell's security rests on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use serde_json::Value;

fn configuration() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tauri.conf.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("readable")).expect("JSON")
}

#[test]
fn no_script_or_style_runs_that_was_not_shipped() {
    let csp = &configuration()["app"]["security"]["csp"];
    assert_eq!(csp["default-src"], "'self'");
    assert_eq!(csp["script-src"], "'self' 'wasm-unsafe-eval'");
    assert_eq!(csp["style-src"], "'self'");
    assert_eq!(csp["object-src"], "'none'");
}

#[test]
fn the_page_can_reach_nothing_but_its_own_files_and_the_shell() {
    let configuration = configuration();
    let csp = &configuration["app"]["security"]["csp"];
    assert_eq!(csp["connect-src"], "'self' ipc: http://ipc.localhost");
    assert_eq!(configuration["build"]["devUrl"], Value::Null);
}

#[test]
fn the_window_may_call_the_apps_own_commands_only() {
    let configuration = configuration();
    let capabilities = configuration["app"]["security"]["capabilities"].as_array().expect("a list").clone();
    let permissions: Vec<&str> = capabilities
        .iter()
        .flat_map(|capability| capability["permissions"].as_array().expect("a list"))
        .map(|permission| permission.as_str().expect("a name"))
        .collect();
    assert!(!permissions.is_empty());
    for permission in permissions {
        assert!(
            permission.starts_with("allow-"),
            "{permission} opens more than one of the app's own commands"
        );
        assert!(!permission.contains(':'), "{permission} belongs to Tauri or to a plug-in");
    }
}
