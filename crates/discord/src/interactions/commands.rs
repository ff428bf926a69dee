//! What `/ticket` and `/privacy` look like, in every language.
//!
//! Source: Discord API documentation, "Application Commands".

use domain::locale::Locale;
use domain::tickets::{Priority, REASON_LIMIT};
use serde_json::{Map, Value, json};
use words::Words;

use crate::rest::Rest;

pub(super) const PRIVACY: &str = "privacy";
pub(super) const OPEN: &str = "open";
pub(super) const CLOSE: &str = "close";
pub(super) const CLAIM: &str = "claim";
pub(super) const UNCLAIM: &str = "unclaim";
pub(super) const ADD: &str = "add";
pub(super) const REMOVE: &str = "remove";
pub(super) const PANEL: &str = "panel";
pub(super) const REASON: &str = "reason";
pub(super) const MEMBER: &str = "member";
pub(super) const PRIORITY: &str = "priority";
pub(super) const LEVEL: &str = "level";
pub(super) const MOVE: &str = "move";

/// Discord's numbers of the kinds of options.
mod kind {
    pub(super) const SUBCOMMAND: u8 = 1;
    pub(super) const TEXT: u8 = 3;
    pub(super) const USER: u8 = 6;
}

type Text = fn(&Words) -> &'static str;

/// Replaces the application's commands by ours, unless they are there: every READY asks, and Discord
/// limits how many are made in a day.
pub(crate) async fn register(rest: &Rest) {
    let ours = definition();
    let result = match rest.commands().await {
        Ok(there) if says(&there, &ours) => return,
        Ok(_) => rest.set_commands(&ours).await,
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        tracing::warn!(%error, "the slash commands could not be registered");
    }
}

/// Whether Discord's answer says what we said. Discord adds fields, and leaves out what is empty or off.
fn says(there: &Value, ours: &Value) -> bool {
    match (there, ours) {
        (Value::Object(there), Value::Object(ours)) => {
            let options = |map: &Map<String, Value>| {
                map.get("options").and_then(Value::as_array).map_or(0, Vec::len)
            };
            options(there) == options(ours)
                && ours.iter().all(|(key, wanted)| match there.get(key) {
                    Some(found) => says(found, wanted),
                    None => wanted == &Value::Bool(false),
                })
        }
        (Value::Array(there), Value::Array(ours)) => {
            there.len() == ours.len() && there.iter().zip(ours).all(|(t, o)| says(t, o))
        }
        (there, ours) => there == ours,
    }
}

fn definition() -> Value {
    let options = [
        sub(
            OPEN,
            |w| w.bot_command_open_name(),
            |w| w.bot_command_open(),
            vec![option(
                kind::TEXT,
                PANEL,
                |w| w.bot_command_open_panel_name(),
                |w| w.bot_command_open_panel(),
                &[("autocomplete", json!(true))],
            )],
        ),
        sub(
            CLOSE,
            |w| w.bot_command_close_name(),
            |w| w.bot_command_close(),
            vec![option(
                kind::TEXT,
                REASON,
                |w| w.bot_command_close_reason_name(),
                |w| w.bot_command_close_reason(),
                &[("max_length", json!(REASON_LIMIT))],
            )],
        ),
        sub(CLAIM, |w| w.bot_command_claim_name(), |w| w.bot_command_claim(), vec![]),
        sub(UNCLAIM, |w| w.bot_command_unclaim_name(), |w| w.bot_command_unclaim(), vec![]),
        sub(
            ADD,
            |w| w.bot_command_add_name(),
            |w| w.bot_command_add(),
            vec![option(
                kind::USER,
                MEMBER,
                |w| w.bot_command_add_member_name(),
                |w| w.bot_command_add_member(),
                &[("required", json!(true))],
            )],
        ),
        sub(
            REMOVE,
            |w| w.bot_command_remove_name(),
            |w| w.bot_command_remove(),
            vec![option(
                kind::USER,
                MEMBER,
                |w| w.bot_command_remove_member_name(),
                |w| w.bot_command_remove_member(),
                &[("required", json!(true))],
            )],
        ),
        sub(
            PRIORITY,
            |w| w.bot_command_priority_name(),
            |w| w.bot_command_priority(),
            vec![option(
                kind::TEXT,
                LEVEL,
                |w| w.bot_command_priority_level_name(),
                |w| w.bot_command_priority_level(),
                &[("required", json!(true)), ("choices", Priority::ALL.map(choice).into())],
            )],
        ),
        sub(
            MOVE,
            |w| w.bot_command_move_name(),
            |w| w.bot_command_move(),
            vec![option(
                kind::TEXT,
                PANEL,
                |w| w.bot_command_move_panel_name(),
                |w| w.bot_command_move_panel(),
                &[("required", json!(true)), ("autocomplete", json!(true))],
            )],
        ),
    ];
    let mut ticket =
        entry(1, "ticket", |w| w.bot_command_ticket_name(), |w| w.bot_command_ticket());
    ticket["options"] = options.into_iter().collect();
    // On servers only: tickets belong to one.
    ticket["contexts"] = json!([0]);
    ticket["integration_types"] = json!([0]);
    let mut privacy = entry(1, PRIVACY, |w| w.requests_command_name(), |w| w.requests_command());
    // Also in the bot's own direct messages: what it answers belongs to no server.
    privacy["contexts"] = json!([0, 1]);
    privacy["integration_types"] = json!([0]);
    json!([ticket, privacy])
}

