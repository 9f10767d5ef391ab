//! The way to the server: addresses, `.env`, libpq's variables and files, TLS, and a schema made beforehand.

mod addresses;
mod dotenv;
mod history;
mod libpq;
mod tls;

use serde_json::Value;

use crate::support::Output;

/// A check of the doctor, as `verdict message remedy`.
#[track_caller]
fn check(output: &Output, name: &str) -> String {
    let document: Value = output.json();
    let checks = document["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["name"] == name);
    let found = found.unwrap_or_else(|| panic!("no {name} in {document:#}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    format!("{} {} {}", text("verdict"), text("message"), text("remedy"))
}
