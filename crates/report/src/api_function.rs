//! A function that scripts can call, as `api NAME` shows it.

use serde::Serialize;

/// A function that scripts can call. Its texts are Markdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiFunction {
    /// Its name; the sign of an operator.
    pub name: String,
    /// The group of the reference that it stands in.
    pub group: String,
    /// Each way to call it.
    pub forms: Vec<String>,
    /// What it does.
    pub about: String,
    /// A script that runs on the sample CRM.
    pub example: String,
    /// The messages about its wrong uses.
    pub errors: Vec<String>,
}
