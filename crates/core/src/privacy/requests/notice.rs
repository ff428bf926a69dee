//! What operators and owners are told of a request: that it waits, and until when. Never what it says, nor who asks.

use domain::ids::RequestId;
use domain::time::Millis;
use serde_json::{Value, json};
use words::Words;

use crate::tickets::messages::{COLOUR_ALERT, only};

/// What the alert of a request is known by.
pub(crate) fn subject(request: RequestId) -> String {
    format!("privacy:{request}")
}

/// The message to an operator on a day after receipt.
pub(crate) fn dm(words: Words, day: i64, due: Millis, url: &str) -> Value {
    // Discord shows the date in the reader's own way.
    let due = format!("<t:{}:D>", due.0.div_euclid(1000));
    let said = format!("{}\n\n{url}", words.requests_dm_text(day, due));
    json!({
        "embeds": [{
            "title": words.requests_dm_title(),
            "description": said,
            "color": COLOUR_ALERT,
        }],
        "allowed_mentions": only(&[]),
    })
}
