//! A QR code from its modules, dark on light in both colour schemes, with the quiet zone it needs.

use leptos::prelude::*;

/// Light modules around the code (ISO/IEC 18004 §6.3.8 asks for four).
const QUIET: usize = 4;

/// Draws the code.
pub(crate) fn qr(modules: &[Vec<bool>], label: &'static str) -> AnyView {
    let side = modules.len() + 2 * QUIET;
    view! {
        <svg class="qr" viewBox=format!("0 0 {side} {side}") role="img" aria-label=label shape-rendering="crispEdges">
            <rect class="qr-light" width=side height=side />
            <path class="qr-dark" d=path(modules) />
        </svg>
    }
    .into_any()
}

/// One rectangle for each run of dark modules in a row.
fn path(modules: &[Vec<bool>]) -> String {
    let mut path = String::new();
    for (y, row) in modules.iter().enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&true) {
                path.push_str(&format!("M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len()));
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_modules_beside_each_other_are_one_rectangle() {
        assert_eq!(path(&[vec![true, true, false, true]]), "M4 4h2v1h-2zM7 4h1v1h-1z");
        assert_eq!(path(&[vec![false], vec![true]]), "M4 5h1v1h-1z");
    }
}
