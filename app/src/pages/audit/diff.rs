//! What an entry of the audit log changed, field by field.

use leptos::prelude::*;
use serde_json::{Map, Value};
use words::Words;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// The field, as the entry's JSON names it.
    field: String,
    /// What it held; `None` if there was nothing.
    before: Option<String>,
    /// What it holds; `None` if there is nothing.
    after: Option<String>,
}

/// A value for people: text as it is, nothing as `None`.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(all) if all.is_empty() => None,
        Value::Array(all) => {
            let lines = all.iter().map(|v| text(Some(v)).unwrap_or_default());
            Some(lines.collect::<Vec<_>>().join("\n"))
        }
        Value::Object(all) => {
            let lines = all.iter().filter_map(|(k, v)| Some(format!("{k}: {}", text(Some(v))?)));
            Some(lines.collect::<Vec<_>>().join(", "))
        }
        other => Some(other.to_string()),
    }
}

fn object(json: Option<&str>) -> Map<String, Value> {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// The fields that differ between two JSON objects, in the order of their names.
pub(super) fn changes(before: Option<&str>, after: Option<&str>) -> Vec<Change> {
    let (before, after) = (object(before), object(after));
    let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
        .into_iter()
        .map(|field| {
            let (old, new) = (text(before.get(field)), text(after.get(field)));
            Change { field: field.clone(), before: old, after: new }
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// The changes as a list.
pub(super) fn table(w: Words, changes: Vec<Change>) -> impl IntoView {
    let entries = changes
        .into_iter()
        .map(|change| {
            let side = |label: &'static str, text: String| {
                view! { <span class="visually-hidden">{label}": "</span>{text} }
            };
            view! {
                <div>
                    <dt><code>{change.field}</code></dt>
                    <dd>
                        {change.before.map(|text| view! { <del>{side(w.audit_before(), text)}</del> })}
                        {change.after.map(|text| view! { <ins>{side(w.audit_after(), text)}</ins> })}
                    </dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="diff">{entries}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_listed() {
        let before = r#"{"name":"Help","roles":["1","2"],"channel":null,"same":3}"#;
        let after = r#"{"name":"Help desk","roles":["2"],"channel":"9","same":3}"#;
        let seen: Vec<_> = changes(Some(before), Some(after))
            .into_iter()
            .map(|c| (c.field, c.before.unwrap_or_default(), c.after.unwrap_or_default()))
            .collect();
        let owned = |[a, b, c]: [&str; 3]| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            seen,
            [["channel", "", "9"], ["name", "Help", "Help desk"], ["roles", "1\n2", "2"]]
                .map(owned)
        );
        assert!(changes(None, None).is_empty());
        assert!(changes(Some(after), Some(after)).is_empty());
    }
}
