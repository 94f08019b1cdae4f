//! The organisation's own profiles through the real command: published, versioned, shared, exported.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use firn_tests::command::{TestHome, json, refusal};
use firn_tests::peering::{joined, sync};
use serde_json::{Value, json};

fn profile(name: &str, version: u32, max: &str) -> String {
    format!(
        r#"{{"name":"{name}","version":{version},"limits":{{"min_c":2.0,"max_c":{max}}},"interval_s":600,"freeze":"sensitive"}}"#
    )
}

fn file(home: &TestHome, name: &str, text: &str) -> String {
    home.file(name, text).to_str().unwrap().to_owned()
}

fn add(home: &TestHome, text: &str) -> Value {
    home.answer(&["profile", "add", &file(home, "profile.json", text), "--reason", "the maker's new label"])
}

fn refused(home: &TestHome, text: &str) -> Value {
    let output =
        home.run(&["profile", "add", &file(home, "profile.json", text), "--reason", "the maker's new label"]);
    refusal(&output);
    json(&output)
}

fn own(home: &TestHome) -> Vec<Value> {
    let listed = home.answer(&["profile", "list"]);
    listed.as_array().unwrap().iter().filter(|one| one["origin"] == "own").cloned().collect()
}

#[test]
fn built_in_profiles_need_no_home_and_say_where_they_come_from() {
    let nowhere = TestHome::unmade();
    let listed = nowhere.answer(&["profile", "list"]);
    let first = &listed[0];
    assert_eq!((&first["origin"], &first["key"]), (&json!("preset"), &json!("cdc-refrigerator")));
    assert_eq!(first["confirm"], "confirm the current label");
    assert!(first["source"].as_str().unwrap().starts_with("CDC"));
    assert_eq!(nowhere.answer(&["profile", "show", "cdc-refrigerator"])["limits"]["max_c"], 8.0);
    assert_eq!(nowhere.refusal(&["profile", "show", "Own"]), "profile/unknown");
    assert_eq!(
        nowhere.refusal(&["profile", "show", "who-30-day", "--version", "7"]),
        "profile/no-such-version"
    );
    assert!(!nowhere.path().exists(), "looking makes nothing");
}

#[test]
fn a_profile_of_ones_own_goes_on_version_by_version_and_each_stays_readable() {
    let home = TestHome::found();
    assert_eq!(add(&home, &profile("Fridge 2", 1, "8.0"))["version"], 1);
    let skipped = refused(&home, &profile("Fridge 2", 3, "7.0"));
    assert_eq!(skipped["error"], "profile/version-not-next");
    let why = skipped["why"].as_str().unwrap();
    assert!(why.contains("version 1") && why.contains("next one is 2") && why.contains("this is 3"), "{why}");
    assert_eq!(refused(&home, &profile("Fridge 2", 1, "8.0"))["error"], "profile/version-not-next");
    add(&home, &profile("Fridge 2", 2, "7.0"));
    assert_eq!(refused(&home, &profile("cdc-refrigerator", 2, "8.0"))["error"], "profile/name-not-own");
    assert_eq!(refused(&home, &profile("", 1, "8.0"))["error"], "profile/name-not-own");

    let max = |more: &[&str]| {
        let shown = home.answer(&[&["profile", "show", "Fridge 2"][..], more].concat());
        shown["limits"]["max_c"].clone()
    };
    assert_eq!([max(&[]), max(&["--version", "1"]), max(&["--version", "2"])], [7.0, 8.0, 7.0]);
    assert_eq!(home.refusal(&["profile", "show", "Fridge 2", "--version", "3"]), "profile/no-such-version");
    let own = own(&home);
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0]["versions"], &own[0]["by"]), (&json!([1, 2]), &json!("Dock phone")));
    assert!(own[0]["published"].is_string());
}

#[test]
fn a_new_version_does_not_touch_shipments_that_were_created_by_the_one_before() {
    let home = TestHome::found();
    add(&home, &profile("Fridge 2", 1, "8.0"));
    let before = home.shipment("DN-1", "Fridge 2");
    add(&home, &profile("Fridge 2", 2, "7.0"));
    let item = "MMR,lot=A1,profile=Fridge 2";
    let after = home.answer(&["shipment", "new", "DN-2", "--profile", "who-30-day", "--item", item]);
    let shown = |shipment: &str| home.answer(&["shipment", "show", shipment]);
    let old = shown(&before)["profile"].clone();
    assert_eq!((&old["version"], &old["limits"]["max_c"]), (&json!(1), &json!(8.0)));
    let new = shown(after["shipment"].as_str().unwrap());
    assert_eq!(
        (&new["profile"]["name"], &new["lines"][0]["profile"]),
        (&json!("WHO 30-day"), &json!("Fridge 2 v2"))
    );
    assert_eq!(home.refusal(&["shipment", "new", "DN-3", "--profile", "Fridge 9"]), "profile/unknown");
    assert_eq!(home.refusal(&["shipment", "new", "DN-3", "--profile", "fridge.json"]), "cli/unreadable-file");
    let own = file(&home, "own.json", &profile("Loose", 4, "8.0"));
    let loose = home.shipment("DN-4", &own);
    assert_eq!(shown(&loose)["profile"]["name"], "Loose", "a file need not be published");
}

