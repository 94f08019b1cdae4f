//! Evidence that the real command writes during the test: people, a lost phone, a new key, positions, a session.

use data_encoding::HEXLOWER;
use firn_tests::command::TestHome;
use firn_tests::peering::{LOOPBACK, Serving, courier_of, joined, sync};
use std::path::PathBuf;

/// Files of evidence, and the homes in whose folders they lie.
pub struct Live {
    /// The files.
    pub files: Vec<PathBuf>,
    _homes: Vec<TestHome>,
}

/// Evidence of every kind that the command can write.
pub fn evidence() -> Live {
    let mut live = Live { files: Vec::new(), _homes: Vec::new() };
    for story in [people, lost_phone, new_key, positions, session, closed, partners, fallen, forked] {
        let (files, homes) = story();
        live.files.extend(files);
        live._homes.extend(homes);
    }
    live
}

type Told = (Vec<PathBuf>, Vec<TestHome>);

fn export(home: &TestHome, shipment: &str, name: &str, more: &[&str]) -> PathBuf {
    let file = home.file(name, "");
    home.answer(&[&["export", shipment, "--evidence", file.to_str().unwrap()], more].concat());
    file
}

/// Readings every ten minutes from eight o'clock on.
fn readings(home: &TestHome, values: &[&str]) -> String {
    let line = |(index, value): (usize, &&str)| format!("2026-03-01T08:{index}0:00Z,{value}\n");
    let lines: String = values.iter().enumerate().map(line).collect();
    home.file("readings.csv", format!("time,temperature_c\n{lines}")).to_str().unwrap().to_owned()
}

fn enrolled(home: &TestHome, name: &str, role: &str) -> String {
    let pin = home.file(name, format!("{name} has a long secret\n")).to_str().unwrap().to_owned();
    let add = ["person", "add", name, "--role", role, "--trained", "2026-01-15"];
    home.answer(&[&add[..], &["--accept-accountability", "--pin-file", &pin]].concat());
    pin
}

/// Two people sign; one of them in a role that may not, and one after having ended.
fn people() -> Told {
    let home = TestHome::found();
    home.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    let (ana, carl) = (enrolled(&home, "Ana Lima", "pharmacist"), enrolled(&home, "Carl Berg", "courier"));
    let signs = |person: &str, pin: &str, arguments: &[&str]| {
        home.answer(&[arguments, &["--as", person, "--pin-file", pin]].concat())
    };
    let new = ["shipment", "new", "DN-1", "--item", "MMR,lot=A1,quantity=40"];
    let shipment = signs("Ana Lima", &ana, &new)["shipment"].as_str().unwrap().to_owned();
    let start = [
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        "2026-03-01T08:00:00Z",
        "--reason",
        "recorded afterwards",
    ];
    signs("Carl Berg", &carl, &start);
    home.answer(&["ingest", &shipment, &readings(&home, &["5", "9", "5"]), "--logger", "Box 7"]);
    signs(
        "Ana Lima",
        &ana,
        &[
            "shipment",
            "receive",
            &shipment,
            "--at",
            "2026-03-01T09:00:00Z",
            "--reason",
            "recorded afterwards",
        ],
    );
    signs("Ana Lima", &ana, &["shipment", "review", &shipment, "--cause", "the door stood open"]);
    let file = export(&home, &shipment, "people.firn", &[]);
    (vec![file], vec![home])
}

/// A second admin's courier loses the phone; what it signed later is disputed where nobody had seen it.
fn lost_phone() -> Told {
    let pharmacy = TestHome::found();
    let office = joined(&pharmacy, "admin", "Office");
    let (courier, dock) =
        (joined(&office, "courier", "Van phone"), joined(&office, "pharmacist", "Second dock"));
    let shipment = courier.shipment("DN-7", "cdc-refrigerator");
    courier.answer(&["shipment", "start", &shipment]);
    sync(&courier, &office);
    courier.answer(&["shipment", "receive", &shipment]);
    sync(&dock, &courier);
    office.answer(&["device", "revoke", "Van phone", "--reason", "stolen"]);
    sync(&dock, &office);
    let file = export(&office, &shipment, "lost-phone.firn", &[]);
    (vec![file], vec![pharmacy, office, courier, dock])
}

