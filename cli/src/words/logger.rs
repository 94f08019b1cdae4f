//! Words about one logger: its certificates, how they stand, and what they put in question.

use firn_model::api::{CalibrationStanding, EndedLogger, InQuestion, LoggerDetail, ShipmentDetail};
use firn_model::record::{AsFound, Certificate};
use firn_model::units::MilliCelsius;

/// `firn logger show` and `firn logger calibrated`.
pub fn logger(detail: &LoggerDetail) -> String {
    let detail = &super::seen(detail);
    let logger = &detail.logger;
    let mut lines = vec![format!("{}  {}  {}", logger.id, logger.family, logger.label)];
    lines.extend(logger.serial.as_ref().map(|serial| format!("  serial number: {serial}")));
    lines.extend(logger.address.as_ref().map(|address| format!("  address: {address}")));
    lines.extend(logger.interval_s.map(|seconds| format!("  interval: {seconds} s")));
    lines.extend(degrees(logger.accuracy_mc).map(|accuracy| format!("  accuracy: ±{accuracy} °C")));
    let offset = logger.offset_mc.filter(|offset| *offset != 0).map(MilliCelsius);
    lines.extend(offset.map(|offset| format!("  offset: {offset} °C, added before a reading is judged")));
    lines.extend(detail.certificates.iter().map(certificate));
    lines.extend(detail.calibration.map(|stood| format!("  calibration: {}", standing(stood))));
    let endings = detail.ended.iter().flat_map(EndedLogger::each);
    lines.extend(endings.map(|ended| format!("  {}", ended_as(ended))));
    lines
        .extend(super::change::loggers(&detail.changes).into_iter().map(|line| format!("  recorded {line}")));
    if !detail.in_question.is_empty() {
        lines.push("  in question, for a later calibration found it out of tolerance:".into());
    }
    lines.extend(detail.in_question.iter().map(in_question));
    lines.join("\n")
}

/// A line for each logger of a shipment that ended, or of which certificates are kept: the one that judges it.
pub(super) fn of_shipment(detail: &ShipmentDetail) -> Vec<String> {
    let mut lines = Vec::new();
    for logger in &detail.loggers {
        let stood = detail.calibration.get(&logger.id);
        if let Some(stood) = stood {
            let held = logger.certificate.as_ref().map(certificate).unwrap_or_default();
            let over = match stood {
                CalibrationStanding::Valid => "valid throughout",
                CalibrationStanding::Expired => "EXPIRED before the end",
                CalibrationStanding::Missing => "NO CERTIFICATE IN FORCE",
                CalibrationStanding::FoundOut => "FOUND OUT OF TOLERANCE LATER",
            };
            let held = held.trim();
            let held = if held.is_empty() { String::new() } else { format!("{held}; ") };
            lines.push(format!("{}: {held}{over}", logger.label));
        }
    }
    for (id, ended) in &detail.ended {
        let label = super::logger_named(detail, *id);
        lines.extend(ended.each().map(|ended| format!("{label}: {}", ended_as(ended))));
    }
    lines
}

/// `ended as lost at 2026-11-29T10:20:00Z by Ana Lima on Dock phone: left in the van`.
fn ended_as(ended: &EndedLogger) -> String {
    let device = ended.device.as_ref().map(|device| device.label.clone());
    let by = match (&ended.person, device) {
        (Some(person), Some(device)) => format!(" by {} on {device}", person.name),
        (None, Some(device)) => format!(" by {device}"),
        (_, None) => String::new(),
    };
    format!("ended as {} at {}{by}: {}", ended.ending.words(), ended.at, ended.reason)
}

fn degrees(value: Option<u32>) -> Option<MilliCelsius> {
    value.and_then(|value| i32::try_from(value).ok()).map(MilliCelsius)
}

fn certificate(certificate: &Certificate) -> String {
    let Certificate { number, laboratory, calibrated, due, .. } = certificate;
    let found = match certificate.as_found {
        AsFound::WithinTolerance => "within tolerance",
        AsFound::OutOfTolerance => "OUT OF TOLERANCE",
    };
    let uncertainty = degrees(certificate.uncertainty_mc);
    let uncertainty = uncertainty.map(|one| format!(", uncertainty {one} °C (k = 2)")).unwrap_or_default();
    let points = certificate
        .points
        .iter()
        .map(|point| format!(", {} °C at {} °C", MilliCelsius(point.correction_mc), point.reference));
    let points: String = points.collect();
    format!(
        "  certificate {number} by {laboratory}: {calibrated} to {due}, found {found}{uncertainty}{points}"
    )
}

fn standing(stood: CalibrationStanding) -> &'static str {
    match stood {
        CalibrationStanding::Valid => "holds",
        CalibrationStanding::Expired => "EXPIRED",
        CalibrationStanding::Missing => "NO CERTIFICATE IN FORCE",
        CalibrationStanding::FoundOut => "FOUND OUT OF TOLERANCE LATER",
    }
}

fn in_question(one: &InQuestion) -> String {
    let to = one.to.map_or_else(|| "under way".into(), |to| format!("to {to}"));
    let stock = one.stock.map(|stock| format!(", {}", super::stock(stock))).unwrap_or_default();
    let signed: Vec<String> = one
        .assessments
        .iter()
        .map(|signed| {
            format!(
                "\n      assessment {} at {}: {}",
                signed.sequence,
                signed.at,
                super::verdict(signed.verdict)
            )
        })
        .collect();
    format!(
        "    {} {}: {} from {} {to}{stock}{}",
        one.shipment,
        one.reference,
        super::verdict(one.verdict),
        one.from,
        signed.concat()
    )
}
