//! The document of `api NAME`.

use leora_report::ApiFunction;
use serde::Serialize;

use crate::json::document::render_document;

pub(crate) fn render_api_functions(functions: &[ApiFunction]) -> String {
    #[derive(Serialize)]
    struct ApiDocument<'r> {
        outcome: &'static str,
        functions: &'r [ApiFunction],
    }
    render_document(&ApiDocument { outcome: "done", functions })
}
