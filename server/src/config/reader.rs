//! Reads variables and gathers what is wrong with them.

use std::collections::BTreeMap;
use std::str::FromStr;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::Problem;

/// The variables, and what was found out while reading them.
pub(super) struct Reader {
    values: BTreeMap<String, String>,
    shown: Vec<(&'static str, String)>,
    problems: Vec<Problem>,
}

/// What is wrong with a line of `.env`: its name is told, its value may be a secret.
fn unread(error: &dotenvy::Error) -> String {
    let line = match error {
        dotenvy::Error::LineParse(line, _) => line.as_str(),
        _ => "",
    };
    match line.split_once('=') {
        Some((name, _)) => format!(
            "has a value of {} that cannot be read: one with spaces, $, # or \\ stands in single quotes",
            name.trim()
        ),
        None => "has a line that is not NAME=value".to_owned(),
    }
}

impl Reader {
    /// Reads the environment, and `.env` for what is not in it.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(super) fn from_environment() -> Self {
        let mut values = BTreeMap::new();
        let mut problems = Vec::new();
        match dotenvy::from_path_iter(".env") {
            Ok(lines) => {
                for line in lines {
                    match line {
                        Ok((name, value)) => {
                            values.insert(name, value);
                        }
                        Err(error) => {
                            problems.push(Problem { name: ".env", text: unread(&error) });
                        }
                    }
                }
            }
            Err(error) if error.not_found() => {}
            Err(_) => {
                problems.push(Problem { name: ".env", text: "cannot be read".to_owned() });
            }
        }
        // Names and values that are no Unicode are none of ours.
        let environment = std::env::vars_os()
            .filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?)));
        values.extend(environment);
        Self { values, shown: Vec::new(), problems }
    }

    #[cfg(test)]
    pub(super) fn from_list(list: &[(&str, &str)]) -> Self {
        let values = list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Self { values, shown: Vec::new(), problems: Vec::new() }
    }

    pub(super) fn problem(&mut self, name: &'static str, text: &str) {
        self.problems.push(Problem { name, text: text.to_owned() });
    }

    /// The names of all variables.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    pub(super) fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn shown(&self) -> Vec<(&'static str, String)> {
        self.shown.clone()
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// The value; an empty one counts as none.
    fn value(&self, name: &str) -> Option<String> {
        self.values.get(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
    }

    pub(super) fn text(&mut self, name: &'static str, default: &str) -> String {
        let value = self.value(name).unwrap_or_else(|| default.to_owned());
        self.shown.push((name, value.clone()));
        value
    }

    pub(super) fn parsed<T: FromStr>(
        &mut self,
        name: &'static str,
        default: &str,
        form: &str,
    ) -> Option<T> {
        let text = self.text(name, default);
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.problem(name, &format!("{text:?} is not {form}, such as {default}"));
        }
        parsed
    }

    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        self.flag_or(name, "0")
    }

    pub(super) fn flag_or(&mut self, name: &'static str, default: &str) -> bool {
        let text = self.text(name, default);
        if text != "0" && text != "1" {
            self.problem(name, "is 0 or 1");
        }
        text == "1"
    }

    pub(super) fn required(&mut self, name: &'static str, hint: &str) -> Option<String> {
        let value = self.value(name);
        match &value {
            Some(value) => self.shown.push((name, value.clone())),
            None => self.problem(name, hint),
        }
        value
    }

    /// A secret: in the variable itself, or in the file that the variable with `_FILE` at its end names.
    pub(super) fn secret(&mut self, name: &'static str) -> Option<SecretString> {
        let file = self.value(&format!("{name}_FILE"));
        let Some(value) = self.value(name) else { return self.secret_file(name, &file?) };
        if file.is_some() {
            self.problem(name, &format!("is set, and so is {name}_FILE: one of the two"));
            return None;
        }
        self.shown.push((name, "(set, not shown)".to_owned()));
        Some(value.into())
    }

    fn secret_file(&mut self, name: &'static str, file: &str) -> Option<SecretString> {
        let Ok(text) = std::fs::read_to_string(file).map(Zeroizing::new) else {
            self.problem(name, &format!("cannot be read from {file}, which {name}_FILE names"));
            return None;
        };
        let text = text.trim();
        if text.is_empty() {
            self.problem(name, &format!("is empty in {file}, which {name}_FILE names"));
            return None;
        }
        self.shown.push((name, format!("(in {file}, not shown)")));
        Some(text.to_owned().into())
    }

    /// Whether a variable is set.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// An address that may hold a password: only its default is shown.
    pub(super) fn secret_or(&mut self, name: &'static str, default: &str) -> SecretString {
        if let Some(value) = self.secret(name) {
            return value;
        }
        self.shown.push((name, default.to_owned()));
        default.to_owned().into()
    }

    pub(super) fn required_secret(
        &mut self,
        name: &'static str,
        hint: &str,
    ) -> Option<SecretString> {
        let value = self.secret(name);
        if value.is_none() {
            self.problem(name, hint);
        }
        value
    }
}
