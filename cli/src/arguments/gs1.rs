//! The arguments of `firn gs1`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Gs1 {
    /// What was scanned, with or without its symbology identifier; or a bracketed text such as
    /// (01)09521234543213(10)A1; or a GS1 Digital Link
    #[arg(required_unless_present = "file", allow_hyphen_values = true)]
    pub text: Option<String>,
    /// A file with one text a line; gives one answer a line
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    pub file: Option<PathBuf>,
    /// Also print the elements as a Digital Link that begins with this, such as https://id.gs1.org
    #[arg(long, value_name = "STEM")]
    pub link: Option<String>,
    /// Take GTINs in Digital Links that have lost their leading zeros
    #[arg(long)]
    pub short_gtins: bool,
}
