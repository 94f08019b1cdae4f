use super::*;
use crate::reading::Quantity;
use proptest::prelude::*;

const FULL: &str = r#"{
    "name": "Full", "version": 3, "limits": {"min_c": 2.0, "max_c": 8.0}, "interval_s": 600,
    "alarms": [
        {"id": "hot", "bound": "above", "limit_c": 8.0, "mode": "single", "allowance_s": 1800, "severity": "critical"},
        {"id": "cold", "bound": "below", "limit_c": -0.5, "mode": "cumulative", "allowance_s": 3600, "inclusive": true}
    ],
    "budgets": [{"id": "room", "from_c": 8.0, "to_c": 25.0, "allowance_s": 43200}],
    "freeze": "frozen-product",
    "mkt": {"delta_h_kj_mol": 83.14472, "limit_c": 8.0, "window_h": 24},
    "guard_band_c": 0.5
}"#;

const SMALLEST: &str = r#"{"limits":{"min_c":2,"max_c":8.005},"interval_s":60}"#;

fn refused(change: impl FnOnce(&mut serde_json::Value)) -> ProfileError {
    let mut json: serde_json::Value = serde_json::from_str(FULL).unwrap();
    change(&mut json);
    Profile::from_json(&json.to_string()).expect_err("the profile should be refused")
}

#[test]
fn a_full_profile_is_read_and_printed_in_its_documented_shape() {
    let profile = Profile::from_json(FULL).unwrap();
    assert_eq!(profile.limits.max, MilliCelsius(8000));
    assert_eq!(profile.alarms[1].severity, Severity::Alarm, "an alarm is an alarm unless it says otherwise");
    insta::assert_json_snapshot!("full_profile", profile);
    assert_eq!(Profile::from_json(&serde_json::to_string(&profile).unwrap()), Ok(profile));
}

#[test]
fn what_a_profile_leaves_out_has_its_documented_default() {
    let profile = Profile::from_json(SMALLEST).unwrap();
    assert_eq!((profile.name.as_str(), profile.version), ("", 1));
    assert_eq!(profile.limits.max, MilliCelsius(8005));
    assert!(profile.alarms.is_empty() && profile.budgets.is_empty());
    assert_eq!((profile.freeze, profile.mkt, profile.guard_band), (None, None, MilliCelsius(0)));
    insta::assert_json_snapshot!("smallest_profile", profile);
}

#[test]
fn the_usual_activation_energy_over_the_gas_constant_is_exactly_ten_thousand_kelvin() {
    assert_eq!(USUAL_ENERGY.over_gas_constant(), 10_000.0);
    assert_eq!(USUAL_ENERGY.kilojoules_per_mole(), 83.14472);
}

#[test]
fn every_fault_is_refused_with_its_code_and_its_place() {
    type Change = fn(&mut serde_json::Value);
    let faults: [(Change, &str, &str); 19] = [
        (|p| p["limits"]["min_c"] = 9.into(), "profile/limits-reversed", "limits"),
        (|p| p["limits"]["min_c"] = (-300).into(), "profile/wrong-field", "limits.min_c"),
        (|p| p["limits"]["minimum"] = 9.into(), "profile/wrong-field", "limits.minimum"),
        (|p| p["colour"] = "red".into(), "profile/wrong-field", "colour"),
        (|p| p["interval_s"] = 0.into(), "profile/interval-out-of-range", "interval_s"),
        (|p| p["interval_s"] = 86_401.into(), "profile/interval-out-of-range", "interval_s"),
        (|p| p["interval_s"] = "600".into(), "profile/wrong-field", "interval_s"),
        (|p| p["version"] = 0.into(), "profile/version-zero", "version"),
        (|p| p["name"] = "a\nb".into(), "profile/name-malformed", "name"),
        (|p| p["alarms"][0]["allowance_s"] = (-1).into(), "profile/wrong-field", "alarms[0].allowance_s"),
        (|p| p["alarms"][1]["bound"] = "over".into(), "profile/wrong-field", "alarms[1].bound"),
        (|p| p["alarms"][1]["id"] = "hot".into(), "profile/id-duplicate", "alarms[1].id"),
        (|p| p["alarms"][1]["id"] = "".into(), "profile/id-malformed", "alarms[1].id"),
        (|p| p["budgets"][0]["from_c"] = 25.0.into(), "profile/band-reversed", "budgets[0]"),
        (|p| p["freeze"] = "maybe".into(), "profile/wrong-field", "freeze"),
        (|p| p["mkt"]["delta_h_kj_mol"] = 8.3.into(), "profile/activation-energy", "mkt.delta_h_kj_mol"),
        (|p| p["mkt"]["window_h"] = 48.into(), "profile/mkt-window", "mkt.window_h"),
        (|p| p["mkt"]["window_h"] = serde_json::Value::Null, "profile/mkt-half-limit", "mkt"),
        (|p| p["guard_band_c"] = 3.5.into(), "profile/guard-band", "guard_band_c"),
    ];
    for (change, code, place) in faults {
        let error = refused(change);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().starts_with(place), "{error}");
        assert!(!error.next_step().is_empty());
    }
}

