//! The real window on a display of its own, driven by the system's WebDriver as a person would.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use fantoccini::{Client, ClientBuilder, Locator};
use firn_ble::Address;
use firn_ble::virtual_logger::{Climate, VirtualRuuviTag};
use firn_model::units::{MilliCelsius, RelativeHumidity};
use firn_tests::virtual_bluez::{Faults, Rig, now};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// How long a screen may take to appear on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that is stopped by its id when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().map(|_| ()).unwrap_or_default();
    }
}

/// One window at a time: two would share a driver's port by chance, and a small machine's patience.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The window, its driver, its display and the folder of its data; they end in this order.
struct Window {
    client: Client,
    _driver: Running,
    _display: Running,
    _folder: tempfile::TempDir,
    _turn: tokio::sync::MutexGuard<'static, ()>,
}

impl Window {
    /// Opens the program; `bluetooth` is the system bus it finds its Bluetooth on, if it shall have one.
    async fn open(program: &Path, bluetooth: Option<&str>) -> Self {
        Self::open_on(tempfile::tempdir().unwrap(), program, bluetooth).await
    }

    /// Opens the program on a folder in which its data may stand already.
    async fn open_on(folder: tempfile::TempDir, program: &Path, bluetooth: Option<&str>) -> Self {
        let turn = TURN.lock().await;
        let (display, name) = display();
        let port = free_port();
        let nowhere = format!("unix:path={}", folder.path().join("no-bus").display());
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("DISPLAY", name)
            .env("XDG_DATA_HOME", folder.path().join("data"))
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            // The driver ends the window by a signal, so that its demonstration stays behind: here.
            .env("TMPDIR", folder.path())
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("LANG", "en_US.UTF-8")
            .env("DBUS_SYSTEM_BUS_ADDRESS", bluetooth.unwrap_or(&nowhere))
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver, of the package webkit2gtk-driver");
        let driver = Running(driver);
        let client = connect(port, program).await;
        Self { client, _driver: driver, _display: display, _folder: folder, _turn: turn }
    }

    async fn shows(&self, css: &str) -> String {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}")).text().await.unwrap()
    }

    async fn click(&self, css: &str) {
        self.shows(css).await;
        self.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// Brings what may lie beneath the bar of a small window into its middle.
    async fn centre(&self, css: &str) {
        self.shows(css).await;
        let script = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })";
        self.client.execute(script, vec![json!(css)]).await.unwrap();
    }

    /// Goes to the screen of an address.
    async fn go(&self, hash: &str, shows: &str) {
        self.client.execute("window.location.hash = arguments[0]", vec![json!(hash)]).await.unwrap();
        self.shows(shows).await;
    }

    async fn pictures(&self, name: &str) {
        self.picture(name, DESKTOP).await;
        self.picture(name, PHONE).await;
    }

    /// Keeps a picture where `FIRN_PICTURES` names a folder.
    async fn picture(&self, name: &str, (width, height): (u32, u32)) {
        let Some(folder) = std::env::var_os("FIRN_PICTURES").map(PathBuf::from) else { return };
        self.client.set_window_size(width, height).await.unwrap();
        tokio::time::sleep(Duration::from_millis(400)).await;
        let png = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}-{width}x{height}.png")), png).unwrap();
    }
}

