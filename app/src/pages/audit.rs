//! The audit log of a server.

mod diff;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::access::Capability;
use domain::ids::UserId;
use domain::tickets::Priority;
use leptos::prelude::*;
use serde_json::Value;
use wardesk_core::audit::{self, AuditEntry};
use wardesk_core::guilds::{self, GuildAccess};
use words::Words;

use super::load::{Instead, broken, loaded};
use super::query::query;
use super::server::{self, Area};
use super::ticket_rows::priority_word;
use crate::context::words;
use crate::ui::{EmptyState, IconName, Pagination, Table, Time};

/// What a ticket's entries note beside the action.
struct TicketNote {
    number: String,
    member: Option<UserId>,
}

/// One word of what an entry notes of a ticket before or after.
fn noted(side: Option<&str>, field: &str) -> Option<String> {
    let note: Value = serde_json::from_str(side?).ok()?;
    note.get(field)?.as_str().map(str::to_owned)
}

/// The two sides of a change of a ticket's priority.
fn priorities(w: Words, entry: &AuditEntry) -> [&'static str; 2] {
    [entry.before.as_deref(), entry.after.as_deref()].map(|side| {
        let priority = noted(side, "priority").and_then(|word| Priority::parse(&word));
        priority_word(w, priority.unwrap_or_default())
    })
}

/// The two sides of a move of a ticket: what the panels were called then.
fn panels(entry: &AuditEntry) -> [String; 2] {
    [entry.before.as_deref(), entry.after.as_deref()]
        .map(|side| noted(side, "panel_name").unwrap_or_default())
}

fn ticket_note(entry: &AuditEntry) -> TicketNote {
    let note: Value =
        entry.after.as_deref().and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
    TicketNote {
        number: note.get("number").map(Value::to_string).unwrap_or_default(),
        member: note.get("member").and_then(Value::as_str).and_then(|id| id.parse().ok()),
    }
}

/// What was done, in words; the code itself for an action that has none.
fn action(w: Words, entry: &AuditEntry, names: &Names) -> String {
    let TicketNote { number, member } = ticket_note(entry);
    let member = member.map(|id| names.of(id)).unwrap_or_default();
    match entry.action.as_str() {
        "settings.saved" => w.audit_settings_saved().to_owned(),
        "panel.created" => w.audit_panel_created().to_owned(),
        "panel.saved" => w.audit_panel_saved().to_owned(),
        "panel.published" => w.audit_panel_published().to_owned(),
        "panel.removed" => w.audit_panel_removed().to_owned(),
        "ticket.opened" => w.audit_ticket_opened(number),
        "ticket.claimed" => w.audit_ticket_claimed(number),
        "ticket.unclaimed" => w.audit_ticket_unclaimed(number),
        "ticket.closed" => w.audit_ticket_closed(number),
        "ticket.member_added" => w.audit_ticket_member_added(member, number),
        "ticket.member_removed" => w.audit_ticket_member_removed(member, number),
        "ticket.priority" => {
            let [before, after] = priorities(w, entry);
            w.audit_ticket_priority(number, before, after)
        }
        "ticket.moved" => {
            let [before, after] = panels(entry);
            w.audit_ticket_moved(number, before, after)
        }
        "ticket.moved_back" => {
            let [before, after] = panels(entry);
            w.audit_ticket_moved_back(number, before, after)
        }
        "transcript.viewed" => w.audit_transcript_viewed(number),
        "privacy.answered" => w.requests_act_answered().to_owned(),
        "transcript.held" => w.audit_transcript_held(number),
        "transcript.released" => w.audit_transcript_released(number),
        "transcript.exported" => w.audit_transcript_exported(number),
        "transcript.message_redacted" => w.audit_transcript_message_redacted(number),
        "transcript.cards_redacted" => w.audit_transcript_cards_redacted(number),
        "transcript.emails_redacted" => w.audit_transcript_emails_redacted(number),
        "transcript.ibans_redacted" => w.audit_transcript_ibans_redacted(number),
        "transcript.words_redacted" => w.audit_transcript_words_redacted(number),
        "transcript.shared" => w.audit_transcript_shared(number),
        "transcript.shared_named" => w.audit_transcript_shared_named(number),
        "transcript.share_revoked" => w.audit_transcript_share_revoked(number),
        "transcript.share_viewed" => w.audit_transcript_share_viewed(number),
        "licence.issued" => w.audit_licence_issued().to_owned(),
        "licence.changed" => w.audit_licence_changed().to_owned(),
        "licence.extended" => w.audit_licence_extended().to_owned(),
        "licence.suspended" => w.audit_licence_suspended().to_owned(),
        "licence.resumed" => w.audit_licence_resumed().to_owned(),
        "licence.revoked" => w.audit_licence_revoked().to_owned(),
        "licence.ended" => w.audit_licence_ended().to_owned(),
        "licence.seat_given" => w.audit_licence_seat_given().to_owned(),
        "licence.seat_taken" => w.audit_licence_seat_taken().to_owned(),
        "privacy.erased" => w.audit_privacy_erased().to_owned(),
        "transcripts.searched" => w.audit_transcripts_searched().to_owned(),
        other => other.to_owned(),
    }
}

