use std::fs;
use std::sync::OnceLock;

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::context::{self, Theme};
use crate::pages::App;

/// When a page fetches its program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Program {
    /// Never: there is none, as on the pages of signing in and of the account.
    Never,
    /// At once.
    AtOnce,
    /// When somebody begins to do something: it adds comfort to a page that is complete.
    OnUse,
}

/// When the page at `path` fetches its program.
fn program(path: &str) -> Program {
    let mut parts = path.split('/').filter(|p| !p.is_empty());
    match (parts.next(), parts.next(), parts.next()) {
        (Some("design" | "servers"), ..) | (Some("transcripts"), Some(_), Some("export")) => {
            Program::AtOnce
        }
        (Some("transcripts"), Some(_), None) => Program::OnUse,
        (None, ..) if context::viewer().is_some() => Program::AtOnce,
        _ => Program::Never,
    }
}

/// Fetches the program and brings the islands to life when somebody first scrolls, points or presses a key, and at once
/// where the address leads into the page. The key that was pressed is pressed again when somebody listens.
const ON_USE: &str = r#"(js, wasm) => {
  const uses = ["scroll", "pointermove", "pointerdown", "keydown", "focusin"];
  const how = { capture: true, passive: true };
  const start = async (event) => {
    for (const use of uses) removeEventListener(use, start, how);
    const program = await import(js);
    await program.default({ module_or_path: wasm });
    program.hydrate();
    for (const island of document.querySelectorAll("leptos-island")) program[island.dataset.component]?.(island);
    if (event?.type === "keydown") event.target.dispatchEvent(new KeyboardEvent("keydown", event));
  };
  for (const use of uses) addEventListener(use, start, how);
  if (location.hash) start();
}"#;

/// The addresses of the program's two files, with the hashes that the build gave them.
fn program_files(options: &LeptosOptions) -> (String, String) {
    let (mut js, mut wasm) = (options.output_name.to_string(), options.output_name.to_string());
    let program = std::env::current_exe().unwrap_or_default();
    let list = program.parent().map(|folder| folder.join(options.hash_file.as_ref()));
    let list = list.filter(|_| options.hash_files).and_then(|file| fs::read_to_string(file).ok());
    match list {
        Some(list) => {
            for (kind, hash) in list.lines().filter_map(|line| line.split_once(':')) {
                match kind.trim() {
                    "js" => js = format!("{js}.{}", hash.trim()),
                    "wasm" => wasm = format!("{wasm}.{}", hash.trim()),
                    _ => {}
                }
            }
        }
        // As Leptos has it for builds without hashes.
        None if option_env!("LEPTOS_OUTPUT_NAME").is_none() => wasm.push_str("_bg"),
        None => {}
    }
    let folder = &options.site_pkg_dir;
    (format!("/{folder}/{js}.js"), format!("/{folder}/{wasm}.wasm"))
}

/// The script of a page whose program is fetched when it is used.
fn on_use(options: &LeptosOptions) -> impl IntoView + use<> {
    static FILES: OnceLock<(String, String)> = OnceLock::new();
    let (js, wasm) = FILES.get_or_init(|| program_files(options));
    if let Some(shared) = Owner::current_shared_context() {
        // Islands alone are brought to life: the rest of the page needs no data for it.
        shared.set_is_hydrating(false);
    }
    view! { <script type="module" nonce=use_nonce()>{format!("({ON_USE})({js:?}, {wasm:?})")}</script> }
}

/// The document around every page. `options` are the ones the server was started with.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let meta = context::request();
    let theme = (meta.theme != Theme::System).then(|| meta.theme.as_str());
    let scripts = match program(&meta.path) {
        Program::Never => None,
        Program::OnUse => Some(on_use(&options).into_any()),
        Program::AtOnce => {
            let options = options.clone();
            let scripts = view! { <AutoReload options=options.clone()/><HydrationScripts options islands=true/> };
            Some(scripts.into_any())
        }
    };
    view! {
        <!DOCTYPE html>
        <html lang=meta.locale.tag() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet options id="style"/>
                {scripts}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
