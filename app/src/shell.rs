use std::fs;
use std::sync::{Arc, OnceLock};

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

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

/// Fetches the program and brings the islands to life: as soon as the browser has nothing else to do, or, where `uses`
/// are given, at the first of these events, or where the address leads into the page. The key that was pressed is
/// pressed again when somebody listens. Browsers send a `pointermove` with zero movement when a page opens under a
/// resting pointer. Ignore it.
const START: &str = r#"(js, wasm, uses) => {
  const how = { capture: true, passive: true };
  const start = async (event) => {
    if (event?.type === "pointermove" && !event.movementX && !event.movementY) return;
    for (const use of uses) removeEventListener(use, start, how);
    const program = await import(js);
    await program.default({ module_or_path: wasm });
    program.hydrate();
    for (const island of document.querySelectorAll("leptos-island")) program[island.dataset.component]?.(island);
    if (event?.type === "keydown") event.target.dispatchEvent(new KeyboardEvent("keydown", event));
  };
  for (const use of uses) addEventListener(use, start, how);
  if (uses.length > 0) { if (location.hash) start(); }
  else if (window.requestIdleCallback) requestIdleCallback(() => start());
  else start();
}"#;

/// What is the first sign that somebody does more than read.
const USES: &[&str] = &["scroll", "pointermove", "pointerdown", "keydown", "focusin"];

/// The addresses of what a page is made of, with the hashes that the build gave them.
struct Files {
    js: String,
    wasm: String,
    css: String,
}

impl Files {
    /// They are asked for once: for each page it would be six calls of the system. While the build watches, they
    /// change.
    fn of(options: &LeptosOptions) -> Arc<Self> {
        static FILES: OnceLock<Arc<Files>> = OnceLock::new();
        if option_env!("LEPTOS_WATCH").is_some() {
            return Arc::new(Self::read(options));
        }
        Arc::clone(FILES.get_or_init(|| Arc::new(Self::read(options))))
    }

    fn read(options: &LeptosOptions) -> Self {
        let name = options.output_name.to_string();
        let (mut js, mut wasm, mut css) = (name.clone(), name.clone(), name);
        let program = std::env::current_exe().unwrap_or_default();
        let list = program.parent().map(|folder| folder.join(options.hash_file.as_ref()));
        let list =
            list.filter(|_| options.hash_files).and_then(|file| fs::read_to_string(file).ok());
        match list {
            Some(list) => {
                for (kind, hash) in list.lines().filter_map(|line| line.split_once(':')) {
                    match kind.trim() {
                        "js" => js = format!("{js}.{}", hash.trim()),
                        "wasm" => wasm = format!("{wasm}.{}", hash.trim()),
                        "css" => css = format!("{css}.{}", hash.trim()),
                        _ => {}
                    }
                }
            }
            // As Leptos has it for builds without hashes.
            None if option_env!("LEPTOS_OUTPUT_NAME").is_none() => wasm.push_str("_bg"),
            None => {}
        }
        let folder = &options.site_pkg_dir;
        Self {
            js: format!("/{folder}/{js}.js"),
            wasm: format!("/{folder}/{wasm}.wasm"),
            css: format!("/{folder}/{css}.css"),
        }
    }
}

/// The address of the style sheet that every page names.
pub fn style_sheet(options: &LeptosOptions) -> String {
    Files::of(options).css.clone()
}

/// The script of a page that has a program.
fn start(files: &Files, at_once: bool) -> impl IntoView + use<> {
    if let Some(shared) = Owner::current_shared_context() {
        // Islands alone are brought to life: the rest of the page needs no data for it.
        shared.set_is_hydrating(false);
    }
    let nonce = use_nonce();
    let ahead = at_once.then(|| {
        view! {
            <link rel="modulepreload" href=files.js.clone() crossorigin=""/>
            <link rel="preload" href=files.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin=""/>
        }
    });
    let uses: &[&str] = if at_once { &[] } else { USES };
    let call = format!("({START})({:?}, {:?}, {uses:?})", files.js, files.wasm);
    view! { {ahead} <script type="module" nonce=nonce>{call}</script> }
}

/// The document around every page. `options` are the ones the server was started with.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let meta = context::request();
    let theme = (meta.theme != Theme::System).then(|| meta.theme.as_str());
    let files = Files::of(&options);
    let program = program(&meta.path);
    let scripts = (program != Program::Never).then(|| start(&files, program == Program::AtOnce));
    view! {
        <!DOCTYPE html>
        <html lang=meta.locale.tag() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link id="style" rel="stylesheet" href=files.css.clone()/>
                {scripts}
                <AutoReload options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
