//! The page's entry: wasm starts here.

fn main() {
    firn_ui::mount();
}
