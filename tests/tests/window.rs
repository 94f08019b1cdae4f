//! The real window on a display of its own, driven by the system's WebDriver as a person would.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
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

/// The window, its driver, its display and the folder of its data; they end in this order.
struct Window {
    client: Client,
    _driver: Running,
    _display: Running,
    _folder: tempfile::TempDir,
}

impl Window {
    async fn open(program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (display, name) = display();
        let port = free_port();
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("DISPLAY", name)
            .env("XDG_DATA_HOME", folder.path().join("data"))
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            // The driver ends the window by a signal, so that its demonstration stays behind: here.
            .env("TMPDIR", folder.path())
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("LANG", "en_US.UTF-8")
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver, of the package webkit2gtk-driver");
        let driver = Running(driver);
        let client = connect(port, program).await;
        Self { client, _driver: driver, _display: display, _folder: folder }
    }

    async fn shows(&self, css: &str) -> String {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}")).text().await.unwrap()
    }

    async fn click(&self, css: &str) {
        self.shows(css).await;
        self.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn the_window_opens_empty_and_the_demonstration_shows_a_verdict() {
    let Some(program) = std::env::var_os("FIRN_DESKTOP_BIN").map(PathBuf::from) else {
        eprintln!("skipped: FIRN_DESKTOP_BIN names no window to test; `cargo xtask test` builds one");
        return;
    };
    let window = Window::open(&program).await;
    assert_ne!(window.shows("#empty-title").await, "");
    window.picture("empty", (1280, 800)).await;
    window.picture("empty", (390, 844)).await;

    window.click(".demo-offer button").await;
    let excursion = window.shows(".shipment-excursion .verdict-words").await;
    assert_ne!(excursion, "");
    let shipments = window.client.find_all(Locator::Css(".shipment")).await.unwrap();
    assert_eq!(shipments.len(), 2);
    window.picture("shipments", (390, 844)).await;
    window.picture("shipments", (1280, 800)).await;

    window.click(".shipment-excursion").await;
    window.shows("svg").await;
    window.picture("shipment", (1280, 800)).await;
    window.picture("shipment", (390, 844)).await;
    window.client.clone().close().await.unwrap();
}
