//! What `wardesk config check` prints.

use std::fmt::Write as _;

use super::{Config, Problem};

/// The settings with secrets left out, then every problem by name.
pub fn describe(config: Option<&Config>, problems: &[Problem]) -> String {
    let mut text = String::new();
    if let Some(config) = config {
        for (name, value) in &config.shown {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name} = {value}");
        }
    }
    for hint in config.map(|config| config.hints.as_slice()).unwrap_or_default() {
        let _ = writeln!(text, "Look at this: {} {}.", hint.name, hint.text);
    }
    for problem in problems {
        let _ = writeln!(text, "{} {}", problem.name, problem.text);
    }
    let _ = match problems.len() {
        0 => writeln!(text, "The settings are good."),
        1 => writeln!(text, "1 setting needs attention; .env.example explains each."),
        n => writeln!(text, "{n} settings need attention; .env.example explains each."),
    };
    text
}
