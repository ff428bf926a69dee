//! Turning the OpenAPI document into JSON Schema that says what Discord means.

use serde_json::{Value, json};

/// Rewrites schemas in place: strings that parse as integers count as integers and the reverse, and `oneOf` becomes
/// `anyOf`, because a component or interaction may fit several shapes that differ in optional fields only.
pub(super) fn relax(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(relax),
        Value::Object(map) => {
            map.values_mut().for_each(relax);
            if let Some(one_of) = map.remove("oneOf") {
                map.insert("anyOf".into(), one_of);
            }
            // Discord takes snowflakes as numbers too, and clients send small ones so (`attachments[].id`).
            // The sandbox itself writes them as strings always: see `id::Id`.
            if map.get("format").is_some_and(|format| format == "snowflake") {
                map.insert("type".into(), json!(["string", "integer"]));
                return;
            }
            let integer = match map.get("type") {
                Some(Value::String(kind)) => kind == "integer",
                Some(Value::Array(kinds)) => {
                    kinds.iter().any(|kind| kind == "integer")
                        && !kinds.iter().any(|kind| kind == "string")
                }
                _ => false,
            };
            if !integer || map.contains_key("const") || map.contains_key("pattern") {
                return;
            }
            let mut kinds = match map.remove("type") {
                Some(Value::Array(kinds)) => kinds,
                Some(kind) => vec![kind],
                None => Vec::new(),
            };
            kinds.push(json!("string"));
            map.insert("type".into(), Value::Array(kinds));
            map.insert("pattern".into(), json!("^-?[0-9]+$"));
        }
        _ => {}
    }
}

/// Errors of one field are known by name, `BASE_TYPE_REQUIRED` for one, and only the error of the whole
/// answer by number; the document has one schema for both. Source: Discord API documentation, "Error
/// Messages".
pub(super) fn name_field_errors(document: &mut Value) {
    let at = "/components/schemas/InnerErrors/properties/_errors/items";
    if let Some(field_error) = document.pointer_mut(at) {
        *field_error = json!({
            "type": "object",
            "properties": {
                "code": { "type": "string", "pattern": "^[A-Z0-9_]+$" },
                "message": { "type": "string" },
            },
            "required": ["code", "message"],
        });
    }
}

/// The JSON schema of a request body, when the operation has one.
pub(super) fn request_pointer(operation: &Value, at: &str) -> Option<String> {
    operation["requestBody"]["content"].get("application/json")?;
    Some(format!("{at}/requestBody/content/application~1json/schema"))
}

/// Where the description of an answer is: by exact status, else by its class (`4XX`).
pub(super) fn response_key(operation: &Value, status: u16) -> Option<String> {
    let responses = operation.get("responses")?;
    let exact = status.to_string();
    let class = format!("{}XX", status / 100);
    [exact, class].into_iter().find(|key| responses.get(key).is_some())
}

/// A segment of a JSON pointer.
pub(super) fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}
