//! Opens the app; where no window can be opened, tells the whole story in the terminal.
use crate::{
    error::Error,
    machine,
    needs::Need,
    page, process,
    setup::{self, Consent},
    tree::Tree,
};

/// Sets up, builds and opens the app, or runs `firn demo` where there is no display.
pub fn open(tree: &Tree, demo_only: bool) -> Result<(), Error> {
    if demo_only {
        return demo(tree);
    }
    if !machine::has_display() {
        println!(
            "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open."
        );
        println!("Running the demonstration in the terminal instead: `firn demo`.");
        return demo(tree);
    }
    setup::install(tree, &[Need::Compiler, Need::Window, Need::Wasm], Consent::Ask)?;
    page::build(tree)?;
    process::run(tree.cargo().args(["build", "--package", "firn-shell", "--bin", "firn-desktop"]))?;
    process::run(&mut tree.command(tree.program("firn-desktop")))
}

fn demo(tree: &Tree) -> Result<(), Error> {
    setup::install(tree, &[Need::Compiler], Consent::Ask)?;
    process::run(tree.cargo().args(["run", "--package", "firn-cli", "--bin", "firn", "--", "demo"]))
}
