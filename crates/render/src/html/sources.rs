//! The settings, the statements that the rules became, and the files of the folder.

use leora_report::Report;
use leora_rule::{Sql, Strategy};
use maud::{Markup, html};

use crate::html::changes::shown_changes;
use crate::html::section::render_section;

pub(crate) fn render_settings(report: &Report) -> Markup {
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
    render_section("settings", "Settings", &inside)
}

pub(crate) fn render_sources(report: &Report) -> Markup {
    let changes = shown_changes(report);
    let statements =
        changes.iter().filter_map(|one| Some((one, one.statistics?.statement.as_ref()?)));
    let inside = html! {
        @for (one, sql) in statements {
            details {
                summary { "Statement of " code { (one.name) } }
                @if one.strategy == Strategy::Rewrite {
                    p.dim { "Written by rewrite: instead of this statement, the table is written anew with its values." }
                }
                pre tabindex="0" { code { (sql.text) } }
                @if !sql.parameters.is_empty() { (render_parameters(sql)) }
            }
        }
        @for source in &report.sources {
            details { summary { code { (source.path) } } pre tabindex="0" { code { (source.text) } } }
        }
    };
    render_section("files", "SQL and scripts", &inside)
}

fn render_parameters(sql: &Sql) -> Markup {
    html! {
        p.dim {
            @for (at, one) in sql.parameters.iter().enumerate() {
                @if at > 0 { ", " }
                "$" (at + 1) " = " @match one { Some(text) => code { (text) }, None => "NULL" }
            }
        }
    }
}
