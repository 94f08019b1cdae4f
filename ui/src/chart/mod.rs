//! The chart of one series: limits, excursions and gaps as they were judged, and never a smoothed line.

mod axis;
mod picture;
mod plan;
mod table;

pub(crate) use picture::chart;
pub(crate) use table::table;
