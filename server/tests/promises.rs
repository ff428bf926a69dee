//! `docs/PROMISES.md` says which test proves what the privacy policies promise: each promise is there once, and rests
//! on tests that are there and run by default, or on the reason why not. That they ran is for `scripts/promises.mjs`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const PROMISES: usize = 66;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    fs::read_to_string(workspace().join("docs/PROMISES.md")).unwrap()
}

/// A row of a table that has states.
#[derive(Debug)]
struct Line<'a> {
    /// `P1`, `C1`, or a number.
    name: &'a str,
    state: &'a str,
    shown: &'a str,
    missing: &'a str,
}

fn lines(page: &str) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut in_table = false;
    for line in page.lines() {
        let row = line.strip_prefix('|').and_then(|row| row.strip_suffix('|'));
        let cells: Vec<&str> = row.unwrap_or_default().split('|').map(str::trim).collect();
        if row.is_none() {
            in_table = false;
        } else if cells.get(2) == Some(&"State") {
            in_table = true;
        } else if in_table && !cells[0].starts_with("---") {
            let [name, _, state, shown, missing] = cells[..] else {
                panic!("not five columns: {line}");
            };
            found.push(Line { name, state, shown, missing });
        }
    }
    assert!(found.len() > PROMISES, "{}", found.len());
    found
}

/// A test as the page names it.
#[derive(Debug, PartialEq, Eq)]
enum Named<'a> {
    Rust(&'a str),
    Browser { file: &'a str, title: &'a str },
}

/// The tests of a cell: function names, and browser test files with a title. `None` for anything else.
fn named(mut cell: &str) -> Option<Vec<Named<'_>>> {
    let mut all = Vec::new();
    while !cell.is_empty() {
        let (name, mut rest) = cell.strip_prefix('`')?.split_once('`')?;
        if let Some(quoted) = rest.strip_prefix(": \"") {
            let (title, after) = quoted.split_once('"')?;
            all.push(Named::Browser { file: name, title });
            rest = after;
        } else {
            all.push(Named::Rust(name));
        }
        cell = if rest.is_empty() { rest } else { rest.strip_prefix(", ")? };
    }
    Some(all)
}

/// Every test that the page names, with the line it is in.
fn all_named(page: &str) -> Vec<(&str, Named<'_>)> {
    lines(page)
        .into_iter()
        .flat_map(|line| {
            let tests = named(line.shown);
            let tests = tests.unwrap_or_else(|| panic!("{}: not tests: {}", line.name, line.shown));
            tests.into_iter().map(move |test| (line.name, test))
        })
        .collect()
}

#[test]
fn every_promise_is_there_once() {
    let page = page();
    let lines = lines(&page);
    let times = |name: &str| lines.iter().filter(|line| line.name == name).count();
    let wanted: Vec<String> = (1..=PROMISES).map(|number| format!("P{number}")).collect();
    let bad: Vec<_> =
        wanted.iter().map(|name| (name, times(name))).filter(|(_, times)| *times != 1).collect();
    assert!(bad.is_empty(), "how often each is there: {bad:?}");
    let all = lines.iter().filter(|line| line.name.starts_with('P')).count();
    assert_eq!(all, PROMISES, "there are others");
}

#[test]
fn every_line_has_tests_or_a_reason() {
    let page = page();
    let bad: Vec<_> = lines(&page)
        .into_iter()
        .filter(|line| {
            let (tests, reason) = (!line.shown.is_empty(), !line.missing.is_empty());
            !matches!(
                (line.state, tests, reason),
                ("proven", true, false) | ("partly", true, true) | ("not built", false, true)
            )
        })
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn the_page_counts_right() {
    let page = page();
    let lines = lines(&page);
    let count = |state| {
        let of_state = |line: &&Line<'_>| line.name.starts_with('P') && line.state == state;
        match lines.iter().filter(of_state).count() {
            1 => "1 is".to_owned(),
            number => format!("{number} are"),
        }
    };
    let said = format!(
        "Of {PROMISES} promises, {} proven, {} partly proven, and {} not built.",
        count("proven"),
        count("partly"),
        count("not built")
    );
    assert!(page.contains(&said), "it should say: {said}");
}

/// Test functions by name, and whether one of that name is ignored.
type Functions = BTreeMap<String, bool>;

fn add_functions(functions: &mut Functions, source: &str) {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ") else {
            continue;
        };
        let name = rest.split(['(', '<']).next().unwrap_or_default();
        let before = lines[..at].iter().rev();
        let attributes: Vec<&str> = before
            .take_while(|line| !line.is_empty() && !line.ends_with(['}', '{', ';']))
            .filter(|line| !line.starts_with("//"))
            .copied()
            .collect();
        let has = |word: &str| attributes.iter().any(|line| line.contains(word));
        if has("#[test]") || has("#[tokio::test") {
            *functions.entry(name.to_owned()).or_default() |= has("ignore");
        }
    }
}

fn all_functions() -> Functions {
    let mut functions = Functions::new();
    let mut folders: Vec<PathBuf> =
        ["app", "crates", "server"].iter().map(|folder| workspace().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                add_functions(&mut functions, &fs::read_to_string(&path).unwrap());
            }
        }
    }
    functions
}

