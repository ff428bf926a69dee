//! Any bytes are read as a message object and drawn, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transcript::{Context, Labels, Message, TimelineItem, render_messages};

fn context() -> Context {
    let labels: Labels = serde_json::from_str(include_str!("../../locales/en/transcript.json"))
        .unwrap_or_else(|error| panic!("the words are incomplete: {error}"));
    Context::new(labels, 1_773_482_400_000)
}

thread_local! {
    static CONTEXT: Context = context();
}

fuzz_target!(|raw: &str| {
    let item = TimelineItem::message(Message::parse(raw));
    let html = CONTEXT.with(|context| render_messages(context, &[item]).html.into_string());
    assert!(html.contains("<article") && !html.contains("<script"));
});
