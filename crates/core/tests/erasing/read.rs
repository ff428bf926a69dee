//! What those who manage the server read: pages, files, exports and search. Words are compressed and sealed where they
//! are kept, so that no look at bytes says whether they are there.

use domain::ids::TicketId;
use futures::TryStreamExt as _;
use jiff::tz::TimeZone;
use transcript::Labels;
use transcript::export::Format;
use wardesk_core::testing::Desk;
use wardesk_core::transcripts::export::{Wish, start};
use wardesk_core::transcripts::search::{self, Query};
use wardesk_core::transcripts::{self, TranscriptAccess};
use words::Words;

use crate::person::FILE;

/// Everything that can be read of a ticket, by the way on which it is read.
async fn ways(desk: &Desk, ticket: TicketId) -> Vec<(&'static str, String)> {
    desk.discord.add_member(1, &[]);
    let owner = desk.sign_in(1, "Test").await;
    let access = transcripts::authorize(&desk.w, &owner, ticket).await.unwrap();
    let page = transcripts::page(&access, None, 500).await.unwrap();
    let mut ways = vec![("page", format!("{:?} {:?}", page.header, page.timeline))];
    for format in [Format::Json, Format::Html, Format::Markdown, Format::Text] {
        ways.push((format.as_str(), export(&access, format).await));
    }
    if let Ok(file) = transcripts::attachment(&access, FILE.parse().unwrap()).await {
        let bytes: Vec<bytes::Bytes> = file.bytes().await.unwrap().try_collect().await.unwrap();
        ways.push(("file", String::from_utf8_lossy(&bytes.concat()).into_owned()));
    }
    ways
}

async fn export(access: &TranscriptAccess, format: Format) -> String {
    let labels = include_str!("../../../../locales/en/transcript.json");
    let labels: Labels = serde_json::from_str(labels).unwrap();
    let words = Words::new(domain::locale::Locale::En);
    let wish = Wish { format, zone: TimeZone::UTC, zone_name: "UTC".into(), labels, words };
    let export = start(access, wish).await.unwrap();
    let parts: Vec<bytes::Bytes> = export.bytes.try_collect().await.unwrap();
    String::from_utf8(parts.concat()).unwrap()
}

/// Everything that can be read of these tickets, by the way and the ticket's place in the list.
pub async fn everything(desk: &Desk, tickets: &[TicketId]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (number, ticket) in tickets.iter().enumerate() {
        let read = ways(desk, *ticket).await.into_iter();
        all.extend(read.map(|(way, text)| (format!("{way} of ticket {number}"), text)));
    }
    all
}

/// On which ways a word is read: in what [`everything`] was read before, and by the search of the server now.
pub async fn places(desk: &Desk, read: &[(String, String)], word: &str) -> Vec<String> {
    let read = read.iter().filter(|(_, text)| text.contains(word));
    let mut places: Vec<String> = read.map(|(place, _)| place.clone()).collect();
    let query = Query::parse(&format!("\"{word}\""), &TimeZone::UTC).unwrap();
    let found = search::in_guild(&desk.manager().await, &query, None, 50).await.unwrap();
    places.extend(found.items.iter().map(|_| "search".to_owned()));
    places
}