#[test]
fn a_known_name_means_what_is_known_by_it_whatever_lies_in_the_folder() {
    let home = TestHome::found();
    add(&home, &profile("Fridge 2", 1, "7.0"));
    let folder = home.path().parent().unwrap().join("folder");
    std::fs::create_dir_all(folder.join("who-30-day")).unwrap();
    for name in ["cdc-refrigerator", "Fridge 2"] {
        std::fs::write(folder.join(name), profile("Loose", 1, "20.0")).unwrap();
    }
    let new = |arguments: &[&str]| {
        let all = [&["shipment", "new", "DN", "--item", "MMR"][..], arguments].concat();
        let output = home.command(&all).current_dir(&folder).output().unwrap();
        let answer = json(&output);
        let shipment = answer["shipment"].as_str().unwrap_or_else(|| panic!("{arguments:?}: {answer}"));
        let shown = home.answer(&["shipment", "show", shipment]);
        (shown["profile"]["name"].as_str().unwrap().to_owned(), shown["profile"]["limits"]["max_c"].clone())
    };
    let built_in = ("CDC refrigerator".to_owned(), json!(8.0));
    assert_eq!(new(&[]), built_in);
    assert_eq!(new(&["--profile", "cdc-refrigerator"]), built_in);
    assert_eq!(new(&["--profile", "who-30-day"]).0, "WHO 30-day", "a folder is no profile");
    assert_eq!(new(&["--profile", "Fridge 2"]), ("Fridge 2".to_owned(), json!(7.0)));
    assert_eq!(new(&["--profile", "./cdc-refrigerator"]), ("Loose".to_owned(), json!(20.0)));

    let readings = file(&home, "r.csv", "time,temperature_c\n2026-11-22T09:30:00Z,15\n");
    let assess = ["assess", "--profile", "cdc-refrigerator", "--readings", &readings];
    let judged = home.command(&assess).current_dir(&folder).output().unwrap();
    assert_eq!(json(&judged)["verdict"], "excursion");
}

#[test]
fn a_file_under_a_known_name_is_taken_only_where_it_says_the_same() {
    let home = TestHome::found();
    add(&home, &profile("Fridge 2", 1, "7.0"));
    let exported = String::from_utf8(home.run(&["profile", "export", "cdc-refrigerator"]).stdout).unwrap();
    let changed = exported.replace(r#""max_c": 8.0"#, r#""max_c": 20.0"#);
    assert_ne!(changed, exported);
    let readings = file(&home, "r.csv", "time,temperature_c\n2026-11-22T09:30:00Z,15\n");
    let refused = |text: &str| {
        let path = file(&home, "given.json", text);
        let line = format!("MMR,profile={path}");
        let new = ["shipment", "new", "DN"];
        let taken: [Vec<&str>; 4] = [
            [&new[..], &["--profile", &path]].concat(),
            [&new[..], &["--item", &line]].concat(),
            vec!["assess", "--profile", &path, "--readings", &readings],
            vec!["import", "--profile", &path, &readings],
        ];
        let codes: Vec<String> = taken.iter().map(|arguments| home.refusal(arguments)).collect();
        assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
        codes[0].clone()
    };
    assert_eq!(refused(&changed), "profile/name-not-own");
    assert_eq!(refused(&profile("cdc-refrigerator", 2, "8.0")), "profile/name-not-own");
    assert_eq!(refused(&profile("CDC REFRIGERATOR\u{200b}", 2, "8.0")), "profile/name-not-own");
    assert_eq!(refused(&profile("Fridge 2", 1, "20.0")), "profile/version-not-next");
    assert_eq!(home.answer(&["shipment", "list"]).as_array().unwrap().len(), 0, "nothing was signed");
    for same in [exported.as_str(), &profile("Fridge 2", 1, "7.0"), &profile("Fridge 2", 2, "20.0")] {
        home.shipment("DN", &file(&home, "given.json", same));
    }
    let nowhere = TestHome::unmade();
    assert_eq!(
        nowhere.refusal(&[
            "assess",
            "--profile",
            &file(&home, "given.json", &changed),
            "--readings",
            &readings
        ]),
        "profile/name-not-own"
    );
}

#[test]
fn what_is_exported_is_exported_with_the_same_bytes_where_it_was_added() {
    let full = r#"{"name":"Warm","version":3,"limits":{"min_f":35.6,"max_f":46.4},"interval_s":600,
        "alarms":[{"id":"hot","bound":"above","limit_f":46.4,"mode":"single","allowance_s":0,"inclusive":true}],
        "budgets":[{"id":"room","from_f":46.4,"to_f":77.0,"allowance_s":3600}],
        "mkt":{"delta_h_kj_mol":83.14472,"limit_f":46.4,"window_h":24},"guard_band_f":0.9}"#;
    for (name, text) in [("Warm", full.to_owned()), ("Fridge 2", profile("Fridge 2", 1, "8.005"))] {
        let (one, other) = (TestHome::found(), TestHome::found());
        add(&one, &text);
        let exported = one.run(&["profile", "export", name]).stdout;
        assert!(exported.starts_with(b"{\n") && exported.ends_with(b"}\n"));
        add(&other, std::str::from_utf8(&exported).unwrap());
        assert_eq!(
            other.run(&["profile", "export", name]).stdout,
            exported,
            "a name that is new keeps its version"
        );
        let built_in = one.run(&["profile", "export", "gardasil-9"]).stdout;
        let check = file(&one, "built-in.json", std::str::from_utf8(&built_in).unwrap());
        assert_eq!(one.answer(&["profile", "check", &check])["ok"], true);
    }
}

