use super::*;
use firn_model::assess::{Sample, Span, assess_series};
use firn_model::id::Id;
use firn_model::profile::preset;
use firn_model::reading::{Channel, Quantity};

const LIMITS: Limits = Limits { min: MilliCelsius(2000), max: MilliCelsius(8000) };

/// A reading every ten minutes; `None` is one that is missing.
fn series(values: &[Option<i32>]) -> AssessedSeries {
    let points: Vec<Point> = values
        .iter()
        .enumerate()
        .filter_map(|(index, value)| {
            let time = UtcMillis(i64::try_from(index).ok()? * 600_000);
            Some(Point { time, value: MilliCelsius((*value)?) })
        })
        .collect();
    let samples: Vec<Sample> =
        points.iter().map(|point| Sample { time: point.time, value: point.value }).collect();
    let profile = &preset("who-30-day").unwrap().profile;
    AssessedSeries {
        logger: Id([1; 16]),
        channel: Channel { quantity: Quantity::Temperature, probe: 0 },
        label: "T-1".into(),
        serial: None,
        interval_s: 600,
        line: None,
        window: Default::default(),
        offset_mc: None,
        accuracy_mc: None,
        near_limits: None,
        kinetic: Vec::new(),
        points,
        provenance: Vec::new(),
        assessment: assess_series(profile, &samples, Some(600), Span::WHOLE),
    }
}

fn drawn(values: &[Option<i32>]) -> Plan {
    plan(&series(values), LIMITS, (600.0, 280.0), 0).unwrap()
}

#[test]
fn the_line_is_broken_where_readings_are_missing_and_the_gap_is_hatched() {
    let plan = drawn(&[Some(5000), Some(5100), None, None, Some(5200), Some(5300)]);
    assert_eq!(plan.lines.len(), 2);
    assert_eq!(plan.gaps.len(), 1);
    let (gap, area) = (plan.gaps[0], plan.scale.area);
    assert!((gap.width - area.width() * 3.0 / 5.0).abs() < 1.0);
}

#[test]
fn a_reading_by_itself_is_a_dot() {
    let plan = drawn(&[Some(5000), None, None, Some(5200), Some(5300)]);
    assert_eq!((plan.lines.len(), plan.dots.len()), (1, 1));
}

#[test]
fn an_excursion_is_shaded_from_its_limit_to_the_edge() {
    let plan = drawn(&[Some(7000), Some(9000), Some(7000), Some(1000), Some(3000)]);
    let [above, below] = plan.excursions[..] else { panic!("two excursions") };
    assert_eq!((above.bound, below.bound), (Bound::Above, Bound::Below));
    assert_eq!(above.y, plan.scale.area.top);
    assert!((above.y + above.height - plan.band.0).abs() < 0.01);
    assert!((below.y - plan.band.1).abs() < 0.01);
}

#[test]
fn an_excursion_of_one_reading_is_wide_enough_to_see() {
    let mut values = vec![Some(5000); 2000];
    values[1999] = Some(9000);
    let plan = drawn(&values);
    let [out] = plan.excursions[..] else { panic!("one excursion") };
    assert!(out.stretch.width >= NARROWEST);
    assert!(out.stretch.x + out.stretch.width <= plan.scale.area.right + 0.01);
}

#[test]
fn both_limits_are_drawn_though_no_reading_comes_near_them() {
    let plan = drawn(&[Some(5000), Some(5000)]);
    assert_eq!(plan.limits.len(), 2);
    assert!(plan.limits.iter().all(|(y, _)| *y > plan.scale.area.top && *y < plan.scale.area.bottom));
}

#[test]
fn a_profile_without_a_lower_limit_draws_one_limit() {
    let limits = Limits { min: firn_model::units::ABSOLUTE_ZERO, max: MilliCelsius(8000) };
    let plan = plan(&series(&[Some(5000), Some(6000)]), limits, (600.0, 280.0), 0).unwrap();
    assert_eq!(plan.limits.len(), 1);
    assert!(plan.values.iter().all(|(_, value)| value.0 > 0));
}

#[test]
fn the_pointer_finds_the_nearest_reading() {
    let series = series(&[Some(5000), Some(5100), Some(5200)]);
    let plan = plan(&series, LIMITS, (600.0, 280.0), 0).unwrap();
    let area = plan.scale.area;
    assert_eq!(plan.scale.nearest(&series.points, area.left - 20.0), Some(0));
    assert_eq!(plan.scale.nearest(&series.points, area.left + area.width() * 0.45), Some(1));
    assert_eq!(plan.scale.nearest(&series.points, area.right + 20.0), Some(2));
    assert_eq!(plan.scale.nearest(&[], 0.0), None);
}

#[test]
fn a_series_without_readings_has_no_chart() {
    assert_eq!(plan(&series(&[]), LIMITS, (600.0, 280.0), 0), None);
}
