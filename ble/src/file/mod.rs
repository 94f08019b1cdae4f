//! Readings that come as files.

pub mod readings_csv;
