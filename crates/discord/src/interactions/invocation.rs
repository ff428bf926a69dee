//! `/ticket` was invoked.

use domain::ids::{PanelId, UserId};
use domain::tickets::{Priority, Refusal};
use serde_json::{Value, json};
use serenity::all::{CommandData, CommandDataOption, CommandDataOptionValue};
use wardesk_core::tickets::custom_id::CustomId;
use wardesk_core::tickets::{by_channel, messages, panels};

use super::acting::Visit;
use super::answer::Answerer;
use super::ticket::{self, Deed};
use super::{Desk, commands, opening, texts};

/// Buttons of a row, and rows of a message.
const ROW: usize = 5;

/// Characters of a button's label.
const LABEL: usize = 80;

pub(super) async fn invoked(desk: &Desk, answerer: &Answerer, visit: Visit, data: &CommandData) {
    let Some((name, options)) = subcommand(data) else {
        let words = visit.words(&desk.w).await;
        return answerer.say(words.bot_failed()).await;
    };
    let deed = match name {
        commands::OPEN => return open(desk, answerer, visit, text(options, commands::PANEL)).await,
        commands::CLAIM => Some(Deed::Claim),
        commands::UNCLAIM => Some(Deed::Unclaim),
        commands::CLOSE => Some(Deed::Close(text(options, commands::REASON).map(str::to_owned))),
        commands::ADD => user(options).map(Deed::Add),
        commands::REMOVE => user(options).map(Deed::Remove),
        commands::PRIORITY => {
            text(options, commands::LEVEL).and_then(Priority::parse).map(Deed::Prioritise)
        }
        commands::MOVE => {
            return move_to(desk, answerer, visit, text(options, commands::PANEL)).await;
        }
        _ => None,
    };
    match (by_channel(&desk.w, visit.channel), deed) {
        (Some(id), Some(deed)) => ticket::act(desk, answerer, visit, id, deed, false).await,
        (None, _) => not_a_ticket(desk, answerer, &visit).await,
        (Some(_), None) => {
            let words = visit.words(&desk.w).await;
            answerer.say(words.bot_failed()).await;
        }
    }
}

async fn not_a_ticket(desk: &Desk, answerer: &Answerer, visit: &Visit) {
    let words = visit.words(&desk.w).await;
    answerer.say(&messages::refusal(words, Refusal::NotATicket)).await;
}

/// Moves by the panel's id or name.
async fn move_to(desk: &Desk, answerer: &Answerer, visit: Visit, wanted: Option<&str>) {
    let Some(ticket) = by_channel(&desk.w, visit.channel) else {
        return not_a_ticket(desk, answerer, &visit).await;
    };
    let words = visit.words(&desk.w).await;
    let all = match answerer.in_time(panels::names(&desk.w, visit.guild)).await {
        Some(Ok(all)) => all,
        Some(Err(error)) => return answerer.say(&texts::failure(&desk.w, words, &error)).await,
        None => return answerer.say(words.bot_slow()).await,
    };
    match wanted.and_then(|wanted| named(&all, wanted)) {
        Some(panel) => {
            ticket::act(desk, answerer, visit, ticket, Deed::Move(panel), false).await;
        }
        None => answerer.say(words.bot_refused_no_such_panel()).await,
    }
}

/// The panel that is meant: by its id (a suggestion was taken) or its name.
fn named(all: &[(PanelId, String)], wanted: &str) -> Option<PanelId> {
    let wanted = wanted.trim();
    let by_id = wanted.parse::<PanelId>().ok();
    let found =
        all.iter().find(|(id, name)| Some(*id) == by_id || name.eq_ignore_ascii_case(wanted));
    found.map(|(id, _)| *id)
}

/// Opens by the panel's id (a suggestion was taken) or name; without either, by the only panel, or
/// by buttons to choose from.
async fn open(desk: &Desk, answerer: &Answerer, visit: Visit, wanted: Option<&str>) {
    let words = visit.words(&desk.w).await;
    let all = match answerer.in_time(panels::offered(&desk.w, visit.guild, &visit.member)).await {
        Some(Ok(all)) => all,
        Some(Err(error)) => return answerer.say(&texts::failure(&desk.w, words, &error)).await,
        None => return answerer.say(words.bot_slow()).await,
    };
    match (wanted.and_then(|wanted| named(&all, wanted)), all.as_slice()) {
        (Some(panel), _) | (None, &[(panel, _)]) => {
            opening::start(desk, answerer, visit, panel).await;
        }
        (None, []) => answerer.say(words.bot_no_panels()).await,
        (None, several) => answerer.offer(words.bot_command_open_panel(), buttons(several)).await,
    }
}

fn buttons(panels: &[(PanelId, String)]) -> Value {
    let button = |(id, name): &(PanelId, String)| {
        let label: String = name.chars().take(LABEL).collect();
        json!({ "type": 2, "style": 2, "label": label, "custom_id": CustomId::Open(*id).to_string() })
    };
    let rows = panels.chunks(ROW).take(ROW);
    rows.map(|row| json!({ "type": 1, "components": row.iter().map(button).collect::<Vec<_>>() }))
        .collect()
}

/// The subcommand and its options.
pub(super) fn subcommand(data: &CommandData) -> Option<(&str, &[CommandDataOption])> {
    let option = data.options.first()?;
    match &option.value {
        CommandDataOptionValue::SubCommand(options) => Some((option.name.as_str(), options)),
        _ => None,
    }
}

fn text<'a>(options: &'a [CommandDataOption], name: &str) -> Option<&'a str> {
    options.iter().find(|o| o.name == name)?.value.as_str()
}

fn user(options: &[CommandDataOption]) -> Option<UserId> {
    let option = options.iter().find(|o| o.name == commands::MEMBER)?;
    UserId::new(option.value.as_user_id()?.get().cast_signed()).ok()
}
