//! What operators and owners are told of requests: that they wait, and until when. Never what they say, nor who asks.

use domain::ids::RequestId;
use domain::privacy::RequestKind;
use serde_json::{Value, json};
use storage::privacy::requests::RequestRow;
use words::Words;

use crate::tickets::messages::{COLOUR_ALERT, only};

/// Requests that a message names.
pub(crate) const NAMED: i64 = 5;

/// What the alert of a request is known by.
pub(crate) fn subject(request: RequestId) -> String {
    format!("privacy:{request}")
}

/// What is asked for, in words.
pub fn kind_name(w: Words, kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Access => w.requests_kind_access(),
        RequestKind::Correct => w.requests_kind_correct(),
        RequestKind::Erase => w.requests_kind_erase(),
        RequestKind::Restrict => w.requests_kind_restrict(),
        RequestKind::Object => w.requests_kind_object(),
        RequestKind::Withdraw => w.requests_kind_withdraw(),
        RequestKind::Takedown => w.requests_kind_takedown(),
        RequestKind::UnderAge => w.requests_kind_under_age(),
        RequestKind::Other => w.requests_kind_other(),
    }
}

/// The message to an operator: how many wait of each kind, how many are late, and those that are due first.
pub(crate) fn digest(
    w: Words,
    waiting: &[(RequestKind, i64)],
    overdue: i64,
    nearest: &[RequestRow],
    desk: &str,
) -> Value {
    let mut lines: Vec<String> =
        waiting.iter().map(|(kind, number)| format!("{}: {number}", kind_name(w, *kind))).collect();
    if overdue > 0 {
        let overdue = u64::try_from(overdue).unwrap_or_default();
        lines.push(w.requests_dm_overdue(overdue));
    }
    lines.push(String::new());
    for row in nearest {
        // Discord shows the date in the reader's own way.
        let due = format!("<t:{}:D>", row.due.0.div_euclid(1000));
        let line = w.requests_dm_due(kind_name(w, row.kind), due);
        lines.push(format!("{line}\n{desk}/{}", row.id));
    }
    json!({
        "embeds": [{
            "title": w.requests_dm_title(),
            "description": lines.join("\n"),
            "color": COLOUR_ALERT,
        }],
        "allowed_mentions": only(&[]),
    })
}
