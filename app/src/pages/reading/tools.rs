//! The ways to other parts of a transcript: beginning, end, what is unread, a day, one person; and whose clock.

use domain::ids::MessageId;
use domain::time::Millis;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::prelude::*;
use wardesk_core::transcripts::{Participant, TranscriptHeader};
use words::Words;

use super::address::{Reading, UTC};
use crate::ui::{Alert, Button, Field, LinkButton, Select, SelectOption, Tone};

/// How somebody is called here.
pub fn name(w: Words, person: &Participant) -> String {
    person.name.clone().unwrap_or_else(|| crate::pages::nameless(w, person.user))
}

/// A day as forms take it, in a zone.
fn day(at: Millis, zone: &str) -> Option<String> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Some(Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone).date().to_string())
}

/// What the opener has not read yet, for them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Somebody else reads.
    NotTheirs,
    /// From this message on.
    From(MessageId),
    /// Nothing.
    Nothing,
}

fn jumps(w: Words, reading: &Reading, unread: Unread) -> impl IntoView + use<> {
    let unread_way = match unread {
        Unread::From(message) => Some(view! {
            <LinkButton href=reading.at(message) small=true>{w.transcripts_go_unread()}</LinkButton>
        }),
        Unread::NotTheirs | Unread::Nothing => None,
    };
    let meaning = match unread {
        Unread::NotTheirs => None,
        Unread::From(_) => Some(w.transcripts_unread_meaning()),
        Unread::Nothing => Some(w.transcripts_unread_nothing()),
    };
    view! {
        <nav class="row" aria-label=w.transcripts_ways()>
            <LinkButton href=reading.first() small=true>{w.transcripts_go_first()}</LinkButton>
            {unread_way}
            <LinkButton href=reading.last() small=true>{w.transcripts_go_last()}</LinkButton>
            <button type="button" class="button button-quiet button-small needs-script reading-keys" id="show-keys" popovertarget="keys">
                {w.transcripts_keys()}
            </button>
        </nav>
        {meaning.map(|words| view! { <p class="faint">{words}</p> })}
    }
}

fn people(w: Words, header: &TranscriptHeader) -> Vec<SelectOption> {
    let mut people: Vec<_> = header
        .participants
        .iter()
        // The bot's messages are found under the opener, in whose name it writes.
        .filter(|person| !person.bot)
        .map(|person| SelectOption::new(person.user.to_string(), name(w, person)))
        .collect();
    people.sort_by_key(|option| option.label.to_lowercase());
    people.insert(0, SelectOption::new("", w.transcripts_by_everyone()));
    people
}

fn zones(w: Words, reading: &Reading, server_zone: &str) -> Vec<SelectOption> {
    let mut zones = vec![SelectOption::new("", w.transcripts_zone_server(server_zone))];
    if server_zone != UTC {
        zones.push(SelectOption::new(UTC, UTC));
    }
    if let Some(chosen) = reading.chosen_zone().filter(|zone| *zone != UTC) {
        zones.push(SelectOption::new(chosen, chosen));
    }
    zones
}

/// The ways, and the form of the rest.
pub fn tools(
    w: Words,
    reading: &Reading,
    header: &TranscriptHeader,
    server_zone: &str,
    (first_shown, unread): (Option<MessageId>, Unread),
    now: Millis,
) -> impl IntoView + use<> {
    let by = reading.by.map(|user| user.to_string()).unwrap_or_default();
    let only = reading.by.map(|user| {
        let person = header.participants.iter().find(|person| person.user == user);
        let who = person.map_or_else(|| w.common_unknown_person().to_owned(), |p| name(w, p));
        let everybody = reading.of_everybody(first_shown);
        view! {
            <Alert tone=Tone::Info>
                <p>{w.transcripts_only(who)}</p>
                <p><a href=everybody>{w.transcripts_only_end()}</a></p>
            </Alert>
        }
    });
    // What the form does not ask for stays as it is: the place, and how much is shown.
    let hidden = reading
        .kept(None)
        .into_iter()
        .filter(|(name, _)| *name == "size")
        .chain(first_shown.map(|message| ("at", message.to_string())))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    let (earliest, latest) = (
        day(header.created_at, &reading.zone),
        day(header.closed_at.unwrap_or(now), &reading.zone),
    );
    let date = reading.date.map(|date| date.to_string());
    let open = reading.by.is_some() || reading.date.is_some() || reading.chosen_zone().is_some();
    view! {
        <div class="stack-s reading-tools">
            {jumps(w, reading, unread)}
            <details class="reading-form" open=open>
                <summary>{w.transcripts_tools()}</summary>
                <form method="get" action=format!("{}#messages", reading.path)>
                    {hidden}
                    <Field id="date" label=w.transcripts_go_date()>
                        <input class="input" type="date" id="date" name="date" value=date min=earliest max=latest/>
                    </Field>
                    <Select name="by" label=w.transcripts_by() value=by options=people(w, header)/>
                    <Select name="zone" label=w.transcripts_zone() value=reading.chosen_zone().unwrap_or_default() options=zones(w, reading, server_zone)/>
                    <Button>{w.transcripts_tools_show()}</Button>
                </form>
            </details>
        </div>
        {only}
    }
}
