//! Suggestions for the panel of `/ticket open` and `/ticket move`.

use domain::access::Capability;
use serde_json::json;
use serenity::all::{CommandData, CommandDataOptionValue};
use wardesk_core::tickets::panels;

use super::acting::Visit;
use super::answer::Answerer;
use super::{Desk, commands, invocation};

/// Suggestions of an answer, and characters of one. Source: Discord API documentation, "Autocomplete".
const MOST: usize = 25;
const NAME: usize = 100;

pub(super) async fn suggest(desk: &Desk, answerer: &Answerer, visit: Visit, data: &CommandData) {
    let command = invocation::subcommand(data);
    let moves = command.is_some_and(|(name, _)| name == commands::MOVE);
    let typed = command
        .and_then(|(_, options)| {
            options.iter().find_map(|option| match &option.value {
                CommandDataOptionValue::Autocomplete { value, .. } => Some(value.to_lowercase()),
                _ => None,
            })
        })
        .unwrap_or_default();
    let names = async {
        // Whoever works on tickets moves them to any panel; others learn of those alone that they see.
        let works =
            visit.access(&desk.w).await.is_ok_and(|a| a.capabilities().has(Capability::See));
        if moves && works {
            panels::names(&desk.w, visit.guild).await
        } else {
            panels::offered(&desk.w, visit.guild, &visit.member).await
        }
    };
    let panels = answerer.in_time(names).await.and_then(Result::ok).unwrap_or_default();
    let choices = panels
        .iter()
        .filter(|(_, name)| name.to_lowercase().contains(&typed))
        .take(MOST)
        .map(|(id, name)| {
            let name: String = name.chars().take(NAME).collect();
            json!({ "name": name, "value": id })
        })
        .collect();
    answerer.suggest(choices).await;
}
