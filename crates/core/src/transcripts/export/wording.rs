//! What stands above and below an export, in words and as JSON.

use std::collections::{BTreeSet, HashMap};

use domain::ids::UserId;
use domain::tickets::TicketState;
use domain::time::Millis;
use transcript::export::json::{self, Head, Named, RoleFacts, Someone};
use transcript::export::{Back, Front, moment};
use transcript::{FileCopy, Snowflake};
use words::Words;

use super::super::names::ServerNames;
use super::super::read::{Participant, TranscriptHeader};
use super::Wish;

/// What an export met on its way.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Messages.
    pub messages: u64,
    /// Copies that are damaged.
    pub damaged: u64,
    /// Files that were not copied.
    absent: u64,
    /// Files that are still being copied.
    pending: u64,
}

impl Tally {
    /// Takes note of the files of a page.
    pub(super) fn note(&mut self, files: &HashMap<Snowflake, FileCopy>) {
        for copy in files.values() {
            match copy {
                FileCopy::Damaged => self.damaged += 1,
                FileCopy::TooLarge | FileCopy::NoRoom | FileCopy::Missing => self.absent += 1,
                FileCopy::Pending => self.pending += 1,
                _ => {}
            }
        }
    }
}

fn name(w: Words, person: &Participant) -> String {
    person.name.clone().unwrap_or_else(|| w.common_unknown_person().to_owned())
}

/// What stands above it.
pub(super) fn front(header: &TranscriptHeader, wish: &Wish, now: Millis) -> Front {
    let w = wish.words;
    let when = |at: Millis| moment(&wish.labels, &wish.zone, at.0);
    let state = match header.state {
        TicketState::Opening => w.tickets_state_opening(),
        TicketState::Open => w.tickets_state_open(),
        TicketState::Closing => w.tickets_state_closing(),
        TicketState::Closed => w.tickets_state_closed(),
        TicketState::Failed => w.tickets_state_failed(),
    };
    let mut facts = vec![
        (w.transcripts_server(), header.guild_name.clone()),
        (w.transcripts_panel(), header.panel.clone()),
        (w.exports_state(), state.to_owned()),
        (
            w.transcripts_opened_by(),
            format!("{} · {}", name(w, &header.opener), when(header.created_at)),
        ),
    ];
    if let Some(at) = header.closed_at {
        let by = header.closed_by.as_ref();
        let by = by.map_or_else(|| w.tickets_the_bot().to_owned(), |person| name(w, person));
        facts.push((w.transcripts_closed_by(), format!("{by} · {}", when(at))));
    }
    let people: BTreeSet<String> = header.participants.iter().map(|p| name(w, p)).collect();
    let people: Vec<String> = people.into_iter().collect();
    facts.push((w.transcripts_participants(), people.join(", ")));
    facts.push((w.exports_zone(), wish.zone_name.clone()));
    facts.push((w.exports_made(), when(now)));
    let known = facts.into_iter().filter(|(_, value)| !value.is_empty());
    Front {
        language: w.locale().tag(),
        title: w.transcripts_of(header.number),
        facts: known.map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// What stands below it.
pub(super) fn back(tally: &Tally, wish: &Wish) -> Back {
    let w = wish.words;
    let mut lines = vec![w.exports_end(tally.messages)];
    if tally.damaged > 0 {
        lines.push(w.exports_damaged(tally.damaged));
    }
    if tally.absent > 0 {
        lines.push(w.exports_absent(tally.absent));
    }
    if tally.pending > 0 {
        lines.push(w.exports_pending(tally.pending));
    }
    if wish.format.has_media() {
        lines.push(w.exports_no_scripts().to_owned());
    }
    Back { lines }
}

fn someone(person: &Participant) -> Someone {
    Someone { id: person.user.to_string(), name: person.name.clone(), bot: person.bot }
}

/// What a JSON file begins with.
pub(super) fn head(header: &TranscriptHeader, names: &ServerNames, now: Millis) -> Head {
    let when = |at: Millis| json::moment(at.0).unwrap_or_default();
    let mut people: Vec<Someone> = header.participants.iter().map(someone).collect();
    let known: BTreeSet<UserId> = header.participants.iter().map(|p| p.user).collect();
    let others = std::iter::once(&header.opener).chain(&header.closed_by);
    people.extend(others.filter(|p| !known.contains(&p.user)).map(someone));
    let mut roles: Vec<RoleFacts> = names
        .roles
        .iter()
        .map(|(id, (name, colour))| RoleFacts {
            id: id.to_string(),
            name: name.clone(),
            colour: (*colour != 0).then(|| format!("#{:06x}", colour & 0x00ff_ffff)),
            position: names.positions.get(id).copied().unwrap_or_default(),
        })
        .collect();
    roles.sort_by_key(|role| std::cmp::Reverse(role.position));
    let channel = |(id, name): (&i64, &String)| Named { id: id.to_string(), name: name.clone() };
    Head {
        exported_at: when(now),
        ticket: json::Ticket {
            id: header.ticket.to_string(),
            number: header.number,
            state: header.state.as_str().to_owned(),
            server: Named { id: header.guild.to_string(), name: header.guild_name.clone() },
            panel: header.panel.clone(),
            opened_by: someone(&header.opener),
            opened_at: when(header.created_at),
            closed_by: header.closed_by.as_ref().map(someone),
            closed_at: header.closed_at.map(when),
        },
        people,
        roles,
        channels: names.channels.iter().map(channel).collect(),
    }
}
