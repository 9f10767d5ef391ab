//! The report as one page: no network, no other file, everything escaped, and right without its script.

mod chart;
mod details;
mod figure;
mod files;
mod flow;
mod guard;
mod head;
mod rules;
mod threshold_model;
mod what_if;

use leora_report::{Provenance, Report};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::render::numbers;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("threshold_model.js");

/// The page of a report.
pub fn html_page(report: &Report, occasion: &Provenance) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(guard::policy(STYLE, SCRIPT));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                meta name="generator" content=(concat!("leora-run ", env!("CARGO_PKG_VERSION")));
                title { (report.title) " · " (report.outcome.word()) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    (head::head(report, occasion))
                    (what_if::what_if(report))
                    (rules::rules(report))
                    (details::expectations(report))
                    (details::steps(report))
                    (files::settings(report))
                    (files::files(report))
                }
                (foot(report))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

fn foot(report: &Report) -> Markup {
    html! {
        footer {
            @if !report.run.is_empty() { p { "Run " code { (report.run) } } }
            p { "Written by leora-run " (env!("CARGO_PKG_VERSION")) ". This page holds everything it shows; it loads nothing." }
        }
    }
}

/// A section with its heading; nothing when it has nothing to say.
fn section(id: &str, title: &str, inside: &Markup) -> Markup {
    html! {
        @if !inside.0.is_empty() {
            section id=(id) aria-labelledby=(format!("{id}-title")) {
                h2 id=(format!("{id}-title")) { (title) }
                (inside)
            }
        }
    }
}

/// A value as people call it.
fn value(text: Option<&str>) -> String {
    text.map_or_else(|| "(none)".into(), str::to_owned)
}
