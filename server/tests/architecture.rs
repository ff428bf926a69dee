//! Dependencies point one way. An arrow that points back, or a third-party crate in a layer that must not
//! know it, fails here and names itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// What each of our crates may use of our crates, outside its tests. Ordered from the inside out.
const ARROWS: [(&str, &[&str]); 17] = [
    ("domain", &[]),
    ("words", &["domain"]),
    ("transcript", &["domain"]),
    ("search", &[]),
    ("safety", &["domain"]),
    ("storage", &["domain", "transcript", "safety"]),
    ("wardesk-core", &["domain", "words", "transcript", "search", "safety", "storage"]),
    ("discord", &["domain", "words", "transcript", "safety", "storage", "wardesk-core"]),
    ("payments", &["domain", "words", "storage", "wardesk-core"]),
    ("app", &["domain", "words", "transcript", "storage", "wardesk-core"]),
    ("frontend", &["domain", "transcript", "app"]),
    (
        "server",
        &[
            "domain",
            "words",
            "transcript",
            "safety",
            "storage",
            "wardesk-core",
            "discord",
            "payments",
            "app",
        ],
    ),
    // A Discord of its own: it must not share our understanding of Discord, or it would share our mistakes.
    ("sandbox", &[]),
    // Drives the program from outside; fills databases through the product's own statements.
    ("bench", &["domain", "storage", "sandbox"]),
    // Times the parser alone.
    ("bench-markdown", &["transcript"]),
    ("bench-transcripts", &["transcript"]),
    // One page of the product as full hydration would have it.
    ("bench-hydration", &["domain", "words", "transcript"]),
];

/// Third-party crates that one crate alone may name. A name that ends in `*` is a prefix.
const OWNERS: [(&str, &[&str]); 5] = [
    ("serenity", &["discord"]),
    ("async-stripe*", &["payments"]),
    ("sqlx", &["storage", "wardesk-core"]),
    ("object_store", &["storage"]),
    ("oauth2", &["discord"]),
];

/// Crates without I/O, which also run in the browser.
const PURE: [&str; 5] = ["domain", "words", "transcript", "search", "safety"];
const IMPURE: [&str; 8] =
    ["tokio", "axum", "reqwest", "sqlx", "hyper", "serenity", "object_store", "tower"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// What a package uses outside its tests.
fn uses(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| dependency.name.as_str())
}

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let ours: BTreeSet<&str> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let Some(may) = allowed.get(name) else {
            wrong.push(format!("{name} has no place in the arrows yet; add it where it belongs"));
            continue;
        };
        for used in uses(package).filter(|used| ours.contains(used)) {
            if !may.contains(&used) {
                wrong.push(format!("{name} -> {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The table above is itself without a cycle: every crate uses only crates that stand before it.
#[test]
fn the_arrows_have_no_cycle() {
    for (position, (name, may)) in ARROWS.iter().enumerate() {
        for used in *may {
            let before = ARROWS[..position].iter().any(|(inner, _)| inner == used);
            assert!(before, "{name} -> {used} points outwards");
        }
    }
}

#[test]
fn third_party_crates_stay_in_their_layer() {
    let mut wrong = Vec::new();
    for package in &metadata().packages {
        let name = package.name.as_str();
        for used in uses(package) {
            for (pattern, owners) in OWNERS {
                let meant = match pattern.strip_suffix('*') {
                    Some(prefix) => used.starts_with(prefix),
                    None => used == pattern,
                };
                if meant && !owners.contains(&name) {
                    wrong.push(format!(
                        "{name} names {used}, which belongs to {}",
                        owners.join(", ")
                    ));
                }
            }
            if PURE.contains(&name) && IMPURE.contains(&used) {
                wrong.push(format!("{name} does no I/O and must not use {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What makes connections, and the files that may: each holds them against the list of who is contacted, or reaches
/// one place that the settings name.
const CONNECTORS: [(&str, &[&str]); 6] = [
    (
        "reqwest::Client::builder",
        &[
            "crates/discord/src/http.rs",
            "crates/storage/src/blobs/s3.rs",
            "server/src/sandbox_clock.rs",
        ],
    ),
    ("reqwest::Client::new", &[]),
    ("connect_async", &["crates/discord/src/gateway/connection.rs"]),
    ("TcpStream::connect", &[]),
    ("UdpSocket::bind", &[]),
    ("lookup_host", &["crates/discord/src/rest/addresses.rs"]),
];

/// The program's own sources but for tests.
fn sources(folder: &Path, all: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let skipped = ["tests", "testing", "target", "examples"].contains(&name.as_str());
            if !skipped {
                sources(&path, all);
            }
        } else if path.extension().is_some_and(|end| end == "rs") && name != "tests.rs" {
            all.push(path);
        }
    }
}

/// The files outside tests in which a text stands.
fn holding(part: &str) -> BTreeSet<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut all = Vec::new();
    let crates = [
        "core",
        "discord",
        "domain",
        "payments",
        "safety",
        "search",
        "storage",
        "transcript",
        "words",
    ];
    for name in crates {
        sources(&workspace.join("crates").join(name).join("src"), &mut all);
    }
    sources(&workspace.join("server/src"), &mut all);
    sources(&workspace.join("app/src"), &mut all);
    assert!(all.len() > 200, "{}", all.len());
    let mut found = BTreeSet::new();
    for path in &all {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        if code.contains(part) {
            let place = path.strip_prefix(&workspace).unwrap();
            found.insert(place.to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
fn connections_are_made_in_known_places() {
    for (made_by, places) in CONNECTORS {
        let known: BTreeSet<String> = places.iter().map(|place| (*place).to_owned()).collect();
        assert_eq!(holding(made_by), known, "{made_by}");
    }
}

/// What reads or keeps the names of people of tickets, and the files that may: of whoever has the use of what is kept of
/// them restricted nothing is shown and nothing new is kept, and `names.rs` asks.
const NAMES: [(&str, &[&str]); 4] = [
    (
        "tickets::people",
        &[
            "crates/core/src/privacy/names.rs",
            "crates/storage/src/tickets/list.rs",
            "crates/storage/src/tickets/overview.rs",
        ],
    ),
    ("tickets::{people", &[]),
    // Lists bring names along.
    ("opener_names", &["crates/core/src/tickets/list.rs", "crates/storage/src/tickets/list.rs"]),
    ("storage::tickets::overview", &["crates/core/src/tickets/overview.rs"]),
];

#[test]
fn names_of_people_are_shown_and_kept_in_one_place() {
    for (part, places) in NAMES {
        let known: BTreeSet<String> = places.iter().map(|place| (*place).to_owned()).collect();
        assert_eq!(holding(part), known, "{part}: ask privacy::names");
    }
}
