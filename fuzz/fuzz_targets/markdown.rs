//! Any text is parsed and drawn: without a panic, within ten times its length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transcript::{Context, render_markdown};

thread_local! {
    static CONTEXT: Context = fuzz::context();
}

fuzz_target!(|text: &str| {
    let html = CONTEXT.with(|context| render_markdown(context, text).html.into_string());
    assert!(html.len() <= 10 * text.len().max(1024) + 64, "{} of {}", html.len(), text.len());
    assert!(!html.contains("<script"));
});
