//! What keeps the page's contents from acting: the policy that the browser enforces, and JSON that can't end its
//! element.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The policy of the page: its own style and script by their hashes, and nothing else from anywhere.
pub(crate) fn content_security_policy(style: &str, script: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(style),
        hash(script)
    )
}

/// JSON for a `script` element: no character of it can end the element or begin a comment.
pub(crate) fn embed_json(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    let escape = |c: char| match c {
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", c as u32),
        c => c.to_string(),
    };
    json.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::embed_json;

    #[test]
    fn embedded_json_ends_no_element_and_keeps_its_values() {
        let texts = ["</script><!--", "a & b", "\u{2028}"];
        let json = embed_json(&texts);
        assert!(!json.contains(['<', '>', '&', '\u{2028}']), "{json}");
        let read: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(read, texts);
    }
}
