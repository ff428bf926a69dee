//! `.env.example` explains every setting, and no setting that there is not.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn is_setting(word: &str) -> bool {
    ["WARDESK_", "DISCORD_", "STRIPE_"]
        .iter()
        .any(|prefix| word.len() > prefix.len() && word.starts_with(prefix))
        || word == "RUST_LOG"
}

/// The names of settings in a text.
fn names(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .filter(|word| is_setting(word))
        .collect()
}

/// The text of all files directly in a folder but for the configuration's own tests.
fn folder(path: &str) -> String {
    fs::read_dir(workspace().join(path))
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file() && !path.ends_with("tests.rs"))
        .map(|path| fs::read_to_string(path).expect("it is text"))
        .collect()
}

/// The settings that have a line of their own, commented out or not.
fn explained(example: &str) -> BTreeSet<&str> {
    example
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once('='))
        .map(|(name, _)| name)
        .filter(|name| is_setting(name))
        .collect()
}

#[test]
fn every_setting_is_explained() {
    let example = fs::read_to_string(workspace().join(".env.example")).expect("the file is there");
    let explained = explained(&example);
    let read = folder("server/src/config");
    let missing: Vec<_> = names(&read).difference(&explained).copied().collect();
    assert!(missing.is_empty(), "not explained in .env.example: {missing:?}");

    let scripts = folder("scripts");
    let known: BTreeSet<&str> = names(&read).union(&names(&scripts)).copied().collect();
    let unknown: Vec<_> = explained.difference(&known).copied().collect();
    assert!(unknown.is_empty(), "explained in .env.example, and nothing reads it: {unknown:?}");
}
