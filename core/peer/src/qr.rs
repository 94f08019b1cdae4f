//! A text as a QR code (ISO/IEC 18004): its modules, and a drawing for a terminal.

use qrcode::{Color, EcLevel, QrCode};

use crate::error::PeerError;

/// The light border that a reader needs, in modules (ISO/IEC 18004 §5.3.8).
const QUIET_ZONE: usize = 4;

/// A square of modules, row by row from the top, without the quiet zone; true is dark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrMatrix {
    /// As many rows as each row has modules.
    pub rows: Vec<Vec<bool>>,
}

/// What a terminal draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Light characters on a dark ground.
    Dark,
    /// Dark characters on a light ground.
    Light,
}

impl QrMatrix {
    /// The code of `text` with error correction level M (15 % of it may be lost).
    ///
    /// # Errors
    /// [`PeerError::QrTooLong`].
    pub fn of(text: &str) -> Result<Self, PeerError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| PeerError::QrTooLong)?;
        let width = code.width();
        let colors = code.into_colors();
        let row = |row: &[Color]| row.iter().map(|color| *color == Color::Dark).collect();
        Ok(Self { rows: colors.chunks(width).map(row).collect() })
    }

    /// The code with its quiet zone in half blocks, two rows of modules to a line, each line ended.
    pub fn to_terminal(&self, background: Background) -> String {
        let size = self.rows.len() + 2 * QUIET_ZONE;
        let mut text = String::with_capacity(size * size * 2);
        for top in (0..size).step_by(2) {
            let inked = |y, x| self.is_dark(y, x) == (background == Background::Light);
            for x in 0..size {
                // The row below the last stays unprinted on either ground.
                text.push(match (inked(top, x), top + 1 < size && inked(top + 1, x)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            text.push('\n');
        }
        text
    }

    /// A module by its place in the square with the quiet zone.
    fn is_dark(&self, y: usize, x: usize) -> bool {
        let module = |y: usize, x: usize| self.rows.get(y)?.get(x).copied();
        y.checked_sub(QUIET_ZONE)
            .zip(x.checked_sub(QUIET_ZONE))
            .and_then(|(y, x)| module(y, x))
            .unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "FIRN-INVITE:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    fn read(dark: impl Fn(usize, usize) -> bool, size: usize) -> String {
        rqrr::Grid::new(rqrr::SimpleGrid::from_func(size, |x, y| dark(y, x))).decode().unwrap().1
    }

    #[test]
    fn a_reader_finds_the_text_in_the_modules() {
        let matrix = QrMatrix::of(TEXT).unwrap();
        assert_eq!(read(|y, x| matrix.rows[y][x], matrix.rows.len()), TEXT);
    }

    #[test]
    fn a_reader_finds_the_text_in_the_drawing_on_either_ground() {
        let matrix = QrMatrix::of(TEXT).unwrap();
        for background in [Background::Dark, Background::Light] {
            let drawing: Vec<Vec<char>> =
                matrix.to_terminal(background).lines().map(|line| line.chars().collect()).collect();
            let dark = |y: usize, x: usize| {
                let (y, x) = (y + QUIET_ZONE, x + QUIET_ZONE);
                let half = if y.is_multiple_of(2) { '▀' } else { '▄' };
                let inked = drawing[y / 2][x] == '█' || drawing[y / 2][x] == half;
                inked == (background == Background::Light)
            };
            assert_eq!(read(dark, matrix.rows.len()), TEXT);
        }
    }

    #[test]
    fn a_text_beyond_the_largest_code_is_refused() {
        assert_eq!(QrMatrix::of(&"A".repeat(4000)), Err(PeerError::QrTooLong));
    }
}
