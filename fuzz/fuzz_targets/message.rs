//! Any bytes are read as a message object and drawn, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transcript::{Context, Message, TimelineItem, render_messages};

thread_local! {
    static CONTEXT: Context = fuzz::context();
}

fuzz_target!(|raw: &str| {
    let item = TimelineItem::message(Message::parse(raw));
    let html = CONTEXT.with(|context| render_messages(context, &[item]).html.into_string());
    assert!(html.contains("<article") && !html.contains("<script"));
});
