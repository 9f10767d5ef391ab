//! The settings, the files that ran, and the statements that the rules became.

use leora_report::Report;
use leora_rule::{Sql, Strategy};
use maud::{Markup, html};

use crate::render::html::rules::shown;
use crate::render::html::section;

pub(crate) fn settings(report: &Report) -> Markup {
    let inside = html! {
        @if !report.settings.is_empty() {
            dl.settings {
                @for (name, value) in &report.settings {
                    dt { code { (name) } " = " code { (value) } }
                    dd { @if let Some(comment) = report.setting_comments.get(name) { (comment) } }
                }
            }
        }
    };
    section("settings", "Settings", &inside)
}

pub(crate) fn files(report: &Report) -> Markup {
    let shown = shown(report);
    let statements = shown.iter().filter_map(|one| Some((one, one.study?.statement.as_ref()?)));
    let inside = html! {
        @for (one, sql) in statements {
            details {
                summary { "Statement of " code { (one.name) } }
                @if one.strategy == Strategy::Rewrite {
                    p.dim { "Written by rewrite: the table anew with the values of this statement, in its place." }
                }
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
