//! What the documents say is there is there: links, files and folders, tests.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every document: those at the top, and all in `docs` and `bench`.
fn documents() -> Vec<PathBuf> {
    let mut folders = vec![workspace(), workspace().join("docs"), workspace().join("bench")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            } else if path.is_dir() && folder.ends_with("docs") {
                folders.push(path);
            }
        }
    }
    assert!(found.len() > 8, "{found:?}");
    found
}

/// The parts of a text between `open` and `close`, on one line.
fn between<'a>(text: &'a str, open: &str, close: char) -> Vec<&'a str> {
    let starts = text.match_indices(open).map(|(at, _)| &text[at + open.len()..]);
    starts.filter_map(|rest| rest.lines().next()?.split_once(close)).map(|(part, _)| part).collect()
}

/// Every second part of a line split at backticks is code.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in between(&text, "](", ')') {
            let target = link.split('#').next().unwrap_or_default();
            let outside = target.is_empty() || target.contains("://");
            if !outside && !document.parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Paths from the top of the checkout. Patterns and placeholders are passed over, and so is what a build
/// or a start makes.
#[test]
fn files_that_are_named_exist() {
    const TOPS: [&str; 10] = [
        "app/",
        "bench/",
        "crates/",
        "docs/",
        "end2end/",
        "frontend/",
        "locales/",
        "scripts/",
        "server/",
        "style/",
    ];
    let mut missing = Vec::new();
    let mut named = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for path in code(&text).filter(|code| TOPS.iter().any(|top| code.starts_with(top))) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
            let made = ["end2end/out"].iter().any(|folder| path.starts_with(folder));
            if !path.chars().all(plain) || made {
                continue;
            }
            named += 1;
            // The worked example of CONTRIBUTING.md is about a file that is yet to be written.
            if !workspace().join(path).exists() && !path.ends_with("tickets/waiting.rs") {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert!(named > 80, "{named}");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// docs/STATUS.md says which test shows a requirement; one that is renamed or gone shows nothing.
#[test]
fn tests_that_are_named_exist() {
    let status = fs::read_to_string(workspace().join("docs/STATUS.md")).unwrap();
    let mut sources = String::new();
    let mut folders =
        vec![workspace().join("crates"), workspace().join("server"), workspace().join("app")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                sources.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let sentence = |name: &&str| {
        name.matches('_').count() >= 3
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let named: Vec<_> = code(&status).filter(sentence).collect();
    assert!(named.len() > 40, "{}", named.len());
    let missing: Vec<_> =
        named.into_iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