/// A courier's phone is given a new key, and measures; once before an admin has enrolled it, once after.
fn new_key() -> Told {
    let pharmacy = TestHome::found();
    pharmacy.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    let van = courier_of(&pharmacy);
    let shipment = van.shipment("DN-9", "cdc-refrigerator");
    let late = ["--at", "2026-03-01T08:00:00Z", "--reason", "recorded afterwards"];
    van.answer(&[&["shipment", "start", &shipment, "--logger", "Box 7"], &late[..]].concat());
    sync(&van, &pharmacy);
    van.answer(&["device", "rotate"]);
    van.answer(&["ingest", &shipment, &readings(&van, &["5", "6"]), "--logger", "Box 7"]);
    sync(&van, &pharmacy);
    let before = export(&pharmacy, &shipment, "provisional.firn", &[]);
    let own = export(&van, &shipment, "own-provisional.firn", &[]);
    pharmacy.answer(&["device", "enrol", "Van phone"]);
    let after = export(&pharmacy, &shipment, "rotated.firn", &[]);
    (vec![before, own, after], vec![pharmacy, van])
}

/// Where a step was signed, once in the file and once not.
fn positions() -> Told {
    let home = TestHome::found();
    let van = courier_of(&home);
    home.answer(&["position", "on"]);
    let shipment = home.shipment("DN-2", "cdc-refrigerator");
    home.answer(&["shipment", "start", &shipment, "--position", "48856613,-2352222,12"]);
    let open = export(&home, &shipment, "positions.firn", &["--with-positions"]);
    let closed = export(&home, &shipment, "no-positions.firn", &[]);
    (vec![open, closed], vec![home, van])
}