#[test]
fn functions_that_are_named_are_tests_that_run() {
    let (page, functions) = (page(), all_functions());
    let mut count = 0;
    let mut bad = Vec::new();
    for (line, test) in all_named(&page) {
        let Named::Rust(name) = test else { continue };
        count += 1;
        match functions.get(name) {
            None => bad.push(format!("{line}: there is no test {name}")),
            Some(true) => bad.push(format!("{line}: {name} is ignored")),
            Some(false) => {}
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    assert!(count > 50, "{count}");
}

/// A browser test as its file has it: the title's parts between `${…}`, and whether it is skipped.
struct Declared<'a> {
    parts: Vec<&'a str>,
    skipped: bool,
}

impl Declared<'_> {
    /// Whether it can have this title. What stands for a `${…}` is known only when it runs.
    fn may_be(&self, title: &str) -> bool {
        let Some((first, others)) = self.parts.split_first() else { return false };
        let Some(mut rest) = title.strip_prefix(first) else { return false };
        let Some((last, middle)) = others.split_last() else { return rest.is_empty() };
        for part in middle {
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }
}

/// The tests that a file declares: `test('…', …)`, with or without a mark such as `.skip`.
fn declared(source: &str) -> Vec<Declared<'_>> {
    // A test that skips itself is not told from its neighbours.
    let by_themselves = ["t.skip(", "t.todo("].iter().any(|word| {
        let outside = |at: usize| !source[..at].ends_with(char::is_alphanumeric);
        source.match_indices(word).any(|(at, _)| outside(at))
    });
    let calls = source.match_indices("test").filter_map(|(at, word)| {
        let (mark, rest) = source[at + word.len()..].split_once('(')?;
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| "'\"`".contains(*c))?;
        if !matches!(mark, "" | ".only" | ".skip" | ".todo") {
            return None;
        }
        let (title, rest) = rest[1..].split_once(quote)?;
        let options = rest.split("=>").next().unwrap_or_default();
        let marked = [mark, options].iter().any(|t| t.contains("skip") || t.contains("todo"));
        let mut pieces = title.split("${");
        let mut parts = vec![pieces.next().unwrap_or_default()];
        parts.extend(pieces.map(|piece| piece.split_once('}').map_or("", |(_, text)| text)));
        Some(Declared { parts, skipped: marked || by_themselves })
    });
    calls.collect()
}

/// A browser test file, and what it has from files beside it; `None` when there is none.
fn browser_sources(file: &str) -> Option<String> {
    let folder = workspace().join("end2end");
    let mut source = fs::read_to_string(folder.join(format!("tests/{file}.test.mjs"))).ok()?;
    let imported: Vec<String> = source
        .lines()
        .filter_map(|line| line.split_once("from '../lib/")?.1.split_once('\''))
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in imported {
        source.push_str(&fs::read_to_string(folder.join("lib").join(name)).unwrap());
    }
    Some(source)
}

#[test]
fn browser_tests_that_are_named_are_there_and_run() {
    let page = page();
    let mut count = 0;
    let mut bad = Vec::new();
    for (line, test) in all_named(&page) {
        let Named::Browser { file, title } = test else { continue };
        count += 1;
        let Some(source) = browser_sources(file) else {
            bad.push(format!("{line}: there is no end2end/tests/{file}.test.mjs"));
            continue;
        };
        let found = declared(&source).into_iter().find(|test| test.may_be(title));
        match found {
            None => bad.push(format!("{line}: {file} has no test \"{title}\"")),
            Some(test) if test.skipped => bad.push(format!("{line}: {file}: {title} is skipped")),
            Some(_) => {}
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    assert!(count > 5, "{count}");
}

#[test]
fn what_does_not_run_would_be_seen() {
    let mut functions = Functions::new();
    let source = "#[test]\nfn runs() {}\n\n/// Does not ignore.\n#[tokio::test(flavor = \"x\")]\n#[allow(\n    x\n)]\nasync fn waits() {}\n\
                  #[test]\n#[ignore = \"long\"]\nfn rests() {}\n\nfn helps() {}\n";
    add_functions(&mut functions, source);
    let seen: Vec<_> = functions.iter().map(|(name, ignored)| (name.as_str(), *ignored)).collect();
    assert_eq!(seen, [("rests", true), ("runs", false), ("waits", false)]);

    let source = "d.test('a b', async () => { /x/.test(y); });\nd.test(`c, ${how}`, { skip }, () => {});\n\
                  test.skip('d', () => {});";
    let seen = declared(source);
    let skipped: Vec<bool> = seen.iter().map(|test| test.skipped).collect();
    assert_eq!(skipped, [false, true, true]);
    assert!(seen[0].may_be("a b") && !seen[0].may_be("a b c") && !seen[0].may_be("a"));
    assert!(seen[1].may_be("c, with scripts") && !seen[1].may_be("c with"));
    assert!(declared("d.test('a', (t) => { t.skip('later'); });")[0].skipped);

    let browser = Named::Browser { file: "b", title: "c, d" };
    assert_eq!(named("`a`, `b`: \"c, d\"").unwrap(), [Named::Rust("a"), browser]);
    assert_eq!(named("").unwrap(), []);
    for bad in ["a", "`a` and `b`", "`a`,", "`a`: b"] {
        assert_eq!(named(bad), None, "{bad}");
    }
}
