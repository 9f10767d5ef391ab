//! A section of the page.

use maud::{Markup, html};

/// Nothing when it is empty.
pub(crate) fn render_section(id: &str, title: &str, inside: &Markup) -> Markup {
    html! {
        @if !inside.0.is_empty() {
            section id=(id) aria-labelledby=(format!("{id}-title")) {
                h2 id=(format!("{id}-title")) { (title) }
                (inside)
            }
        }
    }
}
