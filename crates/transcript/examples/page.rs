//! Writes a ticket as a standalone page: `cargo run -p transcript --example page > page.html`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::similar_names,
    missing_docs
)]

#[path = "../tests/common/mod.rs"]
mod common;

fn main() {
    let german = std::env::args().any(|argument| argument == "de");
    let context = if german {
        common::context_in(include_str!("../../../locales/de/transcript.json"))
    } else {
        common::context()
    };
    let items = common::ticket();
    let rendered = transcript::render_messages(&context, &items);
    println!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Ticket</title><style>body{{margin:0;font-family:system-ui,sans-serif}}h1{{font-size:1.25rem;margin:1rem}}{}{}</style>\
         <body><main class=\"t-log\"><h1>Ticket 1042</h1>{}</main></body></html>",
        if german { "de" } else { "en" },
        include_str!("../transcript.css"),
        transcript::colours_css(&rendered.colours),
        rendered.html.as_str(),
    );
}