#[test]
fn a_missing_part_and_a_broken_text_are_refused() {
    let error = Profile::from_json(r#"{"limits":{"min_c":2,"max_c":8}}"#).unwrap_err();
    assert_eq!(error.code(), "profile/wrong-field");
    assert!(error.to_string().contains("interval_s"), "{error}");
    for text in ["", "{", "[]x", "{} {}", &format!("{SMALLEST}x"), "\u{feff}{}"] {
        let error = Profile::from_json(text).unwrap_err();
        assert!(matches!(error.code(), "profile/not-json" | "profile/wrong-field"), "{text:?}: {error}");
    }
}

#[test]
fn the_bytes_of_a_profile_in_a_signed_record_never_change() {
    let profile = Profile::from_json(FULL).unwrap();
    let bytes = minicbor::to_vec(&profile).unwrap();
    let expected = "a9\
        016446756c6c\
        0203\
        03a2011907d002191f40\
        04190258\
        0582a70163686f74020103191f40040105190708060307f4a70164636f6c640202033901f3040205190e10060207f5\
        0681a40164726f6f6d02191f40031961a80419a8c0\
        0703\
        08a3011a04f4b01002191f40031818\
        091901f4";
    assert_eq!(data_encoding::HEXLOWER.encode(&bytes), expected);
    assert_eq!(minicbor::decode::<Profile>(&bytes).unwrap(), profile);
    let smallest = minicbor::to_vec(Profile::from_json(SMALLEST).unwrap()).unwrap();
    assert_eq!(data_encoding::HEXLOWER.encode(&smallest), "a70160020103a2011907d002191f4504183c058006800900");
}

#[test]
fn a_profile_in_bytes_goes_through_the_same_checks() {
    let mut profile = Profile::from_json(FULL).unwrap();
    profile.limits.min = MilliCelsius(9000);
    let error = minicbor::decode::<Profile>(&minicbor::to_vec(&profile).unwrap()).unwrap_err();
    assert!(error.to_string().contains("min_c lies above max_c"), "{error}");
    profile = Profile::from_json(FULL).unwrap();
    profile.alarms[0].limit = MilliCelsius(i32::MAX);
    let error = minicbor::decode::<Profile>(&minicbor::to_vec(&profile).unwrap()).unwrap_err();
    assert!(error.to_string().contains("alarms[0].limit_c"), "{error}");
}

#[test]
fn the_guard_band_narrows_the_limits() {
    let profile = Profile::from_json(FULL).unwrap();
    assert_eq!(profile.effective_limits(), Limits { min: MilliCelsius(2500), max: MilliCelsius(7500) });
}

#[test]
fn every_built_in_profile_is_sound_and_names_its_source() {
    for preset in builtin() {
        assert_eq!(preset.profile.check(), Ok(()), "{}", preset.key);
        let json = serde_json::to_string(&preset.profile).unwrap();
        assert_eq!(Profile::from_json(&json).as_ref(), Ok(&preset.profile), "{}", preset.key);
        assert!(!preset.source.is_empty() && !preset.note.is_empty());
        assert_eq!(preset.confirm, CONFIRM_LABEL);
    }
    insta::assert_json_snapshot!("built_in_profiles", builtin());
}

#[test]
fn a_built_in_profile_is_found_by_its_key_alone() {
    let keys: std::collections::BTreeSet<_> = builtin().iter().map(|preset| preset.key).collect();
    assert_eq!(keys.len(), builtin().len(), "each key is unique");
    assert_eq!(preset("cdc-refrigerator").unwrap().profile.limits.max, MilliCelsius(8000));
    assert_eq!(preset("CDC refrigerator"), None);
}

proptest! {
    #[test]
    fn hostile_bytes_and_texts_never_make_an_unsound_profile(
        position in 0_usize..93, byte in any::<u8>(), text in "\\PC{0,40}"
    ) {
        let mut bytes = minicbor::to_vec(Profile::from_json(FULL).unwrap()).unwrap();
        if let Some(old) = bytes.get_mut(position) {
            *old = byte;
        }
        if let Ok(profile) = minicbor::decode::<Profile>(&bytes) {
            prop_assert_eq!(profile.check(), Ok(()));
        }
        prop_assert!(Profile::from_json(&text).is_err());
    }
}

const WITH_CONDITIONS: &str = r#"{
    "limits": {"min_c": 2.0, "max_c": 8.0}, "interval_s": 600,
    "conditions": [
        {"quantity": "humidity", "max_pct": 60.5, "allowance_s": 3600, "mode": "cumulative"},
        {"quantity": "pressure", "min_pa": 70000},
        {"quantity": "movement", "max_count": 20},
        {"quantity": "acceleration", "max_mg": 2000},
        {"quantity": "battery-voltage", "min_mv": 2400},
        {"quantity": "battery-charge", "min_pct": 10}
    ]
}"#;

