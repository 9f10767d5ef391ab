//! A real browser, Chromium without a window, driven over WebDriver.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A browser with one page.
pub struct Browser {
    driver: Child,
    session: String,
    profile: TempDir,
}

/// How the browser is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Looks {
    /// Whether the page's scripts run.
    pub without_scripts: bool,
    /// Whether the reader likes it dark.
    pub dark: bool,
}

/// The width and height of a desktop's window, in CSS pixels.
const DESKTOP: (u32, u32) = (1200, 900);

impl Browser {
    /// Starts it with a fresh profile.
    pub fn start(looks: Looks) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let (driver, port) =
            (0..5).find_map(|_| drive(profile.path())).expect("chromedriver starts");
        let mut browser =
            Self { driver, session: format!("http://127.0.0.1:{port}/session"), profile };
        let answer = browser.post("", &browser.capabilities(looks));
        let id = answer["sessionId"].as_str().expect("a session").to_owned();
        browser.session = format!("{}/{id}", browser.session);
        browser.resize(DESKTOP.0, DESKTOP.1);
        if looks.dark {
            let feature =
                json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
            browser.tell("Emulation.setEmulatedMedia", &feature);
        }
        if looks.without_scripts {
            browser.tell("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
        }
        browser
    }

    fn capabilities(&self, looks: Looks) -> Value {
        let profile = format!("--user-data-dir={}", self.profile.path().join("profile").display());
        let mut arguments = vec![
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            &profile,
            "about:blank",
        ];
        if looks.without_scripts {
            arguments.push("--blink-settings=scriptEnabled=false");
        }
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } })
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answered = ureq::post(format!("{}{path}", self.session))
            .config()
            .http_status_as_error(false)
            .build()
            .send(body.to_string());
        let mut answer = answered.expect("chromedriver answers");
        let text = answer.body_mut().read_to_string().expect("text");
        let mut value: Value = serde_json::from_str(&text).expect("JSON");
        assert!(answer.status().is_success(), "{path} {body}: {text}");
        value["value"].take()
    }

    /// A command of the developer tools.
    fn tell(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Sets the size of the page, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.tell("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Opens a file.
    pub fn open(&self, file: &Path) {
        // What the browser asked for before is none of the page's.
        self.complaints();
        self.post("/url", &json!({ "url": format!("file://{}", file.display()) }));
    }

    /// What a script of the test's own gives; it is a function's body.
    pub fn evaluate(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What the page said on the console, and what it asked of any network since it was opened.
    pub fn complaints(&self) -> Vec<String> {
        let console = self.post("/se/log", &json!({ "type": "browser" }));
        let network = self.post("/se/log", &json!({ "type": "performance" }));
        let said = entries(&console).map(|entry| entry["message"].to_string());
        let asked = entries(&network).filter_map(|entry| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let request = &event["message"]["params"]["request"];
            let sent = event["message"]["method"] == "Network.requestWillBeSent";
            let url = request["url"].as_str().unwrap_or_default();
            (sent && !url.starts_with("file://")).then(|| format!("asked for {url}"))
        });
        said.chain(asked).collect()
    }

    /// A picture of the whole page, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        self.bytes("Page.captureScreenshot", &json!({ "captureBeyondViewport": true }))
    }

    /// The page as it prints, as PDF.
    pub fn print(&self) -> Vec<u8> {
        self.bytes("Page.printToPDF", &json!({ "printBackground": true }))
    }

    fn bytes(&self, command: &str, parameters: &Value) -> Vec<u8> {
        use base64::Engine;
        let answer = self.tell(command, parameters);
        let text = answer["data"].as_str().expect("data");
        base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
    }
}

/// Starts a driver; nothing when another one took the port that it had chosen.
fn drive(home: &Path) -> Option<(Child, String)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .env("HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is installed: bash .ci/setup");
    let said = BufReader::new(driver.stdout.take().expect("its output"));
    let port = said.lines().map_while(Result::ok).find_map(|line| {
        Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned())
    });
    if port.is_none() {
        let _ = driver.kill();
        let _ = driver.wait();
    }
    Some((driver, port?))
}

fn entries(log: &Value) -> impl Iterator<Item = &Value> {
    log.as_array().into_iter().flatten()
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends the browser, which would otherwise outlive its driver.
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