/// A display of its own; the server chooses a free number and prints it.
fn display() -> (Running, String) {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb, of the package xvfb");
    let mut number = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
    (Running(server), format!(":{}", number.trim()))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn connect(port: u16, program: &Path) -> Client {
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let options = json!({ "binary": program, "args": [] });
    builder.capabilities([("webkitgtk:browserOptions".to_owned(), options)].into_iter().collect());
    let address = format!("http://127.0.0.1:{port}");
    for _ in 0..100 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    builder.connect(&address).await.expect("a session with the window")
}

/// The window to test, or a word that there is none.
fn desktop() -> Option<PathBuf> {
    let program = std::env::var_os("FIRN_DESKTOP_BIN").map(PathBuf::from);
    if program.is_none() {
        eprintln!("skipped: FIRN_DESKTOP_BIN names no window to test; `cargo xtask test` builds one");
    }
    program
}

const DESKTOP: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (390, 844);

#[tokio::test(flavor = "multi_thread")]
async fn the_window_opens_empty_and_the_demonstration_shows_a_verdict() {
    let Some(program) = desktop() else { return };
    let window = Window::open(&program, None).await;
    assert_ne!(window.shows("#empty-title").await, "");
    window.pictures("empty").await;

    window.click(".demo-offer button").await;
    let excursion = window.shows(".shipment-excursion .verdict-words").await;
    assert_ne!(excursion, "");
    let shipments = window.client.find_all(Locator::Css(".shipment")).await.unwrap();
    assert_eq!(shipments.len(), 2);
    window.pictures("shipments").await;

    window.click(".shipment-excursion").await;
    window.shows("svg").await;
    window.pictures("shipment").await;
    window.go("#/nearby", ".logger-degrees").await;
    window.pictures("nearby").await;
    window.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_says_that_it_does_not_watch_where_there_is_no_bluetooth_and_turns_about_for_arabic() {
    let Some(program) = desktop() else { return };
    let window = Window::open(&program, None).await;
    window.shows(".watch-off").await;
    window.go("#/shipments/new", "#profile").await;
    window.pictures("new-shipment").await;
    window.go("#/peers", "#invite-title").await;
    window.pictures("peers").await;
    window.go("#/device", "#language-title").await;
    window.pictures("device").await;
    window.centre("span[lang=ar]").await;
    window.click("span[lang=ar]").await;
    window.shows("html[dir=rtl] #language-title").await;
    window.pictures("device-ar").await;
    window.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_hears_a_real_logger_where_the_machine_has_bluetooth() {
    let Some(program) = desktop() else { return };
    let rig = tokio::task::spawn_blocking(|| Rig::start(tag(), Faults::default())).await.unwrap();
    let window = Window::open(&program, Some(rig.address())).await;
    window.go("#/nearby", ".logger-degrees").await;
    assert!(window.shows(".logger").await.contains("CB:B8:33:4C:88:4F"));
    let degrees = window.shows(".logger-degrees").await;
    assert!(degrees.contains("4.0") || degrees.contains("3.9"), "{degrees}");
    assert!(window.client.find(Locator::Css(".notice-demo")).await.is_err());
    window.client.clone().close().await.unwrap();
    // Its runtime must not end within this one.
    tokio::task::spawn_blocking(move || drop(rig)).await.unwrap();
}

/// A shipment under way with one logger that hands over nothing before its clock is set.
fn with_thermopro(folder: &Path) {
    let before = Before::new(folder);
    before.firn(&["init", "--organisation", "Nordvik Pharmacy"]);
    before.firn(&["logger", "add", "--label", "Box 9", "--family", "thermopro", "--interval", "60"]);
    let shipment = before.firn(&["shipment", "new", "DN-22"]);
    before.firn(&["shipment", "start", shipment["shipment"].as_str().unwrap(), "--logger", "Box 9"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_asks_once_whether_a_loggers_clock_may_be_set() {
    let Some(program) = desktop() else { return };
    let folder = tempfile::tempdir().unwrap();
    with_thermopro(folder.path());
    let window = Window::open_on(folder, &program, None).await;
    window.click(".shipment").await;
    window.click(".download button").await;
    let question = window.shows(".question").await;
    assert!(question.contains("Box 9") && question.contains("local time"), "{question}");
    for size in [DESKTOP, PHONE] {
        window.client.set_window_size(size.0, size.1).await.unwrap();
        window.centre(".question").await;
        window.picture("clock-question", size).await;
    }
    window.centre(".question-answers").await;
    window.click(".question .button-primary").await;
    // There is no Bluetooth here: what the reading fails by now is that.
    let refused = window.shows(".download .refusal .code").await;
    assert!(refused.starts_with("ble/") && refused != "ble/clock-consent-needed", "{refused}");
    window.centre(".by-radio > button").await;
    window.click(".by-radio > button").await;
    window.shows(".download .refusal").await;
    assert!(window.client.find(Locator::Css(".question")).await.is_err(), "it is asked once");
    window.client.clone().close().await.unwrap();
}

/// The command on the data of a window that is not open.
struct Before {
    data: PathBuf,
}

impl Before {
    fn new(folder: &Path) -> Self {
        let data = folder.join("data").join("org.firn.coldchain");
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join("passphrase"), "correct horse battery staple\n").unwrap();
        Self { data }
    }

    fn firn(&self, arguments: &[&str]) -> serde_json::Value {
        let output = Command::new(firn_tests::command::program())
            .env("FIRN_HOME", self.data.join("home"))
            .env("FIRN_PASSPHRASE_FILE", self.data.join("passphrase"))
            .args(["--json", "--kdf-cost", "low"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        firn_tests::command::json(&output)
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.data.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// What each person signs with.
const PINS: [(&str, &str, &str); 3] = [
    ("Ana Lima", "pharmacist", "ana has eleven herons"),
    ("Quinn Moe", "quality", "quinn has twelve herons"),
    ("Adam Roy", "admin", "adam has thirteen herons"),
];

/// A shipment with an excursion, received by Ana and waiting to be looked into.
fn with_excursion(folder: &Path) {
    let before = Before::new(folder);
    before.firn(&["init", "--organisation", "Nordvik Pharmacy"]);
    for (name, role, pin) in PINS {
        let file = before.file(&format!("{role}.pin"), pin);
        let key = ["--trained", "2026-01-15", "--accept-accountability", "--pin-file", file.as_str()];
        before.firn(&[&["person", "add", name, "--role", role][..], &key].concat());
    }
    before.firn(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    let new =
        ["shipment", "new", "DN-31", "--item", "MMR,lot=A1,quantity=40", "--item", "HepB,lot=B7,quantity=20"];
    let created = before.firn(&new);
    let shipment = created["shipment"].as_str().unwrap();
    let pin = before.data.join("pharmacist.pin");
    let by = ["--as", "Ana Lima", "--pin-file", pin.to_str().unwrap()];
    let started = [
        "shipment",
        "start",
        shipment,
        "--logger",
        "Box 7",
        "--at",
        "2026-03-01T08:00:00Z",
        "--reason",
        "recorded afterwards",
    ];
    before.firn(&[&started[..], &by].concat());
    let mut readings = "time,temperature_c\n".to_owned();
    // One a minute: more than a page of the table holds.
    for (ten, value) in ["5", "9", "9.5", "9", "8.5", "5"].into_iter().enumerate() {
        for minute in ten * 10..ten * 10 + 10 {
            readings.push_str(&format!("2026-03-01T08:{minute:02}:00Z,{value}\n"));
        }
    }
    let readings = before.file("warm.csv", &readings);
    before.firn(&["ingest", shipment, &readings, "--logger", "Box 7"]);
    let received =
        ["shipment", "receive", shipment, "--at", "2026-03-01T09:00:00Z", "--reason", "recorded afterwards"];
    before.firn(&[&received[..], &by].concat());
}

impl Window {
    async fn type_into(&self, css: &str, text: &str) {
        self.centre(css).await;
        self.client.find(Locator::Css(css)).await.unwrap().send_keys(text).await.unwrap();
    }

    /// Gives a field a value that no keys type the same everywhere: a day, a photo.
    async fn fill(&self, css: &str, script: &str) {
        self.centre(css).await;
        let script = format!(
            "const field = document.querySelector(arguments[0]); {script};\
             for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, {{ bubbles: true }}));"
        );
        self.client.execute(&script, vec![json!(css)]).await.unwrap();
    }

    async fn press(&self, css: &str) {
        self.centre(css).await;
        self.click(css).await;
    }

    /// Waits until nothing of that kind is on the screen any more.
    async fn gone(&self, css: &str) {
        for _ in 0..600 {
            if self.client.find(Locator::Css(css)).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{css} is still there");
    }

    /// Waits until a part of the screen says so.
    async fn says(&self, css: &str, text: &str) {
        let mut said = String::new();
        for _ in 0..600 {
            said = match self.client.find(Locator::Css(css)).await {
                Ok(found) => found.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if said.contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{css} says {said:?}, not {text:?}");
    }

    /// Chooses who signs on the sheet that is open, and gives a PIN.
    async fn sign_as(&self, name: &str, pin: &str) {
        self.shows("dialog.sheet").await;
        let choose = "const list = document.querySelector('#sheet-person');\
            list.value = [...list.options].find(one => one.text.startsWith(arguments[0])).value;\
            list.dispatchEvent(new Event('change'));";
        self.client.execute(choose, vec![json!(name)]).await.unwrap();
        self.sign_with(pin).await;
    }

    async fn sign_with(&self, pin: &str) {
        self.shows("#sheet-pin").await;
        self.client.find(Locator::Css("#sheet-pin")).await.unwrap().send_keys(pin).await.unwrap();
        self.click("dialog.sheet button[type=submit]").await;
    }

    /// Explains every reason that is open, in the first form.
    async fn explain(&self) {
        for field in self.client.find_all(Locator::Css(".step-first textarea")).await.unwrap() {
            let id = field.attr("id").await.unwrap().unwrap();
            self.type_into(&format!("#{id}"), "Seen and understood").await;
        }
        self.press(".step-first button[type=submit]").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_a_review_and_the_release_after_an_excursion_at_the_real_window() {
    let Some(program) = desktop() else { return };
    let folder = tempfile::tempdir().unwrap();
    with_excursion(folder.path());
    let window = Window::open_on(folder, &program, None).await;
    let (ana, quinn) = (PINS[0], PINS[1]);
    window.click(".shipment").await;
    window.says(".quarantine", "DO NOT USE").await;
    window.says(".step-first h3", "Explain the reasons").await;
    assert!(!window.shows(".steps").await.contains("Release"), "it is not offered before its time");
    window.pictures("steps").await;

    // The first signature asks for name and PIN; a wrong PIN signs nothing and tells how many tries are left.
    window.explain().await;
    window.says(".sheet-meaning", "I have explained these reasons.").await;
    window.pictures("sign").await;
    window.sign_as(ana.0, "not her PIN at all").await;
    window.says("dialog.sheet .code", "app/pin-wrong").await;
    window.says("dialog.sheet", "Tries left: 4").await;
    let typed = "return document.querySelector('#sheet-pin').value";
    assert_eq!(window.client.execute(typed, vec![]).await.unwrap(), json!(""), "the PIN stays nowhere");
    window.sign_with(ana.2).await;
    window.gone("dialog.sheet").await;
    window.says(".session-who", "Ana Lima").await;

    // Every reading can be reached as a row.
    window.press(".series details.table summary").await;
    window.says(".pager", "1 to 50 of 60").await;
    window.press(".pager button:last-child").await;
    window.says(".pager", "51 to 60 of 60").await;
    let is_last = "return document.querySelector('.pager button:last-child').disabled";
    assert_eq!(window.client.execute(is_last, vec![]).await.unwrap(), json!(true));

    // What she sees she signs, with the hash of a photo that stays where it is (FIPS 180-2, appendix B.1).
    window.press(".observe summary").await;
    window.press(".observe button").await;
    window.says("#observe-what-wrong", "Choose one.").await;
    assert!(
        window.client.find(Locator::Css("dialog.sheet")).await.is_err(),
        "nothing is signed that nobody chose"
    );
    window.fill("#observe-what", "field.value = '9'").await;
    let photo = "const files = new DataTransfer(); files.items.add(new File(['abc'], 'seal.jpg')); field.files = files.files";
    window.fill("#observe-photo", photo).await;
    window.says(".photo-state", "SHA-256").await;
    window.press(".observe button").await;
    window.says(".sheet-meaning", "I have observed this.").await;
    window.says(".sheet-about", "Seal: intact").await;
    window.sign_with(ana.2).await;
    window.gone("dialog.sheet").await;
    window.says(".history", "Seen: Seal: intact").await;
    window.says(".history", "I have observed this.").await;
    window.says(".history", "ba7816bf8f01cfea").await;

    // Within the session the PIN alone.
    window.says(".step-first h3", "Look into the excursion").await;
    window.press(".step-first button[type=submit]").await;
    window.says("#review-cause-wrong", "Fill this in.").await;
    window.type_into("#review-cause", "The door stood open").await;
    window.press(".step-first button[type=submit]").await;
    window.says(".sheet-meaning", "I have looked into this excursion.").await;
    assert!(window.client.find(Locator::Css("#sheet-person")).await.is_err(), "she is signed in");
    window.sign_with(ana.2).await;
    window.gone("dialog.sheet").await;

    // It takes a second person now: what waits for them is told, and not offered to her.
    window.says(".waits", ana.0).await;
    window.press(".session-button").await;
    window.gone(".session-who").await;
    window.says(".step-first h3", "Release").await;
    window.pictures("release").await;
    window.press("#release-what input[type=radio]").await;
    window.type_into("#release-reason", "Within what its maker allows").await;
    window.press(".step-first button[type=submit]").await;
    window.shows("#sheet-person").await;
    let who = window.client.find(Locator::Css("#sheet-person")).await.unwrap().text().await.unwrap();
    assert!(who.contains(quinn.0) && !who.contains(ana.0), "{who}");
    window.sign_as(quinn.0, quinn.2).await;
    window.gone("dialog.sheet").await;
    window.gone(".quarantine").await;
    window.says(".banner-next", "Decided. Close the record.").await;
    window.says(".history", "Quinn Moe").await;
    window.says(".history", "I release this stock.").await;
    window.pictures("released").await;
    window.go("#/device", "#people-title").await;
    window.says(".people", "Adam Roy").await;
    window.pictures("people").await;
    window.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_enrols_a_person_records_a_certificate_and_turns_positions_on_at_the_real_window() {
    let Some(program) = desktop() else { return };
    let folder = tempfile::tempdir().unwrap();
    with_excursion(folder.path());
    let window = Window::open_on(folder, &program, None).await;
    let adam = PINS[2];

    // A person is enrolled by the admin who signs in for it, and their code is shown once.
    window.go("#/device", "#people-title").await;
    window.press(".enrol-person summary").await;
    window.press(".enrol-person button[type=submit]").await;
    window.says("#person-name-wrong", "Fill this in.").await;
    window.type_into("#person-name", "Pia Holm").await;
    window.press("#person-role label:nth-of-type(2) input").await;
    window.press(".enrol-person button[type=submit]").await;
    window.says("dialog.sheet", "Your name will stand with it").await;
    window.sign_as(adam.0, adam.2).await;
    window.gone("dialog.sheet").await;
    assert_eq!(window.shows(".code-text").await.len(), "A4DQ-OBYH-A4DQ-OBYH".len());
    window.says(".people", "Pia Holm").await;
    window.pictures("enrolled").await;
    window.press(".enrolment-code button").await;
    window.gone(".code-text").await;

    // Positions are off until somebody turns them on; then the setting stays.
    let is_on = "return document.querySelector('#record-positions').checked";
    window.shows("#record-positions").await;
    assert_eq!(window.client.execute(is_on, vec![]).await.unwrap(), json!(false));
    window.press("#record-positions").await;
    window.go("#/nearby", ".record-certificate").await;
    window.go("#/device", "#record-positions:checked").await;
    window.centre("#record-positions").await;
    window.pictures("positions").await;

    // A certificate is recorded where the logger stands.
    window.go("#/nearby", ".record-certificate").await;
    window.press(".record-certificate summary").await;
    window.type_into("[id^=certificate-number]", "K-2026-7").await;
    window.type_into("[id^=certificate-laboratory]", "Justervesenet").await;
    window.fill("[id^=certificate-calibrated]", "field.value = '2026-01-15'").await;
    window.fill("[id^=certificate-due]", "field.value = '2126-01-15'").await;
    window.press("[id^=certificate-found] input").await;
    window.pictures("certificate").await;
    window.press(".record-certificate button[type=submit]").await;
    window.says(".sheet-meaning", "I enrol this logger.").await;
    window.sign_with(adam.2).await;
    window.gone("dialog.sheet").await;
    window.says(".enrolled", "Certificate until").await;

    // This window has no place to tell: the step is signed all the same, and the window says so.
    window.go("#/shipments", ".shipment").await;
    window.click(".shipment").await;
    window.press(".observe summary").await;
    window.fill("#observe-what", "field.value = '9'").await;
    window.press(".observe button").await;
    window.sign_with(adam.2).await;
    window.says(".notices", "Signed without a position").await;
    window.gone("dialog.sheet").await;
    window.says(".history", "Seen: Seal: intact").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let notices = window.shows(".notices").await;
    assert!(notices.contains("Signed without a position"), "it stays until the next step: {notices}");
    window.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_shipment_asks_what_the_organisation_is_called_and_a_person_is_enrolled_right_after() {
    let Some(program) = desktop() else { return };
    let window = Window::open(&program, None).await;
    window.go("#/device", "#language-title").await;
    assert!(window.client.find(Locator::Css(".enrol-person")).await.is_err(), "there is no organisation yet");
    window.go("#/shipments/new", "#organisation-name").await;
    window.type_into("#reference", "DN-A").await;
    window.press(".form button[type=submit]").await;
    window.says("#organisation-name-wrong", "Fill this in.").await;
    window.type_into("#organisation-name", "Nordvik Pharmacy").await;
    window.pictures("first-shipment").await;
    window.press(".form button[type=submit]").await;
    window.shows("#steps-title").await;
    window.go("#/device", ".enrol-person").await;
    window.says(".organisation", "Nordvik Pharmacy").await;
    window.go("#/shipments/new", "#profile").await;
    assert!(window.client.find(Locator::Css("#organisation-name")).await.is_err(), "it is asked once");
    window.client.clone().close().await.unwrap();
}

/// A shipment whose frost asks for a review alone, received; no person signs here.
fn with_frost(folder: &Path) {
    let before = Before::new(folder);
    before.firn(&["init", "--organisation", "Nordvik Pharmacy"]);
    before.firn(&["logger", "add", "--label", "Box 7", "--family", "file", "--interval", "600"]);
    let new = ["shipment", "new", "DN-G", "--profile", "who-30-day"];
    let items = ["--item", "MMR,lot=A1,quantity=40", "--item", "HepB,lot=B7,quantity=20"];
    before.firn(&[&new[..], &items].concat());
    let at = ["--at", "2026-03-01T08:00:00Z", "--reason", "recorded afterwards"];
    before.firn(&[&["shipment", "start", "DN-G", "--logger", "Box 7"][..], &at].concat());
    let at = ["--at", "2026-03-01T08:50:00Z", "--reason", "recorded afterwards"];
    let checked = ["--seal", "intact", "--count", "40", "--count", "20", "--unread", "Box 7=read later"];
    before.firn(&[&["shipment", "receive", "DN-G"][..], &checked, &at].concat());
}

/// A file of a logger, as a person chooses it.
const FILE: &str = "const files = new DataTransfer(); const rows = ['5.0','-0.3','-0.3','5.0','5.0','5.0']\
    .map((value, ten) => `2026-03-01T08:${ten}0:00Z,${value}`);\
    files.items.add(new File([['time,temperature_c', ...rows].join('\\n')], 'box7.csv')); field.files = files.files";

#[tokio::test(flavor = "multi_thread")]
async fn a_loggers_own_file_is_read_in_at_the_window_and_its_frost_asks_the_manufacturer_lot_by_lot() {
    let Some(program) = desktop() else { return };
    let folder = tempfile::tempdir().unwrap();
    with_frost(folder.path());
    let window = Window::open_on(folder, &program, None).await;
    window.click(".shipment").await;
    window.shows("#steps-title").await;
    let button = "return [...document.querySelectorAll('.download > button, .by-radio')].length";
    let opened = "document.querySelectorAll('details.step').forEach((one) => { one.open = true })";
    window.client.execute(opened, vec![]).await.unwrap();
    window.says(".download", "Read the file of").await;
    assert_eq!(window.client.execute(button, vec![]).await.unwrap(), json!(0), "no radio hears it");
    window.press(".logger-file button").await;
    window.says(".logger-file .field-wrong", "Choose a file.").await;
    window.pictures("file").await;
    window.fill(".logger-file input[type=file]", FILE).await;
    window.press(".logger-file button").await;
    window.says(".notice-file", "6 readings").await;
    window.pictures("file-taken").await;
    window.says(".banner", "Needs review").await;

    // What may have frozen is asked about, one lot first; then the other.
    window.says(".steps", "Ask the manufacturer").await;
    for left in [Some("B7"), None] {
        window.client.execute(opened, vec![]).await.unwrap();
        window.type_into("#ask-cause", "Ice packs touched the box").await;
        window.type_into("#ask-manufacturer", "Acme").await;
        window.type_into("#ask-case", "4711").await;
        window.fill("#ask-due", "field.value = '2126-03-02T12:00'").await;
        if left.is_some() {
            window.press("#ask-lots label:nth-of-type(2) input").await;
            window.pictures("ask").await;
        }
        window.press("form:has(#ask-cause) button[type=submit]").await;
        window.says(".history", "Acme").await;
        window.gone(if left.is_some() { "#ask-lots label:nth-of-type(2)" } else { "#ask-lots" }).await;
    }
    window.go("#/tasks", ".task").await;
    assert!(!window.shows(".tasks").await.contains("ask the manufacturer"), "nothing is left to ask");
    window.client.clone().close().await.unwrap();
}

fn tag() -> VirtualRuuviTag {
    VirtualRuuviTag {
        name: "Ruuvi 884F".into(),
        address: Address([0xCB, 0xB8, 0x33, 0x4C, 0x88, 0x4F]),
        booted: now().plus_seconds(-3600),
        interval_s: 300,
        climate: Arc::new(|_| Climate {
            temperature: MilliCelsius(4000),
            humidity: RelativeHumidity(453_400),
            pressure_pa: 100_044,
        }),
        seed: 7,
        battery_mv: 2977,
    }
}
