//! Whether a message in a channel is the one we meant to post.

use serde_json::Value;

/// Compares what was to be posted with a message as Discord shows it: content, embed titles and texts,
/// and what the buttons carry. Enough to know our own message again after a crash.
pub fn same_message(wanted: &Value, found: &Value) -> bool {
    let text = |value: &Value| value["content"].as_str().unwrap_or_default().trim().to_owned();
    text(wanted) == text(found)
        && embeds(wanted) == embeds(found)
        && buttons(wanted) == buttons(found)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn embeds(message: &Value) -> Vec<(&str, &str, Vec<&str>)> {
    list(&message["embeds"])
        .iter()
        .map(|embed| {
            // Discord trims what it shows.
            let text = |key: &str| embed[key].as_str().unwrap_or_default().trim();
            let fields = list(&embed["fields"])
                .iter()
                .map(|f| f["value"].as_str().unwrap_or_default().trim())
                .collect();
            (text("title"), text("description"), fields)
        })
        .collect()
}

fn buttons(message: &Value) -> Vec<&str> {
    list(&message["components"])
        .iter()
        .flat_map(|row| list(&row["components"]))
        .filter_map(|b| b["custom_id"].as_str().or_else(|| b["url"].as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn our_own_message_is_known_again() {
        let wanted = json!({ "content": "hi", "embeds": [{ "title": "T", "description": " a " }],
            "components": [{ "type": 1, "components": [{ "type": 2, "custom_id": "wd:x" }] }] });
        let mut found = json!({ "id": "1", "content": "hi", "tts": false,
            "embeds": [{ "type": "rich", "title": "T", "description": "a" }],
            "components": [{ "id": 1, "type": 1, "components": [{ "id": 2, "type": 2, "custom_id": "wd:x" }] }] });
        assert!(same_message(&wanted, &found));
        found["components"] = json!([]);
        assert!(!same_message(&wanted, &found));
    }
}
