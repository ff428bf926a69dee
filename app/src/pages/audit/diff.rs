//! What an entry of the audit log changed, field by field.

use std::collections::HashMap;

use domain::licences::{Source, Status};
use domain::locale::Locale;
use domain::transcripts::Retention;
use leptos::prelude::*;
use serde_json::{Map, Value};
use wardesk_core::guilds::Choices;
use words::Words;

use crate::pages::settings::retention_name;
use crate::pages::subscription::source;

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

/// A value for people: text as it is, nothing as `None`, of a question what it asks.
fn text(w: Words, value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::Bool(true) => Some(w.common_yes().to_owned()),
        Value::Bool(false) => Some(w.common_no().to_owned()),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(all) if all.is_empty() => None,
        Value::Array(all) => {
            let lines = all.iter().map(|v| text(w, Some(v)).unwrap_or_default());
            Some(lines.collect::<Vec<_>>().join("\n"))
        }
        Value::Object(all) => {
            if let Some(Value::String(label)) = all.get("label") {
                return Some(label.clone());
            }
            let lines = all.iter().filter_map(|(k, v)| Some(format!("{k}: {}", text(w, Some(v))?)));
            Some(lines.collect::<Vec<_>>().join(", "))
        }
        other => Some(other.to_string()),
    }
}

fn object(json: Option<&str>) -> Map<String, Value> {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// The fields that differ between two JSON objects, in the order of their names.
pub(super) fn changes(w: Words, before: Option<&str>, after: Option<&str>) -> Vec<Change> {
    let (before, after) = (object(before), object(after));
    let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
        .into_iter()
        .filter_map(|field| {
            let (old, new) = (before.get(field), after.get(field));
            let change = Change { field: field.clone(), before: text(w, old), after: text(w, new) };
            // Of a question more may have changed than what it asks. No form before is none after.
            let asks = change.before.is_some() && field == "questions";
            let differs = change.before != change.after || (asks && old != new);
            differs.then_some(change)
        })
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
    fn read(&self, w: Words, field: &str, text: &str) -> String {
        if let Some(said) = code(w, field, text) {
            return said;
        }
        if field == "colour"
            && let Ok(colour) = text.parse::<u32>()
        {
            return format!("#{colour:06x}");
        }
        let line = |line| self.0.get(line).map_or(line, String::as_str);
        text.split('\n').map(line).collect::<Vec<_>>().join("\n")
    }
}

/// What a field holds that knows but a few words, as its form and its page say it.
fn code(w: Words, field: &str, word: &str) -> Option<String> {
    match field {
        "retention" => Retention::parse(word).map(|kept| retention_name(w, kept)),
        "locale" => Locale::from_tag(word).map(|locale| locale.own_name().to_owned()),
        "source" => Source::parse(word).map(|from| source(w, from).to_owned()),
        "status" => Status::parse(word).map(|status| {
            let said = match status {
                Status::Active => w.licences_counts_too(),
                Status::Suspended => w.licences_suspended(),
                Status::Revoked => w.licences_revoked(),
                Status::Ended => w.licences_ended(),
            };
            said.to_owned()
        }),
        _ => None,
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
                let text = things.read(w, &change.field, &text);
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

    const EN: Words = Words::new(Locale::En);

    #[test]
    fn only_what_differs_is_listed() {
        let before = r#"{"name":"Help","roles":["1","2"],"channel":null,"same":3}"#;
        let after = r#"{"name":"Help desk","roles":["2"],"channel":"9","same":3}"#;
        let seen: Vec<_> = changes(EN, Some(before), Some(after))
            .into_iter()
            .map(|c| (c.field, c.before.unwrap_or_default(), c.after.unwrap_or_default()))
            .collect();
        let owned = |[a, b, c]: [&str; 3]| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            seen,
            [["channel", "", "9"], ["name", "Help", "Help desk"], ["roles", "1\n2", "2"]]
                .map(owned)
        );
        assert!(changes(EN, None, None).is_empty());
        assert!(changes(EN, Some(after), Some(after)).is_empty());
    }

    #[test]
    fn what_is_stored_as_a_code_is_said_in_words() {
        let before = r#"{"keep_deleted":true,"questions":[{"label":"Why?","required":true}]}"#;
        let after = r#"{"keep_deleted":false,"questions":[{"label":"Why?","required":false}]}"#;
        let seen: Vec<_> = changes(EN, Some(before), Some(after))
            .into_iter()
            .map(|c| (c.before.unwrap_or_default(), c.after.unwrap_or_default()))
            .collect();
        let owned = |[a, b]: [&str; 2]| (a.to_owned(), b.to_owned());
        assert_eq!(seen, [["Yes", "No"], ["Why?", "Why?"]].map(owned));
        let things = Things(HashMap::new());
        for (field, word, said) in [
            ("retention", "for_ever", EN.guilds_retention_for_ever()),
            ("locale", "de", "Deutsch"),
            ("source", "gift", EN.licences_source_gift()),
            ("status", "revoked", EN.licences_revoked()),
            ("status", "unheard", "unheard"),
            ("name", "de", "de"),
        ] {
            assert_eq!(things.read(EN, field, word), said, "{field}");
        }
    }
}