fn sub(name: &str, shown: Text, text: Text, options: Vec<Value>) -> Value {
    let mut entry = entry(kind::SUBCOMMAND, name, shown, text);
    if !options.is_empty() {
        entry["options"] = Value::Array(options);
    }
    entry
}

fn option(kind: u8, name: &str, shown: Text, text: Text, more: &[(&str, Value)]) -> Value {
    let mut entry = entry(kind, name, shown, text);
    for (key, value) in more {
        entry[*key] = value.clone();
    }
    entry
}

/// A text in every language, by Discord's tags.
fn everywhere(text: Text) -> Map<String, Value> {
    let tagged = Locale::ALL.into_iter().flat_map(|locale| {
        let said = text(&Words::new(locale));
        tags(locale).iter().map(move |tag| ((*tag).to_owned(), json!(said)))
    });
    tagged.collect()
}

/// A priority to choose.
fn choice(priority: Priority) -> Value {
    let name: Text = match priority {
        Priority::Low => |w| w.tickets_priority_low(),
        Priority::Normal => |w| w.tickets_priority_normal(),
        Priority::High => |w| w.tickets_priority_high(),
        Priority::Urgent => |w| w.tickets_priority_urgent(),
    };
    json!({
        "name": name(&Words::new(Locale::En)),
        "name_localizations": everywhere(name),
        "value": priority.as_str(),
    })
}

fn entry(kind: u8, name: &str, shown: Text, text: Text) -> Value {
    json!({
        "type": kind,
        // The name by which the answer comes back, whatever language the person reads.
        "name": name,
        "name_localizations": everywhere(shown),
        "description": text(&Words::new(Locale::En)),
        "description_localizations": everywhere(text),
    })
}

/// Discord's tags for a language. Source: Discord API documentation, "Locales".
const fn tags(locale: Locale) -> &'static [&'static str] {
    match locale {
        Locale::En => &["en-US", "en-GB"],
        Locale::De => &["de"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::validation::discord_len;

    fn check(entry: &Value) {
        let names = entry["name_localizations"].as_object().unwrap().values();
        for name in names.chain([&entry["name"]]).map(|n| n.as_str().unwrap()) {
            assert!((1..=32).contains(&discord_len(name)), "{name}");
            assert!(name.chars().all(|c| c.is_lowercase() || c == '-'), "{name}");
        }
        let texts = entry["description_localizations"].as_object().unwrap().values();
        for text in texts.chain([&entry["description"]]).map(|t| t.as_str().unwrap()) {
            assert!((1..=100).contains(&discord_len(text)), "{text}");
        }
        let choices = entry["choices"].as_array();
        assert!(choices.is_none_or(|all| (1..=25).contains(&all.len())));
        for choice in choices.into_iter().flatten() {
            let shown = choice["name_localizations"].as_object().unwrap().values();
            for name in shown.chain([&choice["name"]]).map(|n| n.as_str().unwrap()) {
                assert!((1..=100).contains(&discord_len(name)), "{name}");
            }
        }
        for option in entry["options"].as_array().into_iter().flatten() {
            check(option);
        }
    }

    #[test]
    fn commands_are_compared_by_what_they_say() {
        let ours = definition();
        let mut there = ours.clone();
        there[0]["id"] = json!("1");
        there[0]["version"] = json!("2");
        there[0]["default_member_permissions"] = Value::Null;
        there[0]["options"][0]["required"] = json!(false);
        assert!(says(&there, &ours));
        for change in [
            |v: &mut Value| v[0]["description"] = json!("Other"),
            |v: &mut Value| v[0]["options"][0]["options"][0]["autocomplete"] = json!(false),
            |v: &mut Value| v[0]["description_localizations"]["de"] = json!("Anders"),
            |v: &mut Value| v[0]["name_localizations"] = Value::Null,
            |v: &mut Value| drop(v[0]["options"].as_array_mut().unwrap().pop()),
            |v: &mut Value| v[0]["options"][2]["options"] = json!([{ "name": "old" }]),
            |v: &mut Value| v.as_array_mut().unwrap().push(json!({ "name": "old" })),
            |v: &mut Value| *v = json!([]),
        ] {
            let mut changed = there.clone();
            change(&mut changed);
            assert!(!says(&changed, &ours), "{changed}");
        }
    }

    #[test]
    fn names_and_texts_are_within_discords_limits() {
        let commands = definition();
        assert_eq!(commands[0]["options"].as_array().unwrap().len(), 8);
        check(&commands[0]);
        check(&commands[1]);
    }
}
