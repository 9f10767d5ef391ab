//! A function of the script API, with its forms, an example and its messages.

use leora_report::ApiFunction;

use crate::terminal::layout::{display_width, hang, indent, wrap};
use crate::terminal::style::{Style, Tone};

/// How far a part is indented below its heading.
const PART: usize = 2;

pub(crate) fn render_api_functions(functions: &[ApiFunction], style: Style) -> Vec<String> {
    let parts: Vec<Vec<String>> = functions.iter().map(|one| render(one, style)).collect();
    parts.join(&String::new())
}

fn render(function: &ApiFunction, style: Style) -> Vec<String> {
    let heading = |text: &str| style.paint(Tone::Heading, text);
    let group = format!("({})", function.group);
    let mut lines = vec![format!("{} {}", heading(&function.name), style.paint(Tone::Dim, &group))];
    lines.extend(indent(PART, &function.about, Tone::Plain, style));
    lines.extend([String::new(), heading("How to call it")]);
    lines.extend(function.forms.iter().flat_map(|form| code(form, style)));
    lines.extend([String::new(), heading("Example")]);
    lines.extend(function.example.lines().flat_map(|line| code(line, style)));
    if !function.errors.is_empty() {
        lines.extend([String::new(), heading("It may say")]);
        let item = |error: &String| hang("  - ", PART + 2, error, Tone::Plain, style);
        lines.extend(function.errors.iter().flat_map(item));
    }
    lines
}

/// A line of code. One that is too long for the terminal goes on below, further indented.
fn code(line: &str, style: Style) -> Vec<String> {
    let text = line.trim_start();
    let margin = PART + display_width(line) - display_width(text);
    let folded = wrap(text, style.width.saturating_sub(margin + 4));
    let whole = vec![text.to_owned()];
    let lines = if margin + display_width(text) <= style.width { whole } else { folded };
    let deeper = |at: usize| " ".repeat(if at == 0 { margin } else { margin + 4 });
    lines.iter().enumerate().map(|(at, text)| format!("{}{text}", deeper(at))).collect()
}

#[cfg(test)]
mod tests {
    use leora_report::ApiFunction;

    use super::render_api_functions;
    use crate::terminal::Style;

    #[test]
    fn everything_fits_the_width() {
        let function = ApiFunction {
            name: "find".into(),
            group: "Reading".into(),
            forms: vec!["find(one: text) -> value".into()],
            about: "Finds what was hidden before the run.".into(),
            example: "if true {\n    find(\"first\", \"second\", \"thirdly\");\n}".into(),
            errors: vec!["find is called with `3` arguments, not 1".into()],
        };
        let lines =
            render_api_functions(&[function.clone(), function], Style { color: false, width: 40 });
        let one = "\
find (Reading)
  Finds what was hidden before the run.

How to call it
  find(one: text) -> value

Example
  if true {
      find(\"first\", \"second\",
          \"thirdly\");
  }

It may say
  - find is called with `3` arguments,
    not 1";
        assert_eq!(lines.join("\n"), format!("{one}\n\n{one}"));
    }
}