/// The names of the people in a page of the log.
#[derive(Default)]
struct Names(HashMap<UserId, String>);

impl Names {
    async fn learn(access: &GuildAccess, entries: &[AuditEntry]) -> Result<Self, Instead> {
        let mut names = HashMap::new();
        for entry in entries {
            for id in [entry.actor, ticket_note(entry).member].into_iter().flatten() {
                if let Entry::Vacant(place) = names.entry(id) {
                    let name = audit::name_of(access, id).await.map_err(|e| broken(&e))?;
                    place.insert(name.unwrap_or_else(|| super::number_of(words(), id)));
                }
            }
        }
        Ok(Self(names))
    }

    fn of(&self, id: UserId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| super::number_of(words(), id))
    }
}

/// The page `/servers/{guild}/audit`.
#[component]
pub fn Audit() -> impl IntoView {
    loaded(async move {
        let access = server::access(Capability::Configure).await?;
        let w = words();
        let place = server::place(&access).await?;
        let zone = access.time_zone().to_owned();
        let before = query("before").and_then(|b| b.parse::<i64>().ok());
        let entries = audit::list(&access, before).await?;
        let full = i64::try_from(entries.len()).unwrap_or(0) == audit::PAGE;
        let base = format!("/servers/{}/audit", access.guild());
        let older = entries.last().filter(|_| full).map(|e| format!("{base}?before={}", e.seq));
        let newer = before.map(|_| base.clone());
        let names = Names::learn(&access, &entries).await?;
        let things = diff::Things::new(&guilds::choices(&access).await?);
        let columns = [w.audit_column_when(), w.audit_column_who(), w.audit_column_what()];
        let none = entries.is_empty();
        let lines = entries.into_iter().map(|entry| {
            let nobody = if entry.action == "transcript.share_viewed" { w.audit_somebody() } else { w.tickets_the_bot() };
            let who = entry.actor.map_or_else(|| nobody.to_owned(), |id| names.of(id));
            let what = action(w, &entry, &names);
            // The words say all that such an entry notes.
            let told = ["ticket.", "transcript."].iter().any(|of| entry.action.starts_with(of));
            let changes = if told { Vec::new() } else { diff::changes(w, entry.before.as_deref(), entry.after.as_deref()) };
            view! {
                <tr>
                    <td data-label=columns[0] class="narrow"><Time at=entry.at zone=zone.clone()/></td>
                    <td data-label=columns[1]>{who}</td>
                    <td data-label=columns[2]>
                        {if changes.is_empty() {
                            what.into_any()
                        } else {
                            view! {
                                <details class="audit-details">
                                    <summary>{what}</summary>
                                    {diff::list(w, changes, &things)}
                                </details>
                            }.into_any()
                        }}
                    </td>
                </tr>
            }
        }).collect_view();
        let names = columns.map(str::to_owned).to_vec();
        let body = view! {
            <div class="page-head"><div><h1>{w.audit_title()}</h1><p class="lede">{w.audit_text()}</p></div></div>
            {if none {
                view! { <EmptyState icon=IconName::Logs title=w.audit_none_title() text=w.audit_none_text()/> }.into_any()
            } else {
                view! { <Table caption=w.audit_title() columns=names>{lines}</Table> }.into_any()
            }}
            <Pagination newer=newer older=older/>
        };
        Ok(server::frame(&access, place, Area::Audit, w.audit_title().to_owned(), body))
    })
}
