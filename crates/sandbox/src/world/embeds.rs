//! Embeds: Discord's limits, and the form in which they come back.

use serde_json::{Map, Value, json};

use super::fields;
use crate::error::FormErrors;
use crate::id::{parse_timestamp, timestamp};

/// Characters over all embeds of a message.
const MOST_CHARACTERS: usize = 6_000;
/// Embeds of a message.
const MOST_EMBEDS: usize = 10;
/// Fields of an embed.
const MOST_FIELDS: usize = 25;

/// Checks the embeds of a body and gives them in the form of answers.
pub(crate) fn read(list: &[Value], form: &mut FormErrors) -> Vec<Value> {
    if list.len() > MOST_EMBEDS {
        form.add("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.");
        return Vec::new();
    }
    let mut total = 0;
    let mut read = Vec::with_capacity(list.len());
    for (index, embed) in list.iter().enumerate() {
        let path = format!("embeds.{index}");
        total += characters(embed);
        if total > MOST_CHARACTERS {
            form.add(&path, "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000");
        }
        read.push(one(embed, &path, form));
    }
    read
}

fn characters(embed: &Value) -> usize {
    let count = |value: Option<&str>| value.map_or(0, |text| text.chars().count());
    let inner = |key: &str, part: &str| embed.get(key).map_or(0, |v| count(fields::text(v, part)));
    let of_fields: usize = fields::list(embed, "fields")
        .iter()
        .map(|field| count(fields::text(field, "name")) + count(fields::text(field, "value")))
        .sum();
    count(fields::text(embed, "title"))
        + count(fields::text(embed, "description"))
        + inner("footer", "text")
        + inner("author", "name")
        + of_fields
}

fn one(embed: &Value, path: &str, form: &mut FormErrors) -> Value {
    let mut out = Map::new();
    out.insert("type".into(), json!("rich"));
    for (key, most) in [("title", 256), ("description", 4_096)] {
        if let Some(text) = fields::text(embed, key) {
            form.length(&format!("{path}.{key}"), text, 0, most);
            if !text.trim().is_empty() {
                out.insert(key.into(), json!(text.trim()));
            }
        }
    }
    if let Some(url) = fields::text(embed, "url").filter(|url| !url.is_empty()) {
        check_url(&format!("{path}.url"), url, false, form);
        out.insert("url".into(), json!(url));
    }
    if let Some(color) = fields::int(embed, "color") {
        if !(0..=0xFF_FFFF).contains(&color) {
            let message = "int value should be less than or equal to 16777215.";
            form.add(&format!("{path}.color"), "NUMBER_TYPE_MAX", message);
        }
        out.insert("color".into(), json!(color));
    }
    if let Some(text) = fields::text(embed, "timestamp") {
        match parse_timestamp(text) {
            Some(at) => {
                out.insert("timestamp".into(), json!(timestamp(at)));
            }
            None => form.add(
                &format!("{path}.timestamp"),
                "BASE_TYPE_INVALID_TIMESTAMP",
                &format!("Could not parse {text}. Should be ISO8601."),
            ),
        }
    }
    footer_and_author(embed, path, form, &mut out);
    for key in ["image", "thumbnail"] {
        let Some(url) = embed.get(key).and_then(|image| fields::text(image, "url")) else {
            continue;
        };
        check_url(&format!("{path}.{key}.url"), url, true, form);
        out.insert(key.into(), json!({"url": url, "proxy_url": url, "width": 0, "height": 0}));
    }
    read_fields(embed, path, form, &mut out);
    if out.len() == 1 {
        form.required(&format!("{path}.description"));
    }
    Value::Object(out)
}

fn footer_and_author(
    embed: &Value,
    path: &str,
    form: &mut FormErrors,
    out: &mut Map<String, Value>,
) {
    for (key, part, most) in [("footer", "text", 2_048), ("author", "name", 256)] {
        let Some(given) = embed.get(key).filter(|given| given.is_object()) else { continue };
        let Some(text) = fields::text(given, part).filter(|text| !text.is_empty()) else {
            if key == "author" {
                form.required(&format!("{path}.{key}.{part}"));
            }
            continue;
        };
        form.length(&format!("{path}.{key}.{part}"), text, 0, most);
        let mut shown = json!({ part: text });
        if let Some(icon) = fields::text(given, "icon_url") {
            check_url(&format!("{path}.{key}.icon_url"), icon, true, form);
            shown["icon_url"] = json!(icon);
            shown["proxy_icon_url"] = json!(icon);
        }
        if let Some(url) = fields::text(given, "url") {
            check_url(&format!("{path}.{key}.url"), url, false, form);
            shown["url"] = json!(url);
        }
        out.insert(key.into(), shown);
    }
}

fn read_fields(embed: &Value, path: &str, form: &mut FormErrors, out: &mut Map<String, Value>) {
    let given = fields::list(embed, "fields");
    if given.len() > MOST_FIELDS {
        form.add(
            &format!("{path}.fields"),
            "BASE_TYPE_MAX_LENGTH",
            "Must be 25 or fewer in length.",
        );
    }
    let mut list = Vec::with_capacity(given.len());
    for (index, field) in given.iter().enumerate() {
        let path = format!("{path}.fields.{index}");
        let (name, value) =
            (fields::text(field, "name").unwrap_or(""), fields::text(field, "value").unwrap_or(""));
        form.length(&format!("{path}.name"), name.trim(), 1, 256);
        form.length(&format!("{path}.value"), value.trim(), 1, 1_024);
        let inline = fields::flag(field, "inline").unwrap_or(false);
        list.push(json!({"name": name.trim(), "value": value.trim(), "inline": inline}));
    }
    if !list.is_empty() {
        out.insert("fields".into(), Value::Array(list));
    }
}

/// http and https only, and `attachment://` where a picture may stand.
pub(crate) fn check_url(path: &str, text: &str, attachment: bool, form: &mut FormErrors) {
    form.length(path, text, 0, 2_048);
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") if url::Url::parse(text).is_ok() => {}
        Some("attachment") if attachment => {}
        Some("http" | "https") => form.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL."),
        _ => {
            let schemes =
                if attachment { "('http', 'https', 'attachment')" } else { "('http', 'https')" };
            let message = format!(
                "Scheme \"{}\" is not supported. Scheme must be one of {schemes}.",
                scheme.as_deref().unwrap_or("none")
            );
            form.add(path, "URL_TYPE_INVALID_SCHEME", &message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_thousand_characters_over_all_embeds() {
        let half = json!({"description": "x".repeat(3_001)});
        let mut form = FormErrors::default();
        read(&[half.clone(), half], &mut form);
        let errors = form.into_error().errors.unwrap();
        assert_eq!(errors["embeds"]["1"]["_errors"][0]["code"], "MAX_EMBED_SIZE_EXCEEDED");
    }

    #[test]
    fn script_links_are_refused() {
        let mut form = FormErrors::default();
        read(&[json!({"title": "a", "url": "javascript:alert(1)"})], &mut form);
        assert!(!form.is_empty());
    }
}
