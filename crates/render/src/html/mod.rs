//! The report as one page: no network, no other file, everything escaped, and right without its script.

mod bar_chart;
mod changes;
mod chart_data;
mod expectations;
mod header;
mod row_list;
mod sankey;
mod section;
mod security;
mod sources;
mod steps;
mod threshold_model;
mod what_if;

use leora_report::{Provenance, Report};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = concat!(
    include_str!("copy_button.js"),
    include_str!("threshold_model.js"),
    include_str!("row_lists.js")
);

/// The page of a report.
pub fn render_html(report: &Report, provenance: &Provenance) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(security::content_security_policy(STYLE, SCRIPT));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                meta name="generator" content=(concat!("leora-run ", env!("CARGO_PKG_VERSION")));
                title { (report.title) " · " (report.outcome.word()) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    (header::render_header(report, provenance))
                    (what_if::render_what_if(report))
                    (changes::render_changes(report))
                    (expectations::render_expectations(report))
                    (steps::render_steps(report))
                    (sources::render_settings(report))
                    (sources::render_sources(report))
                }
                (render_footer(report))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

fn render_footer(report: &Report) -> Markup {
    html! {
        footer {
            @if !report.run.is_empty() { p { "Run " code { (report.run) } } }
            p { "Written by leora-run " (env!("CARGO_PKG_VERSION")) ". This page holds everything it shows; it loads nothing." }
        }
    }
}
