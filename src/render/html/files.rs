//! The settings, the files that ran, and the statements that the rules became.

use maud::{Markup, html};

use super::section;
use crate::report::Report;
use crate::rule::Sql;

pub(super) fn settings(report: &Report) -> Markup {
    let inside = html! {
        @if !report.settings.is_empty() {
            dl.settings {
                @for (name, value) in &report.settings {
                    dt { code { (name) } " = " code { (value) } }
                    dd { @if let Some(comment) = report.comments.get(name) { (comment) } }
                }
            }
        }
    };
    section("settings", "Settings", &inside)
}

pub(super) fn files(report: &Report) -> Markup {
    let statements: Vec<&Sql> =
        report.studies.iter().flatten().filter_map(|study| study.statement.as_ref()).collect();
    let inside = html! {
        @for (number, sql) in statements.iter().enumerate() {
            details {
                summary { "Statement of rule " (number + 1) }
                pre tabindex="0" { code { (sql.text) } }
                @if !sql.parameters.is_empty() { (parameters(sql)) }
            }
        }
        @for source in &report.sources {
            details { summary { code { (source.path) } } pre tabindex="0" { code { (source.text) } } }
        }
    };
    section("files", "SQL and scripts", &inside)
}

fn parameters(sql: &Sql) -> Markup {
    html! {
        p.dim {
            @for (at, one) in sql.parameters.iter().enumerate() {
                @if at > 0 { ", " }
                "$" (at + 1) " = " @match one { Some(text) => code { (text) }, None => "NULL" }
            }
        }
    }
}
