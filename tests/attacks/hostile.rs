//! Texts that would be something else where they are printed: an end of a line, of a quote or of a comment, a command
//! of a shell, of psql or of GitHub Actions, or a character that turns or hides what is around it.

use crate::support::Random;

/// Each fits into a name of PostgreSQL, and would do something that can be seen: leave a file `probed`, or a row in a
/// table `probe`.
pub(super) const TEXTS: [&str; 30] = [
    "plain",
    "two words",
    " around ",
    "-dash",
    "--long",
    "it's \"quoted\"",
    "''\"\"",
    "back\\slash\\",
    "$(touch probed)",
    "`touch probed`",
    "; touch probed #",
    "| touch probed &",
    "'; touch probed; '",
    "$HOME ${HOME} ~ * ? [a] {b,c} !x",
    "a\nINSERT INTO probe VALUES (1);",
    "a\rINSERT INTO probe VALUES (2);",
    "\"; INSERT INTO probe VALUES (3); --",
    "*/ INSERT INTO probe VALUES (4); /*",
    "$$ $a$ :probe :'probe' :\"probe\"",
    "\\! touch probed",
    "\n\\! touch probed\n",
    "\n::error::probed",
    "::set-output name=probed::1",
    "##[set-output name=probed;]1",
    "%0A::error::probed",
    "a,b:c=d",
    "\u{1b}]0;probed\u{7}\u{9b}2J\t\u{7f}",
    "\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{feff}\u{2028}\u{2029}",
    "<script>document.title='probed'</script>",
    "Größe 日本 می\u{200c}خواهم 👩\u{200d}🚀",
];

/// A text of a few of the parts of the others, at most 60 bytes long.
pub(super) fn mixed(random: &mut Random) -> String {
    let parts: Vec<char> = TEXTS.iter().flat_map(|text| text.chars()).collect();
    let mut text = String::new();
    for _ in 0..=random.below(20) {
        let at = random.below(parts.len() as u64) as usize;
        if text.len() + parts[at].len_utf8() <= 60 {
            text.push(parts[at]);
        }
    }
    text
}

/// A text as a string of a script.
pub(super) fn in_script(text: &str) -> String {
    let escaped: String = text.chars().map(|c| format!("\\U{:08x}", c as u32)).collect();
    format!("\"{escaped}\"")
}
