//! `Cargo.toml` holds the build-time Leptos options, `Leptos.toml` the run-time ones under the same header.
//! What both state must agree, or the server looks for a site that was built elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use leptos::config::{Env, get_configuration};
use toml::Table;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The first (and only) `[[workspace.metadata.leptos]]` of a file.
fn options(file: &str) -> Table {
    let text = std::fs::read_to_string(workspace().join(file)).expect("the file is there");
    let table: Table = text.parse().expect("it is TOML");
    let sections =
        table["workspace"]["metadata"]["leptos"].as_array().expect("an array of tables").clone();
    assert_eq!(sections.len(), 1, "{file}");
    sections[0].as_table().expect("a table").clone()
}

#[test]
fn build_time_and_run_time_options_agree() {
    let (build, run) = (options("Cargo.toml"), options("Leptos.toml"));
    let shared: Vec<&String> = run.keys().filter(|key| build.contains_key(*key)).collect();
    for key in &shared {
        assert_eq!(build[*key], run[*key], "{key}");
    }
    for key in ["output-name", "site-root", "site-pkg-dir", "hash-files"] {
        assert!(shared.iter().any(|shared| *shared == key), "{key} must stand in both");
    }
}

#[test]
fn the_server_serves_production_pages() {
    let file = workspace().join("Leptos.toml");
    let loaded = get_configuration(file.to_str()).expect("leptos reads the file").leptos_options;
    // In DEV every page would carry the script that reloads it.
    assert_eq!(loaded.env, Env::PROD);
    assert!(loaded.hash_files, "file names without a hash cannot be cached for long");
}