/// A hand-over between two organisations: what the giver knows at the end, with the receipt, and what the receiver
/// makes of the goods, after a leg at the giver's.
fn partners() -> Told {
    let (giver, receiver) = (TestHome::found(), TestHome::unmade());
    receiver.answer(&["init", "--organisation", "South Clinic", "--device", "Ward tablet"]);
    let card = |home: &TestHome| home.answer(&["partner", "card"])["card"].as_str().unwrap().to_owned();
    let print = |home: &TestHome| home.answer(&["id"])["fingerprint"].as_str().unwrap().to_owned();
    giver.answer(&["partner", "accept", &card(&receiver), "--fingerprint", &print(&receiver)]);
    let under_way = |home: &TestHome, item: &str| {
        home.answer(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
        let made = home.answer(&["shipment", "new", "DN-3", "--item", item]);
        let shipment = made["shipment"].as_str().unwrap().to_owned();
        let late = ["--at", "2026-03-01T08:00:00Z", "--reason", "recorded afterwards"];
        home.answer(&[&["shipment", "start", &shipment, "--logger", "Box 7"], &late[..]].concat());
        home.answer(&["ingest", &shipment, &readings(home, &["5", "6"]), "--logger", "Box 7"]);
        shipment
    };
    let shipment = under_way(&giver, "MMR,lot=A1");
    let (given, receipt) = (giver.file("given.firn", ""), receiver.file("receipt.firn", ""));
    let [given, receipt] = [given, receipt].map(|file| file.to_str().unwrap().to_owned());
    let offer = ["--partner", "South Clinic", "--bundle", &given];
    giver.answer(&[&["shipment", "handover", &shipment], &offer[..]].concat());
    receiver.answer(&["partner", "take", &given, "--receipt", &receipt]);
    giver.answer(&["partner", "take", &receipt]);
    let onward = under_way(&receiver, &format!("MMR,lot=A1,leg={shipment}/1"));
    let files = vec![
        export(&giver, &shipment, "handed-over.firn", &[]),
        export(&receiver, &onward, "taken-over.firn", &[]),
        receipt.into(),
    ];
    (files, vec![giver, receiver])
}

/// A logger's session whose last line is in a form that is not public, in notifications of 20 bytes.
fn session() -> Told {
    const SESSION: &str = "---DOWNLOAD_START---\r\nFirmware version: 1.0.0\r\nMacAddress: CB:B8:33:4C:88:4F\r\n\
        Name: P T EN 80906F\r\nUnit: C\r\nStart date: 22/11/2026 09:30:00 +01:00\r\n<DATA_START>\r\n\
        0d0h0m30s:512\r\n0d0h1m0s:498\r\nA7;0041;F3\r\n<DATA_END>\r\nCRC16: 5A3C\r\n---DOWNLOAD_END---\r\n";
    let line = |direction: &str, bytes: &[u8]| {
        let hex = HEXLOWER.encode(bytes);
        format!("{{\"dir\":\"{direction}\",\"hex\":\"{hex}\",\"t\":\"2026-11-22T10:00:00Z\"}}\n")
    };
    let notified = SESSION.as_bytes().chunks(20).map(|piece| line("notify", piece));
    let recording: String = std::iter::once(line("write", b"READ_DATA")).chain(notified).collect();
    let home = TestHome::found();
    let shipment = home.shipment("DN-21", "cdc-refrigerator");
    home.answer(&["logger", "add", "--label", "Box 7", "--family", "ela-en12830"]);
    home.answer(&[
        "shipment",
        "start",
        &shipment,
        "--logger",
        "Box 7",
        "--at",
        "2026-11-22T09:30:00+01:00",
        "--reason",
        "recorded afterwards",
    ]);
    let file = home.file("box.jsonl", recording);
    let device = ["--device", "ela-en12830", "--logger", "Box 7"];
    home.answer(&[&["ingest", &shipment, file.to_str().unwrap()], &device[..]].concat());
    let file = export(&home, &shipment, "session.firn", &[]);
    (vec![file], vec![home])
}

/// A shipment that two devices told of, closed, with an index in the log of each.
fn closed() -> Told {
    let home = TestHome::found();
    let van = courier_of(&home);
    let shipment = van.shipment("DN-31", "cdc-refrigerator");
    van.answer(&["shipment", "start", &shipment]);
    sync(&van, &home);
    home.answer(&["shipment", "receive", &shipment]);
    home.answer(&[
        "shipment",
        "dispose",
        &shipment,
        "--decision",
        "reject",
        "--reason",
        "no logger was in it",
    ]);
    home.answer(&["shipment", "close", &shipment]);
    let part = export(&home, &shipment, "half-indexed.firn", &[]);
    sync(&van, &home);
    van.shipment("DN-32", "cdc-refrigerator");
    sync(&van, &home);
    let whole = export(&home, &shipment, "closed.firn", &[]);
    (vec![part, whole], vec![home, van])
}

/// An admin is revoked from before it enrolled a courier, who had told of the shipment.
fn fallen() -> Told {
    let pharmacy = TestHome::found();
    let office = joined(&pharmacy, "admin", "Office");
    let shipment = pharmacy.shipment("DN-1", "cdc-refrigerator");
    let van = joined(&office, "courier", "Van phone");
    sync(&office, &pharmacy);
    sync(&van, &office);
    van.answer(&["observe", &shipment, "other", "--note", "a dent"]);
    sync(&van, &office);
    sync(&office, &pharmacy);
    pharmacy.answer(&["device", "revoke", "Office", "--reason", "stolen", "--size", "1"]);
    let file = export(&pharmacy, &shipment, "fallen-admin.firn", &[]);
    (vec![file], vec![pharmacy, office, van])
}

/// A cloned phone tells two stories; what was signed upon one of them stands beside the other, before and after an
/// admin says which holds.
fn forked() -> Told {
    let pharmacy = TestHome::found();
    let (van, dock) = (courier_of(&pharmacy), joined(&pharmacy, "pharmacist", "Second dock"));
    let shipment = pharmacy.shipment("DN-1", "cdc-refrigerator");
    pharmacy.answer(&["logger", "add", "--label", "Box", "--family", "file", "--interval", "600"]);
    for home in [&van, &dock] {
        sync(home, &pharmacy);
    }
    let clone = van.copied();
    van.answer(&["observe", &shipment, "other", "--note", "nothing to tell"]);
    clone.answer(&["observe", &shipment, "other", "--note", "a scratch"]);
    let own = export(&clone, &shipment, "clone.firn", &[]);
    sync(&van, &pharmacy);
    sync(&clone, &dock);
    dock.answer(&["shipment", "start", &shipment, "--logger", "Box"]);
    let dents = export(&dock, &shipment, "before.firn", &[]);
    let meet = || {
        let (_serving, node) = Serving::start(&pharmacy, &["node", LOOPBACK[0], LOOPBACK[1]]);
        dock.run(&["sync", node["address"].as_str().unwrap()]);
    };
    meet();
    let undecided = export(&pharmacy, &shipment, "undecided.firn", &[]);
    pharmacy.answer(&["device", "revoke", "Van phone", "--reason", "forked"]);
    meet();
    let decided = export(&pharmacy, &shipment, "decided.firn", &[]);
    (vec![own, dents, undecided, decided], vec![pharmacy, van, clone, dock])
}