#[test]
fn limits_on_other_things_than_temperature_are_read_and_printed_in_their_documented_shape() {
    let profile = Profile::from_json(WITH_CONDITIONS).unwrap();
    assert_eq!(profile.condition(Quantity::Humidity).unwrap().high, Some(605_000));
    assert_eq!(profile.condition(Quantity::BatteryCharge).unwrap().low, Some(10));
    insta::assert_json_snapshot!("conditions_profile", profile);
    assert_eq!(Profile::from_json(&serde_json::to_string(&profile).unwrap()).as_ref(), Ok(&profile));
    let bytes = minicbor::to_vec(&profile).unwrap();
    insta::assert_snapshot!("conditions_profile_cbor", data_encoding::HEXLOWER.encode(&bytes));
    assert_eq!(minicbor::decode::<Profile>(&bytes).unwrap(), profile);
    let fahrenheit = WITH_CONDITIONS.replace(r#""min_c": 2.0, "max_c": 8.0"#, r#""min_f": 36, "max_f": 46"#);
    assert_eq!(Profile::from_json(&fahrenheit).unwrap().conditions, profile.conditions);
}

#[test]
fn every_fault_of_a_limit_on_something_else_is_refused_with_its_code_and_its_place() {
    type Change = fn(&mut serde_json::Value);
    let faults: [(Change, &str, &str); 12] = [
        (|p| p["conditions"] = serde_json::json!([]), "profile/conditions-empty", "conditions"),
        (
            |c| c["conditions"][0]["quantity"] = "noise".into(),
            "profile/wrong-field",
            "conditions[0].quantity",
        ),
        (|c| c["conditions"][0]["max_mg"] = 3.into(), "profile/wrong-field", "conditions[0]"),
        (|c| c["conditions"][0]["max_c"] = 3.into(), "profile/wrong-field", "conditions[0].max_c"),
        (|c| c["conditions"][5]["min_pct"] = 10.5.into(), "profile/wrong-field", "conditions[5]"),
        (
            |c| c["conditions"][1]["quantity"] = "temperature".into(),
            "profile/condition-temperature",
            "conditions[1].quantity",
        ),
        (
            |c| c["conditions"][1] = c["conditions"][0].clone(),
            "profile/condition-twice",
            "conditions[1].quantity",
        ),
        (
            |c| c["conditions"][1] = serde_json::json!({"quantity": "pressure"}),
            "profile/condition-without-limit",
            "conditions[1]",
        ),
        (|c| c["conditions"][0]["max_pct"] = 101.into(), "profile/condition-out-of-range", "conditions[0]"),
        (|c| c["conditions"][0]["min_pct"] = 61.into(), "profile/condition-reversed", "conditions[0]"),
        (
            |c| c["conditions"][2]["allowance_s"] = 60.into(),
            "profile/condition-allowance",
            "conditions[2].allowance_s",
        ),
        (
            |c| c["conditions"][4]["mode"] = "cumulative".into(),
            "profile/condition-allowance",
            "conditions[4].allowance_s",
        ),
    ];
    for (change, code, place) in faults {
        let mut json: serde_json::Value = serde_json::from_str(WITH_CONDITIONS).unwrap();
        change(&mut json);
        let error = Profile::from_json(&json.to_string()).expect_err(code);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().starts_with(place), "{error}");
        assert!(!error.next_step().is_empty());
    }
    let mut from_above = Profile::from_json(WITH_CONDITIONS).unwrap();
    from_above.conditions[2].low = Some(1);
    assert_eq!(from_above.check().unwrap_err().code(), "profile/condition-side");
}
