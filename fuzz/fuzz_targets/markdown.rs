//! Any text is parsed and drawn: without a panic, within ten times its length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transcript::{Context, Labels, render_markdown};

fn context() -> Context {
    let labels: Labels = serde_json::from_str(include_str!("../../locales/en/transcript.json"))
        .unwrap_or_else(|error| panic!("the words are incomplete: {error}"));
    Context::new(labels, 1_773_482_400_000)
}

thread_local! {
    static CONTEXT: Context = context();
}

fuzz_target!(|text: &str| {
    let html = CONTEXT.with(|context| render_markdown(context, text).html.into_string());
    assert!(html.len() <= 10 * text.len().max(1024) + 64, "{} of {}", html.len(), text.len());
    assert!(!html.contains("<script"));
});
