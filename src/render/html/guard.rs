//! What keeps the page's contents from acting: the policy that the browser enforces, and JSON that can't end its
//! element.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The policy of the page: its own style and script by their hashes, and nothing else from anywhere.
pub(crate) fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(style),
        hash(script)
    )
}

/// JSON for a `script` element: no character of it can end the element or begin a comment.
pub(crate) fn embedded(value: &Value) -> String {
    value.to_string().chars().fold(String::new(), |mut text, c| {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", c as u32));
            }
            other => text.push(other),
        }
        text
    })
}
