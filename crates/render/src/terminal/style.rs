//! Colour and width of the terminal.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style as Ansi};

/// How text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colour is used.
    pub color: bool,
    /// The width in columns.
    pub width: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Heading,
    Good,
    Bad,
    Warning,
    Dim,
    Bar,
}

/// The width where there is no terminal, and the widest that is used: longer lines are hard to read.
const WIDTHS: (usize, usize) = (80, 100);

impl Style {
    /// For standard output: `wanted` forces colour on or off; else it is for terminals without NO_COLOR.
    pub fn detect(wanted: Option<bool>) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = wanted.unwrap_or_else(|| !refused && std::io::stdout().is_terminal());
        let width = terminal_size::terminal_size().map_or(WIDTHS.0, |(width, _)| width.0.into());
        Self { color, width: width.clamp(40, WIDTHS.1) }
    }

    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let style = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Heading => Ansi::new().bold(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Warning => AnsiColor::Yellow.on_default(),
            Tone::Dim => Ansi::new().dimmed(),
            Tone::Bar => AnsiColor::Cyan.on_default(),
        };
        format!("{style}{text}{style:#}")
    }
}
