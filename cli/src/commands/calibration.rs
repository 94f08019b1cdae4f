//! `firn logger calibrated` and `firn logger show`: certificates, and what they put in question.

use crate::arguments::{Calibrated as Arguments, FoundArgument, Global};
use crate::failure::Failure;
use crate::output::Output;
use crate::written::day;
use crate::{opened, words};
use firn_app::Calibrated;
use firn_model::api::LoggerDetail;
use firn_model::logger_warning::{LoggerWarning, LoggerWarningView};
use firn_model::record::{AsFound, CalibrationPoint, Certificate, ChangeReason, Logger};
use firn_model::units::{MilliCelsius, parse_scaled};
use serde::Serialize;

/// The largest offset and correction that are taken, in milli-degrees: beyond it a logger is faulty.
const LARGEST_CORRECTION_MC: i32 = 10_000;

/// What both commands answer.
#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    #[serde(flatten)]
    detail: &'a LoggerDetail,
    warnings: Vec<LoggerWarningView>,
}

/// Says on the side what a logger is warned of.
pub fn warn(logger: &Logger) -> Vec<LoggerWarningView> {
    let warnings: Vec<LoggerWarningView> =
        LoggerWarning::of(logger).into_iter().map(LoggerWarning::view).collect();
    for warning in &warnings {
        eprintln!("firn: {}: {} [{}]", words::visible(&logger.label), warning.why, warning.code);
    }
    warnings
}

/// Records a calibration.
pub fn record(output: &mut Output, global: &Global, arguments: &Arguments) -> Result<(), Failure> {
    let certificate = Certificate {
        number: arguments.certificate.trim().to_owned(),
        laboratory: arguments.laboratory.trim().to_owned(),
        calibrated: day(&arguments.date)?,
        due: day(&arguments.due)?,
        uncertainty_mc: arguments.uncertainty.as_deref().map(magnitude).transpose()?,
        points: arguments.points.iter().map(|text| point(text)).collect::<Result<_, _>>()?,
        as_found: match arguments.found {
            FoundArgument::Within => AsFound::WithinTolerance,
            FoundArgument::Out => AsFound::OutOfTolerance,
        },
    };
    let offset_mc = arguments.offset.as_deref().map(difference).transpose()?;
    let accuracy_mc = arguments.accuracy.as_deref().map(magnitude).transpose()?;
    let app = opened::to_write(global)?;
    let logger = opened::wait(app.logger(&arguments.logger))??.id;
    let reason = arguments.reason.as_deref().and_then(ChangeReason::parse);
    let calibrated = Calibrated { logger, certificate, offset_mc, accuracy_mc, reason };
    let detail = opened::wait(app.record_certificate(calibrated))??;
    tell(output, &detail)
}

/// Shows one logger.
pub fn show(output: &mut Output, global: &Global, logger: &str) -> Result<(), Failure> {
    let app = opened::to_read(global)?;
    let logger = opened::wait(app.logger(logger))??.id;
    let detail = opened::wait(app.logger_detail(logger))??;
    tell(output, &detail)
}

fn tell(output: &mut Output, detail: &LoggerDetail) -> Result<(), Failure> {
    let warnings = warn(&detail.logger);
    output.answer(&Answer { ok: true, detail, warnings }, || words::logger(detail))
}

/// A difference of temperatures in °C, as milli-degrees.
fn difference(text: &str) -> Result<i32, Failure> {
    let value = parse_scaled(text.trim(), 3).ok().and_then(|value| i32::try_from(value).ok());
    value.filter(|value| value.abs() <= LARGEST_CORRECTION_MC).ok_or_else(|| {
        Failure::new(
            "cli/degrees",
            format!("`{text}` is no difference of at most 10 °C"),
            "write it as 0.1 or -0.3",
        )
    })
}

/// The same, not below zero.
fn magnitude(text: &str) -> Result<u32, Failure> {
    let value = difference(text)?;
    u32::try_from(value).map_err(|_| {
        Failure::new("cli/degrees", format!("`{text}` is below zero"), "write it without a sign, such as 0.1")
    })
}

/// `REFERENCE,CORRECTION`.
fn point(text: &str) -> Result<CalibrationPoint, Failure> {
    let read = text.split_once(',').and_then(|(reference, correction)| {
        let reference = MilliCelsius::parse(reference.trim()).ok()?;
        Some(CalibrationPoint { reference, correction_mc: difference(correction).ok()? })
    });
    read.ok_or_else(|| {
        Failure::new("cli/point", format!("`{text}` is no point of calibration"), "write it as 5.0,-0.1")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_of_calibration_is_a_reference_and_a_correction_in_degrees() {
        let read = point("-20.0,0.12").unwrap();
        assert_eq!((read.reference, read.correction_mc), (MilliCelsius(-20_000), 120));
        for text in ["", "5", "5,", "5,x", "5,11", "x,0.1", "-300,0"] {
            assert_eq!(point(text).unwrap_err().code, "cli/point", "{text:?}");
        }
        assert_eq!((difference("-0.3").unwrap(), magnitude("0.5").unwrap()), (-300, 500));
        assert_eq!(magnitude("-0.5").unwrap_err().code, "cli/degrees");
        assert_eq!(difference("10.001").unwrap_err().code, "cli/degrees");
    }
}
