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
    let data = folder.join("data").join("org.firn.coldchain");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("passphrase"), "correct horse battery staple\n").unwrap();
    let firn = |arguments: &[&str]| {
        let output = Command::new(firn_tests::command::program())
            .env("FIRN_HOME", data.join("home"))
            .env("FIRN_PASSPHRASE_FILE", data.join("passphrase"))
            .args(["--json", "--kdf-cost", "low"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        firn_tests::command::json(&output)
    };
    firn(&["init", "--organisation", "Nordvik Pharmacy"]);
    firn(&["logger", "add", "--label", "Box 9", "--family", "thermopro", "--interval", "60"]);
    let shipment = firn(&["shipment", "new", "DN-22"]);
    firn(&["shipment", "start", shipment["shipment"].as_str().unwrap(), "--logger", "Box 9"]);
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
    window.centre(".download > button").await;
    window.click(".download > button").await;
    window.shows(".download .refusal").await;
    assert!(window.client.find(Locator::Css(".question")).await.is_err(), "it is asked once");
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
