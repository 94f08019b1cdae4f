//! Turns a compiled wasm file into the module and script a page can load: `firn-bindgen FILE FOLDER NAME`.
use std::{env, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [file, folder, name] = arguments.as_slice() else {
        eprintln!("usage: firn-bindgen FILE FOLDER NAME");
        return ExitCode::from(2);
    };
    match generate(file, folder, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("firn-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn generate(file: &str, folder: &str, name: &str) -> Result<(), impl std::fmt::Display + use<>> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(file).out_name(name).typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.web(true).and_then(|bindgen| bindgen.generate(folder))
}
