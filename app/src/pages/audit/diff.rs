//! What an entry of the audit log changed, field by field.

use std::collections::HashMap;

use leptos::prelude::*;
use serde_json::{Map, Value};
use wardesk_core::guilds::Choices;
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

/// The names of roles and channels by their ids, as texts of an entry hold them.
pub(super) struct Things(HashMap<String, String>);

impl Things {
    /// Those that the server has now; what was deleted since keeps its id.
    pub(super) fn new(choices: &Choices) -> Self {
        let roles = choices.roles.iter().map(|r| (r.id.to_string(), format!("@{}", r.name)));
        let categories = choices.categories.iter().map(|c| (c.id.to_string(), c.name.clone()));
        let channels =
            choices.text_channels.iter().map(|c| (c.id.to_string(), format!("#{}", c.name)));
        Self(roles.chain(categories).chain(channels).collect())
    }

    /// What a field holds, for people.
    fn read(&self, field: &str, text: &str) -> String {
        if field == "colour"
            && let Ok(colour) = text.parse::<u32>()
        {
            return format!("#{colour:06x}");
        }
        let line = |line| self.0.get(line).map_or(line, String::as_str);
        text.split('\n').map(line).collect::<Vec<_>>().join("\n")
    }
}

/// The name of a field, as its form calls it; the field itself where there is none.
fn label(w: Words, field: &str) -> &str {
    match field {
        "support_roles" => w.guilds_support_roles(),
        "ticket_category" => w.guilds_ticket_category(),
        "transcript_channel" => w.guilds_transcript_channel(),
        "log_channel" => w.guilds_log_channel(),
        "locale" => w.guilds_locale(),
        "time_zone" => w.guilds_time_zone(),
        "reader_roles" => w.guilds_reader_roles(),
        "retention" => w.guilds_retention(),
        "members_read" => w.guilds_members_read(),
        "keep_deleted" => w.guilds_keep_deleted(),
        "share_links" => w.guilds_share_links(),
        "opener_shares" => w.guilds_opener_shares(),
        "plan" => w.audit_licence_plan(),
        "source" => w.audit_licence_source(),
        "status" => w.audit_licence_status(),
        "expires" => w.audit_licence_expires(),
        "grace_until" => w.audit_licence_grace_until(),
        "name" => w.panels_name(),
        "channel" => w.panels_channel(),
        "title" => w.panels_heading(),
        "text" => w.panels_body(),
        "colour" => w.panels_colour(),
        "button_label" => w.panels_button_label(),
        "button_emoji" => w.panels_button_emoji(),
        "welcome" => w.panels_welcome(),
        "questions" => w.panels_form(),
        other => other,
    }
}

/// The changes as a list.
pub(super) fn list(w: Words, changes: Vec<Change>, things: &Things) -> impl IntoView + use<> {
    let entries = changes
        .into_iter()
        .map(|change| {
            let side = |label: &'static str, text: String| {
                let text = things.read(&change.field, &text);
                view! { <span class="visually-hidden">{label}": "</span>{text} }
            };
            view! {
                <div>
                    <dt>{label(w, &change.field).to_owned()}</dt>
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
