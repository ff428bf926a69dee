use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::context::{self, Theme};
use crate::pages::App;

/// Whether the page at `path` has islands. The others ship no script at all: signing in, reading
/// transcripts and the account work the same without.
fn has_islands(path: &str) -> bool {
    let mut parts = path.split('/').filter(|p| !p.is_empty());
    match parts.next() {
        Some("design" | "servers") => true,
        // Of reading, only the page that tells how far an export is.
        Some("transcripts") => parts.nth(1) == Some("export"),
        None => context::viewer().is_some(),
        Some(_) => false,
    }
}

/// The document around every page. `options` are the ones the server was started with.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let meta = context::request();
    let theme = (meta.theme != Theme::System).then(|| meta.theme.as_str());
    let scripts = has_islands(&meta.path).then(|| {
        let options = options.clone();
        view! { <AutoReload options=options.clone()/><HydrationScripts options islands=true/> }
    });
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
