//! `index.html`: the same for reading, in the person's language.

use domain::ids::UserId;
use storage::StorageError;
use storage::tickets::TicketRow;
use transcript::Message;
use transcript::export::json::moment;
use transcript::html::{Document, El, Media, Writer};
use words::Words;

use super::archive::Archive;
use super::work::{Person, media_path, server_name, tickets_after};
use crate::Wardesk;
use crate::transcripts::theirs::{self, At};

/// A plain sheet: the file is opened without this site.
const SHEET: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
                     p{overflow-wrap:anywhere;white-space:pre-wrap}";

async fn put(to: &mut Archive, draw: impl FnOnce(&mut Writer)) -> Result<(), StorageError> {
    let mut writer = Writer::new();
    draw(&mut writer);
    let (html, _) = writer.finish();
    to.write(html.as_str().as_bytes()).await
}

/// Writes it.
pub(super) async fn write(
    w: &Wardesk,
    to: &mut Archive,
    person: &Person,
    nonce: &str,
) -> Result<(), StorageError> {
    let words = Words::new(person.locale);
    let title = words.privacy_title();
    put(to, |page| {
        page.open_document(&Document {
            language: person.locale.tag(),
            title,
            media: Media::Beside,
            nonce,
            sheets: &[SHEET],
        });
        page.el_text(El::H1, &[], title);
        page.el_text(El::P, &[], words.privacy_download_page_text());
    })
    .await?;
    let mut after = None;
    loop {
        let some = tickets_after(w, person.user, after).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.id);
        for ticket in &some {
            write_ticket(w, to, ticket, person.user, words).await?;
        }
    }
    put(to, Writer::close_document).await
}

async fn write_ticket(
    w: &Wardesk,
    to: &mut Archive,
    ticket: &TicketRow,
    user: UserId,
    words: Words,
) -> Result<(), StorageError> {
    let server = server_name(w, ticket.guild).await?.unwrap_or_else(|| ticket.guild.to_string());
    let title = words.privacy_download_ticket(ticket.number, server);
    put(to, |page| page.el_text(El::H2, &[], &title)).await?;
    let mut place = At::START;
    while !matches!(place, At::End) {
        let (said, next) = theirs::messages(w, ticket, user, place).await?;
        place = next;
        for (id, versions) in said {
            let Some((_, newest)) = versions.last() else { continue };
            let message = Message::parse(newest);
            let when = moment(id.created_at_ms()).unwrap_or_default();
            put(to, |page| {
                page.el(El::P, &[], |page| {
                    page.el_text(El::Strong, &[], &when);
                    page.text(" ");
                    page.text(&message.content);
                });
            })
            .await?;
        }
    }
    let mut after = None;
    loop {
        let some = theirs::files(w, ticket, user, after).await?;
        let Some(last) = some.last() else { return Ok(()) };
        after = Some(last.id);
        for file in some.iter().filter(|file| file.is_stored()) {
            let path = media_path(ticket.id, file);
            put(to, |page| page.el_text(El::P, &[], &format!("{} · {path}", file.name))).await?;
        }
    }
}
