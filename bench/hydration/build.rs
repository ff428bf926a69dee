//! Takes the app's own components and islands, and makes components of the islands: where a page is hydrated as a
//! whole, nothing is an island.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script: cargo speaks to it through the environment"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What the page is made of, by the names of files in `app/src/ui`.
const UI: [&str; 15] = [
    "alert", "avatar", "badge", "button", "card", "checkbox", "choices", "combobox", "dialog",
    "field", "icon", "input", "menu", "nav", "select",
];
/// The same in `app/src/islands`.
const ISLANDS: [&str; 7] =
    ["combobox", "counts", "dom", "filter", "markdown", "preview", "save_bar"];
/// Used by the above.
const HELPERS: [&str; 2] = ["raw_text", "written"];

/// The modules of a folder that are wanted, in one text, with what the folder's `mod.rs` makes known of them.
fn modules(folder: &Path, wanted: &[&str]) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    let mut found = 0;
    for line in fs::read_to_string(folder.join("mod.rs"))?.lines() {
        let module = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
        let used = line.strip_prefix("pub use ").and_then(|rest| rest.split("::").next());
        if let Some(name) = module.filter(|name| wanted.contains(name)) {
            let file = fs::read_to_string(folder.join(name).with_extension("rs"))?;
            let file = file.replace("#[island]", "#[component]");
            text.push_str(&format!("pub mod {name} {{\n{file}\n}}\n"));
            found += 1;
        } else if used.is_some_and(|name| wanted.contains(&name)) {
            text.push_str(line);
            text.push('\n');
        }
    }
    if found == wanted.len() {
        Ok(text)
    } else {
        Err(format!("{} lacks some of {wanted:?}", folder.display()).into())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let app = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../app/src");
    let mut text = String::new();
    let ui: Vec<&str> = UI.into_iter().chain(HELPERS).collect();
    for (name, wanted) in [("ui", ui.as_slice()), ("islands", &ISLANDS)] {
        let folder = app.join(name);
        println!("cargo::rerun-if-changed={}", folder.display());
        // What only other pages use is not called here.
        text.push_str(
            "#[allow(dead_code, unused_imports, missing_docs, clippy::all, clippy::pedantic)]\n",
        );
        text.push_str(&format!("mod {name} {{\n{}}}\n", modules(&folder, wanted)?));
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("app.rs"), text)?;
    Ok(())
}
