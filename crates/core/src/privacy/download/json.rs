//! `data.json`: all of somebody's data, in the form of `docs/schema/person-1.json`.

use domain::ids::{AttachmentId, UserId};
use domain::time::Millis;
use serde_json::{Value, json};
use storage::StorageError;
use storage::tickets::TicketRow;
use transcript::export::json::moment;

use super::archive::Archive;
use super::work::{Person, media_path, server_name, tickets_after};
use crate::Wardesk;
use crate::tickets::{detail_answers_of_own, detail_reason_of_own};
use crate::transcripts::theirs::{self, At};

/// Where a list is: what stands before its next item.
struct List(&'static str);

impl List {
    const fn new() -> Self {
        Self("")
    }

    async fn item(&mut self, to: &mut Archive, item: &Value) -> Result<(), StorageError> {
        to.write(self.0.as_bytes()).await?;
        self.0 = ",\n";
        to.write(item.to_string().as_bytes()).await
    }
}

fn at(ms: Millis) -> Option<String> {
    moment(ms.0)
}

/// Writes it.
pub(super) async fn write(
    w: &Wardesk,
    to: &mut Archive,
    person: &Person,
) -> Result<(), StorageError> {
    let head = json!({
        "version": 1,
        "made_at": at(person.made_at),
        "person": person.user,
        "account": person.account,
        "sessions": person.sessions,
        "restricted_since": person.restricted.and_then(at),
        "held": person.held,
        "names": person.names,
    });
    let head = head.to_string();
    to.write(head.strip_suffix('}').unwrap_or(&head).as_bytes()).await?;
    to.write(b",\n\"tickets\":[").await?;
    let mut first = true;
    let mut after = None;
    loop {
        let some = tickets_after(w, person.user, after).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.id);
        for ticket in &some {
            if !std::mem::take(&mut first) {
                to.write(b",\n").await?;
            }
            write_ticket(w, to, ticket, person.user).await?;
        }
    }
    to.write(b"]}\n").await
}

async fn write_ticket(
    w: &Wardesk,
    to: &mut Archive,
    ticket: &TicketRow,
    user: UserId,
) -> Result<(), StorageError> {
    let opened = ticket.opener == user;
    let answers = if opened { detail_answers_of_own(w, ticket).await? } else { Vec::new() };
    let answers: Vec<Value> = answers
        .iter()
        .map(|given| json!({ "question": given.question, "answer": given.answer }))
        .collect();
    let closed = ticket.life.closed_by == Some(user);
    let reason = if closed { detail_reason_of_own(w, ticket).await? } else { None };
    let server = server_name(w, ticket.guild).await?;
    let head = json!({
        "id": ticket.id,
        "server": ticket.guild,
        "server_name": server,
        "number": ticket.number,
        "opened_by_you": opened,
        "priority": opened.then_some(ticket.life.priority),
        "created_at": at(ticket.created_at),
        "closed_at": ticket.closed_at.and_then(at),
        "answers": answers,
        "reason": reason,
    });
    let head = head.to_string();
    to.write(head.strip_suffix('}').unwrap_or(&head).as_bytes()).await?;
    to.write(b",\"messages\":[").await?;
    let (mut items, mut place) = (List::new(), At::START);
    while !matches!(place, At::End) {
        let (said, next) = theirs::messages(w, ticket, user, place).await?;
        place = next;
        for (id, versions) in said {
            let versions: Vec<Value> = versions
                .into_iter()
                .map(|(version, body)| {
                    let when = if version == 0 { id.created_at_ms() } else { version };
                    let message: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
                    json!({ "at": moment(when), "message": message })
                })
                .collect();
            let item = json!({ "id": id, "at": moment(id.created_at_ms()), "versions": versions });
            items.item(to, &item).await?;
        }
    }
    to.write(b"],\"reactions\":[").await?;
    let (mut items, mut after) = (List::new(), (0, -1));
    loop {
        let some = theirs::reactions(w, ticket, user, after).await?;
        let Some(last) = some.last() else { break };
        after = (last.message.get(), last.number);
        for one in some {
            let item = json!({
                "message": one.message, "at": at(one.at), "emoji": one.emoji, "added": one.added,
            });
            items.item(to, &item).await?;
        }
    }
    to.write(b"],\"files\":[").await?;
    let (mut items, mut after): (List, Option<AttachmentId>) = (List::new(), None);
    loop {
        let some = theirs::files(w, ticket, user, after).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.id);
        for file in some {
            let path = file.is_stored().then(|| media_path(ticket.id, &file));
            let item = json!({
                "id": file.id, "message": file.message, "name": file.name, "path": path,
            });
            items.item(to, &item).await?;
        }
    }
    to.write(b"]}").await
}
