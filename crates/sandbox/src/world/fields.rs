//! Reading request bodies: Discord takes numbers as strings and the reverse.

use serde_json::Value;

use crate::id::Id;
use crate::permissions::Permissions;

/// A text field; `None` when absent, null or not a text.
pub fn text<'a>(body: &'a Value, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str)
}

/// A snowflake, as a string or a number.
pub fn id(body: &Value, key: &str) -> Option<Id> {
    body.get(key).and_then(as_id)
}

/// A value as a snowflake.
pub fn as_id(value: &Value) -> Option<Id> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64().map(Id),
        _ => None,
    }
}

/// A list of snowflakes; `None` when the field is absent or null.
pub fn ids(body: &Value, key: &str) -> Option<Vec<Id>> {
    body.get(key).and_then(Value::as_array).map(|list| list.iter().filter_map(as_id).collect())
}

/// An integer, as a number or a string that parses as one.
pub fn int(body: &Value, key: &str) -> Option<i64> {
    match body.get(key)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// An unsigned integer, as [`int`].
pub fn uint(body: &Value, key: &str) -> Option<u64> {
    match body.get(key)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Permission bits: a decimal string or a number.
pub fn bits(body: &Value, key: &str) -> Option<Permissions> {
    uint(body, key)
}

/// A boolean.
pub fn flag(body: &Value, key: &str) -> Option<bool> {
    body.get(key).and_then(Value::as_bool)
}

/// Whether the field is there, null included.
pub fn has(body: &Value, key: &str) -> bool {
    body.get(key).is_some()
}

/// A list; empty when absent or null.
pub fn list<'a>(body: &'a Value, key: &str) -> &'a [Value] {
    body.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
