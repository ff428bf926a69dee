//! The fields of a submitted form.

use axum::Form;
use serde::{Deserialize, Serialize};

/// Names and values in the order of the form. A name may come several times.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// A form with one field.
    pub fn one(name: &str, value: &str) -> Self {
        Self(vec![(name.to_owned(), value.to_owned())])
    }

    /// The value of a field with surrounding white space removed; empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
    }

    /// Whether a field was sent, as ticked boxes are.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Every value sent under a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether every field is one that the form has: what it does not have was not made by it (P5).
    pub fn are_known(&self, known: impl Fn(&str) -> bool) -> bool {
        self.0.iter().all(|(name, _)| known(name))
    }

    /// Exchanges two groups of fields, such as `question_1_` and `question_2_`: each takes the other's
    /// names.
    pub fn swap(&mut self, one: &str, other: &str) {
        for (name, _) in &mut self.0 {
            if let Some(rest) = name.strip_prefix(one) {
                *name = format!("{other}{rest}");
            } else if let Some(rest) = name.strip_prefix(other) {
                *name = format!("{one}{rest}");
            }
        }
    }

    /// The value of a field as lines of text: browsers send CR LF.
    pub fn text(&self, name: &str) -> String {
        self.get(name).replace("\r\n", "\n")
    }

    /// The ids sent under a name. What is no id was not offered by the form and is left out.
    pub fn ids<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).filter_map(|v| v.parse().ok()).collect()
    }
}

/// How handlers take the fields.
pub type Posted = Form<Fields>;

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn groups_of_fields_change_places() {
        let pairs =
            [("q_1_label", "a"), ("q_2_label", "b"), ("q_2_required", "true"), ("x", "q_1_")];
        let mut fields =
            Fields(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        fields.swap("q_1_", "q_2_");
        assert_eq!((fields.get("q_1_label"), fields.get("q_2_label")), ("b", "a"));
        assert!(fields.has("q_1_required") && !fields.has("q_2_required"));
        assert_eq!(fields.get("x"), "q_1_");
    }
}
