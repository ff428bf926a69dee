//! Turns `locales/<language>/<file>.toml` into methods of `Words`, and refuses to when a language
//! lacks a key or names other placeholders than English does.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a build script: cargo speaks to it through the environment, and it fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Every language, English first: folder and variant of `domain::locale::Locale`.
const LOCALES: [(&str, &str); 2] = [("en", "En"), ("de", "De")];

/// One text, or the two that a count chooses between.
enum Text {
    Plain(String),
    Counted { one: String, other: String },
}

impl Text {
    fn forms(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            Self::Counted { one, other } => vec![one, other],
        }
    }

    /// Names in braces in order of first appearance, `count` of a counted text left out.
    fn placeholders(&self, key: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for text in self.forms() {
            let mut rest = text;
            while let Some(start) = rest.find('{') {
                let after = &rest[start + 1..];
                let end = after.find('}').unwrap_or_else(|| panic!("{key}: a brace is not closed"));
                let name = &after[..end];
                assert!(
                    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                    "{key}: `{{{name}}}` is no placeholder: lower-case letters and underscores only"
                );
                if !names.iter().any(|n| n == name) {
                    names.push(name.to_owned());
                }
                rest = &after[end + 1..];
            }
        }
        if matches!(self, Self::Counted { .. }) {
            names.retain(|n| n != "count");
        }
        names
    }
}

type Texts = BTreeMap<String, Text>;

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../locales");
    println!("cargo::rerun-if-changed={}", root.display());
    let all: Vec<Texts> = LOCALES.iter().map(|(folder, _)| read(&root.join(folder))).collect();
    let mut problems = Vec::new();
    for ((folder, _), texts) in LOCALES.iter().zip(&all).skip(1) {
        compare(folder, &all[0], texts, &mut problems);
    }
    assert!(problems.is_empty(), "locale files disagree:\n{}", problems.join("\n"));
    let target = PathBuf::from(env::var("OUT_DIR").unwrap()).join("words.rs");
    fs::write(target, generate(&all)).unwrap();
}

fn read(folder: &Path) -> Texts {
    let mut texts = Texts::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "toml")) {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.file_stem().unwrap().to_str().unwrap();
        let table: toml::Table = fs::read_to_string(file)
            .unwrap()
            .parse()
            .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        for (key, value) in table {
            let key = format!("{name}_{key}");
            let text = text(&key, value);
            texts.insert(key, text);
        }
    }
    texts
}

fn text(key: &str, value: toml::Value) -> Text {
    match value {
        toml::Value::String(text) => Text::Plain(text),
        toml::Value::Table(mut forms) => {
            let mut take = |form: &str| match forms.remove(form) {
                Some(toml::Value::String(text)) => text,
                _ => panic!("{key}: a counted text needs `{form}`"),
            };
            let (one, other) = (take("one"), take("other"));
            assert!(forms.is_empty(), "{key}: only `one` and `other` are known");
            Text::Counted { one, other }
        }
        _ => panic!("{key}: neither a text nor a table with `one` and `other`"),
    }
}

fn compare(folder: &str, english: &Texts, texts: &Texts, problems: &mut Vec<String>) {
    for (key, text) in english {
        let Some(translated) = texts.get(key) else {
            problems.push(format!("{folder}: {key} is missing"));
            continue;
        };
        let counted = |t: &Text| matches!(t, Text::Counted { .. });
        if counted(text) != counted(translated) {
            problems.push(format!("{folder}: {key} must be counted in all languages or in none"));
        }
        let set = |t: &Text| t.placeholders(key).into_iter().collect::<BTreeSet<_>>();
        if set(text) != set(translated) {
            problems.push(format!("{folder}: {key} has other placeholders than English"));
        }
    }
    for key in texts.keys().filter(|key| !english.contains_key(*key)) {
        problems.push(format!("{folder}: {key} is not in English"));
    }
}

fn generate(all: &[Texts]) -> String {
    let mut out = String::from("impl Words {\n");
    for (key, english) in &all[0] {
        let names = english.placeholders(key);
        let counted = matches!(english, Text::Counted { .. });
        for line in english.forms() {
            writeln!(out, "    #[doc = {:?}]", format!("“{line}”\n")).unwrap();
        }
        write!(out, "    #[must_use]\n    pub fn {key}(self").unwrap();
        if counted {
            out.push_str(", count: u64");
        }
        for name in &names {
            write!(out, ", {name}: impl ::core::fmt::Display").unwrap();
        }
        let owned = counted || !names.is_empty();
        writeln!(out, ") -> {} {{", if owned { "String" } else { "&'static str" }).unwrap();
        out.push_str("        match self.0 {\n");
        for ((_, variant), texts) in LOCALES.iter().zip(all) {
            let body = match &texts[key] {
                Text::Plain(text) if owned => format!("format!({text:?})"),
                Text::Plain(text) => format!("{text:?}"),
                Text::Counted { one, other } => {
                    format!("if count == 1 {{ format!({one:?}) }} else {{ format!({other:?}) }}")
                }
            };
            writeln!(out, "            Locale::{variant} => {body},").unwrap();
        }
        out.push_str("        }\n    }\n\n");
    }
    out.push_str("}\n");
    out
}