#[test]
fn a_check_refuses_the_names_under_which_nothing_is_published() {
    let home = TestHome::found();
    for name in ["", " Own", "CDC refrigerator"] {
        let path = file(&home, "profile.json", &profile(name, 1, "9.0"));
        assert_eq!(home.refusal(&["profile", "check", &path]), "profile/name-not-own", "{name:?}");
        assert_eq!(home.refusal(&["profile", "add", &path]), "profile/name-not-own", "{name:?}");
    }
    let path = file(&home, "profile.json", &profile("Own", 1, "9.0"));
    assert_eq!(home.answer(&["profile", "check", &path])["ok"], true);
}

#[test]
fn a_file_that_is_no_profile_is_refused_with_the_place_and_what_is_allowed() {
    let home = TestHome::found();
    let limits = r#""limits":{"min_c":2.0,"max_c":8.0},"interval_s":600"#;
    let cases = [
        (
            r#"{"limits":{"min_c":2.0,"max_c":1200},"interval_s":600}"#.to_owned(),
            "limits.max_c: ",
            "-273.15 to 1000",
        ),
        (
            format!(r#"{{{limits},"freeze":"maybe"}}"#),
            "freeze: ",
            "`sensitive`, `tolerant`, `frozen-product`",
        ),
        (format!(r#"{{{limits},"colour":1}}"#), "colour: ", "expected one of `name`, `version`, `limits`"),
        (
            format!(
                r#"{{{limits},"alarms":[{{"id":"a","bound":"over","limit_c":8,"mode":"single","allowance_s":0}}]}}"#
            ),
            "alarms[0].bound: ",
            "`above` or `below`",
        ),
        (
            format!(r#"{{{limits},"budgets":[{{"id":"a","from_c":8,"to_c":25}}]}}"#),
            "budgets[0]: ",
            "allowance_s",
        ),
        (
            r#"{"limits":{"min_c":2.0,"max_c":8.0},"interval_s":0}"#.to_owned(),
            "interval_s: ",
            "between 1 and 86400",
        ),
        (format!(r#"{{{limits},"version":0}}"#), "version: ", "count from 1"),
        (format!(r#"{{{limits}"#), "not JSON: ", "line 1 column"),
    ];
    for (text, place, allowed) in cases {
        let why = refused(&home, &text)["why"].as_str().unwrap().to_owned();
        assert!(why.starts_with(place) && why.contains(allowed), "{why}");
    }
    assert_eq!(own(&home), [] as [Value; 0], "nothing was stored");
}

#[test]
fn only_who_sets_limits_publishes_and_the_others_learn_of_it_by_sync() {
    let pharmacy = TestHome::found();
    let courier = joined(&pharmacy, "courier", "Van phone");
    let quality = joined(&pharmacy, "quality", "Quality desk");
    assert_eq!(refused(&courier, &profile("Fridge 2", 1, "8.0"))["error"], "app/role-may-not");
    add(&quality, &profile("Fridge 2", 1, "8.0"));
    assert_eq!(own(&courier).len(), 0);
    sync(&quality, &pharmacy);
    sync(&courier, &pharmacy);
    let shipment = courier.shipment("DN-1", "Fridge 2");
    assert_eq!(courier.answer(&["shipment", "show", &shipment])["profile"]["name"], "Fridge 2");
    add(&pharmacy, &profile("Fridge 2", 2, "7.0"));
    sync(&quality, &pharmacy);
    assert_eq!(own(&quality), own(&pharmacy));
    assert_eq!(refused(&quality, &profile("Fridge 2", 2, "9.0"))["error"], "profile/version-not-next");
}

#[test]
fn a_version_that_two_publish_unaware_of_each_other_is_told_of_on_both_until_one_goes_on_from_both() {
    let office = TestHome::found();
    let dock = joined(&office, "quality", "Dock desk");
    add(&office, &profile("Own", 1, "8.0"));
    sync(&dock, &office);
    let mut made = Vec::new();
    for (home, max) in [(&office, "9.0"), (&dock, "12.0")] {
        add(home, &profile("Own", 2, max));
        made.push((home.shipment(&format!("DN-{max}"), "Own"), max));
    }
    sync(&dock, &office);
    let listed = own(&office);
    assert_eq!(listed, own(&dock), "both say the same");
    let counts = listed[0]["profile"]["limits"]["max_c"].as_f64().unwrap();
    let (kept, lost) = if counts == 9.0 { (9.0, 12.0) } else { (12.0, 9.0) };
    let aside = &listed[0]["set_aside"];
    assert_eq!((&aside[0]["version"], &aside[0]["profile"]["limits"]["max_c"]), (&json!(2), &json!(lost)));
    for home in [&office, &dock] {
        let shown = home.answer(&["profile", "show", "Own", "--version", "2"]);
        assert_eq!(shown["limits"]["max_c"], kept);
        assert_eq!(shown["set_aside"], *aside);
        assert!(aside[0]["by"].is_string() && aside[0]["published"].is_string(), "{aside}");
        assert!(home.answer(&["profile", "show", "Own", "--version", "1"])["set_aside"].is_null());
        let tasks = home.answer(&["tasks"]);
        let settle = tasks.as_array().unwrap().iter().find(|task| task["kind"] == "settle-profile").unwrap();
        assert_eq!((&settle["about"], &settle["name"]), (&json!("profile"), &json!("Own")));
        assert_eq!((&settle["version"], &settle["roles"]), (&json!(2), &json!(["quality", "admin"])));
        for (shipment, max) in &made {
            let others = &home.answer(&["shipment", "show", shipment])["other_profiles"];
            let is_lost = max.parse::<f64>().unwrap() == lost;
            assert_eq!(others.is_array(), is_lost, "{max}: {others}");
            if is_lost {
                assert_eq!(others[0]["code"], "profile/another-counts");
                let (judges, counts) =
                    (&others[0]["limits"]["max_c"], &others[0]["counts"]["limits"]["max_c"]);
                assert_eq!((judges, counts), (&json!(lost), &json!(kept)));
                evidence_says_so(home, shipment);
            }
        }
    }
    let again = profile("Own", 3, "10.0");
    let settled = add(&office, &again);
    assert!(settled["set_aside"].is_null(), "whoever published it knew both: {settled}");
    sync(&dock, &office);
    for home in [&office, &dock] {
        let tasks = home.answer(&["tasks"]).to_string();
        assert!(!tasks.contains("settle-profile"), "{tasks}");
        let shown = home.answer(&["profile", "show", "Own", "--version", "2"]);
        assert_eq!((&shown["set_aside"][0]["settled_by"], own(home).len()), (&json!(3), 1));
    }
}

#[test]
fn of_two_first_versions_with_other_numbers_the_one_set_aside_is_shown_and_ends_with_the_next_by_who_knows_both()
 {
    let office = TestHome::found();
    let dock = joined(&office, "quality", "Dock desk");
    for (home, version, max) in [(&office, 1, "8.0"), (&dock, 20_261_210, "12.0")] {
        add(home, &profile("Own", version, max));
    }
    sync(&dock, &office);
    let aside = own(&office)[0]["set_aside"][0].clone();
    let (number, max) = (aside["version"].to_string(), &aside["profile"]["limits"]["max_c"]);
    let newest = own(&office)[0]["profile"]["version"].as_u64().unwrap();
    for home in [&office, &dock] {
        let shown = home.answer(&["profile", "show", "Own", "--version", &number]);
        assert_eq!((&shown["counts"], &shown["limits"]["max_c"]), (&json!(false), max));
        assert_eq!(shown["set_aside"], json!([aside]));
        assert!(home.answer(&["profile", "show", "Own"])["counts"].is_null());
        let exported = home.run(&["profile", "export", "Own", "--version", &number]);
        assert_eq!(json(&exported), aside["profile"], "whoever goes on from both needs it");
        assert!(String::from_utf8_lossy(&exported.stderr).contains("does not count"));
        let tasks = home.answer(&["tasks"]);
        let settle = tasks.as_array().unwrap().iter().find(|task| task["kind"] == "settle-profile").unwrap();
        assert_eq!(settle["version"], aside["version"]);
    }
    let next = profile("Own", u32::try_from(newest).unwrap() + 1, "8.5");
    let settled = add(&dock, &next);
    assert!(settled["set_aside"].is_null(), "whoever published it knew both: {settled}");
    sync(&dock, &office);
    for home in [&office, &dock] {
        assert!(!home.answer(&["tasks"]).to_string().contains("settle-profile"));
        let shown = home.answer(&["profile", "show", "Own", "--version", &number]);
        assert_eq!(shown["set_aside"][0]["settled_by"], json!(newest + 1));
    }
}

/// Its report and its evidence verify, and the evidence names what counts.
fn evidence_says_so(home: &TestHome, shipment: &str) {
    let file = |name: &str| home.path().parent().unwrap().join(name);
    let (evidence, report) = (file("e.firn"), file("e.pdf"));
    let (evidence, report) = (evidence.to_str().unwrap(), report.to_str().unwrap());
    home.answer(&["export", shipment, "--evidence", evidence, "--pdf", report]);
    for path in [evidence, report] {
        assert_eq!(home.answer(&["verify", path])["ok"], true, "{path}");
    }
}

#[test]
fn once_people_sign_a_person_publishes_and_is_named() {
    let home = TestHome::found();
    let pin = file(&home, "una", "una has a long secret\n");
    let enrol = ["person", "add", "Una Novak", "--role", "quality", "--trained", "2026-01-15"];
    home.answer(&[&enrol[..], &["--accept-accountability", "--pin-file", &pin]].concat());
    assert_eq!(refused(&home, &profile("Fridge 2", 1, "8.0"))["error"], "app/person-needed");
    let path = file(&home, "profile.json", &profile("Fridge 2", 1, "8.0"));
    home.answer(&["profile", "add", &path, "--as", "Una Novak", "--pin-file", &pin]);
    assert_eq!(own(&home)[0]["by"], "Una Novak");
}

#[test]
fn limits_that_no_logger_measures_are_refused_with_their_bounds_and_a_list_is_no_profile() {
    let home = TestHome::found();
    for max in ["500.0", "200.001"] {
        assert_eq!(refused(&home, &profile("Oven", 1, max))["error"], "profile/limit-unmeasured");
    }
    assert!(refused(&home, &profile("Oven", 1, "500.0"))["why"].as_str().unwrap().contains("-200 to 200 °C"));
    add(&home, &profile("No lower limit", 1, "8.0").replace("2.0", "-273.15"));
    let humid = |percent: &str| {
        let limit =
            format!(r#","conditions":[{{"quantity":"humidity","max_pct":{percent},"allowance_s":0}}]}}"#);
        profile("Humid", 1, "8.0").replace("}", "").replace(r#""max_c":8.0"#, r#""max_c":8.0}"#) + &limit
    };
    assert_eq!(refused(&home, &humid("100.5"))["error"], "profile/condition-out-of-range");
    add(&home, &humid("100"));
    let list = refused(&home, "[]");
    assert_eq!(list["error"], "profile/wrong-field");
    assert!(list["why"].as_str().unwrap().contains("a list, where a profile is one object"), "{list}");
}

#[test]
fn a_lot_that_is_longer_than_gs1_allows_is_refused_with_the_section() {
    let home = TestHome::found();
    let new = |lot: &str| {
        ["shipment", "new", "DN"]
            .map(str::to_owned)
            .into_iter()
            .chain(["--item".into(), format!("MMR,lot={lot}")])
            .collect::<Vec<_>>()
    };
    let typed = new("ABCDEFGHIJKLMNOPQRSTU");
    let output = home.run(&typed.iter().map(String::as_str).collect::<Vec<_>>());
    refusal(&output);
    assert_eq!(json(&output)["error"], "gs1/length");
    assert!(json(&output)["why"].as_str().unwrap().contains("3.4.1"), "{}", json(&output));
    let typed = new("ABCDEFGHIJKLMNOPQRST");
    home.answer(&typed.iter().map(String::as_str).collect::<Vec<_>>());
}
