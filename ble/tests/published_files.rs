//! An extra: the files of real loggers kept beside the repository, where they are present.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_ble::file::{FileFormat, LoggerFile, Options, Signature, read};
use std::path::Path;

/// The file, or a word on standard error that the test is skipped.
fn published(name: &str) -> Option<LoggerFile> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/loggers").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: the published file {name} is not beside this repository");
        return None;
    };
    Some(read(&bytes, &Options::default()).unwrap())
}

/// Every sample is marked by the device just where it lies beyond the device's own limits.
fn marks_agree(file: &LoggerFile) {
    let limits = file.profile().unwrap().unwrap().limits;
    for row in &file.rows {
        let out = row.temperature < limits.min || row.temperature > limits.max;
        assert_eq!(row.flagged, Some(out), "line {}", row.line);
    }
}

#[test]
fn a_real_q_tags_file_is_read_whole() {
    let Some(file) = published("RCPJ00010_02_202211090128.txt") else { return };
    assert_eq!((file.format, file.rows.len(), file.reported.alarms.len()), (FileFormat::QTag, 124, 6));
    assert_eq!((file.signature, file.skipped.len()), (Signature::PresentNotVerified, 0));
    marks_agree(&file);
}

#[test]
fn a_real_fridge_tags_sixty_days_are_read_whole() {
    let Some(file) = published("130400191542_202302140605.txt") else { return };
    assert_eq!((file.format, file.rows.len(), file.days.len()), (FileFormat::FridgeTag, 0, 60));
    assert!(file.days.iter().all(|day| day.min.is_some() && day.max.is_some() && day.mean.is_some()));
    assert_eq!(file.device.settings["Errors/19/Err Count"], "1");
}

#[test]
fn a_real_fridge_tag_ls_days_and_samples_agree() {
    let Some(file) = published("130500109088_202206081014.txt") else { return };
    assert_eq!((file.rows.len(), file.days.len(), file.skipped.len()), (10_653, 38, 0));
    marks_agree(&file);
    for day in &file.days {
        let in_day = |row: &&firn_ble::file::Row| (day.wall_ms.0..day.wall_ms.1).contains(&row.wall_ms);
        let samples = || file.rows.iter().filter(in_day).map(|row| row.temperature.0);
        let (low, high) = (day.min.unwrap().0.0, day.max.unwrap().0.0);
        // The device measures every minute: its extremes lie at or beyond those of the samples.
        assert!(low <= samples().min().unwrap() && samples().max().unwrap() <= high, "{}", day.date);
    }
}
