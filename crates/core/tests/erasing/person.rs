//! A person who left something of theirs everywhere, and the search for it.

use std::fmt::Write as _;

use domain::ids::{ChannelId, PanelId, TicketId, UserId};
use domain::locale::Locale;
use serde_json::{Value, json};
use wardesk_core::accounts::choices::{self, Choices};
use wardesk_core::accounts::{Session, drafts};
use wardesk_core::testing::{Desk, FileAnswer};
use wardesk_core::tickets;
use wardesk_core::transcripts::archive::{FrameKind, RawFrame, frames};

/// The person. Long enough that it stands nowhere by chance.
pub const PERSON: i64 = 811_223_344_556_677;
/// What they said, what a file of theirs is called and holds, and what they are called.
pub const WORDS: [&str; 6] = [
    "canary-words-4f2a",
    "canary-edit-99d1",
    "canary-file-07bc",
    "canary-bytes-c3c3c3",
    "canary-reason-5e5e",
    "User 811223344556677",
];

/// The file's id.
#[allow(dead_code, reason = "each test looks at another part")]
pub const FILE: &str = "5007";

/// What they left.
#[allow(dead_code, reason = "each test looks at another part")]
pub struct Story {
    pub user: UserId,
    pub session: Session,
    /// A ticket of theirs that is closed.
    pub held: TicketId,
    /// A ticket of somebody else on which they worked, and which they closed with a reason.
    pub worked: TicketId,
    /// A ticket of somebody else, which is open and in which they wrote.
    pub others: TicketId,
    /// Another ticket of theirs, which is open.
    pub open: TicketId,
}

fn frame(kind: FrameKind, channel: ChannelId, data: &Value) -> RawFrame {
    RawFrame { kind, guild: None, channel, json: serde_json::value::to_raw_value(data).unwrap() }
}

/// Someone writes, and the gateway tells.
pub async fn say(desk: &Desk, channel: ChannelId, author: i64, content: &str) -> Value {
    say_with(desk, channel, author, content, &json!({})).await
}

pub async fn say_with(
    desk: &Desk,
    channel: ChannelId,
    author: i64,
    content: &str,
    extra: &Value,
) -> Value {
    desk.clock.advance(1000);
    let message = desk.discord.say(channel, author, content, extra);
    frames(&desk.w, vec![frame(FrameKind::Create, channel, &message)]).await;
    message
}

/// An open ticket. The number of the interaction must not have the digits of the person in it.
async fn open(desk: &Desk, panel: PanelId, member: i64, number: i64) -> (TicketId, ChannelId) {
    let ticket = desk.wish(panel, member, number).await.unwrap();
    desk.settle().await;
    let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
    (ticket, row.life.channel.unwrap())
}

async fn react(desk: &Desk, channel: ChannelId, message: &Value) {
    let event = json!({
        "message_id": message["id"], "user_id": PERSON.to_string(), "burst": false,
        "emoji": { "id": null, "name": "👍" },
        "member": { "nick": null, "user": { "id": PERSON.to_string(), "username": "canary" } },
    });
    frames(&desk.w, vec![frame(FrameKind::ReactionAdd, channel, &event)]).await;
}

/// Plants what an erasure has to find, by way of the use-cases.
pub async fn everywhere(desk: &Desk) -> Story {
    let panel = desk.panel().await;
    let user = UserId::new(PERSON).unwrap();
    // A ticket of theirs that is closed, with an edit, a file and a reaction.
    let (held, channel) = open(desk, panel, PERSON, 4711).await;
    let first = say(desk, channel, PERSON, WORDS[0]).await;
    let id = first["id"].as_str().unwrap().parse().unwrap();
    desk.clock.advance(1000);
    let edited = desk.discord.edit(channel, id, WORDS[1]);
    frames(&desk.w, vec![frame(FrameKind::Update, channel, &edited)]).await;
    let url = "https://cdn.discordapp.com/attachments/1/5007/f?ex=1";
    desk.discord.put_file(url, vec![FileAnswer::Bytes(WORDS[3].repeat(20).into_bytes())]);
    let name = format!("{}.bin", WORDS[2]);
    let length = WORDS[3].len() * 20;
    let file =
        json!({ "attachments": [{ "id": FILE, "filename": name, "url": url, "size": length }] });
    say_with(desk, channel, PERSON, WORDS[0], &file).await;
    let answer = say(desk, channel, 80, &format!("hello <@{PERSON}>")).await;
    react(desk, channel, &answer).await;
    let opener = desk.member(PERSON).await;
    tickets::close(&opener, held, Some(WORDS[4].into())).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;

    // Somebody else's, on which they worked, and which they closed.
    let (worked, channel) = desk.open_ticket(panel, 8).await;
    let staff = desk.staff(PERSON).await;
    tickets::claim(&staff, worked).await.unwrap();
    desk.discord.add_member(81, &[]);
    tickets::add_member(&staff, worked, UserId::new(81).unwrap()).await.unwrap();
    say(desk, channel, PERSON, WORDS[0]).await;
    desk.settle().await;
    tickets::close(&staff, worked, Some(WORDS[4].into())).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;

    // Somebody else's that is open: they were let in, and wrote, and are named.
    let (others, channel) = desk.open_ticket(panel, 9).await;
    let manager = desk.manager().await;
    tickets::add_member(&manager, others, user).await.unwrap();
    desk.settle().await;
    say(desk, channel, 9, "I am somebody else").await;
    say(desk, channel, PERSON, WORDS[0]).await;
    let named = json!({ "mentions": [{
        "id": PERSON.to_string(), "username": "canary", "global_name": WORDS[5] }] });
    let answer = say_with(desk, channel, 9, &format!("thanks <@{PERSON}>"), &named).await;
    react(desk, channel, &answer).await;

    // Another of theirs that is still open.
    let (own, channel) = open(desk, panel, PERSON, 4712).await;
    say(desk, channel, PERSON, WORDS[0]).await;

    // Their account.
    let session = desk.sign_in(PERSON, "Test").await;
    let chosen = Choices { locale: Some(Locale::De), theme: Some("dark".into()) };
    choices::save(&desk.w, &session, &chosen).await.unwrap();
    drafts::put(&desk.w, &session, "settings", &WORDS[0]).await.unwrap();
    Story { user, session, held, worked, others, open: own }
}

/// What is searched for.
pub enum Place {
    /// The person's id, as digits and as the bytes of a number.
    Id,
    /// A word.
    Word(&'static str),
}

/// Whether bytes hold others.
pub fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Where something is found: every file of the desk, and every row of a database that is elsewhere. What is sealed is
/// found nowhere, also while it is there: whether words can be read is asked of those who read.
pub async fn found(desk: &Desk, place: &Place) -> Vec<String> {
    let digits = PERSON.to_string();
    let word = match place {
        Place::Id => digits.as_str(),
        Place::Word(word) => word,
    };
    let mut hex = String::new();
    for byte in word.bytes() {
        write!(hex, "{byte:02x}").unwrap();
    }
    let number = PERSON.to_be_bytes();
    // SQLite leaves out the zeros in front: six bytes hold it.
    let number = &number[2..];
    let is_here = |bytes: &[u8], is_file: bool| {
        holds(bytes, word.as_bytes())
            || holds(bytes, hex.as_bytes())
            || (is_file && matches!(place, Place::Id) && holds(bytes, number))
    };
    let mut places = Vec::new();
    let mut folders = vec![desk.store.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if is_here(&std::fs::read(&path).unwrap(), true) {
                places.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    if desk.store.engine == "sqlite" {
        return places;
    }
    let query = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables
                 WHERE table_schema = current_schema()";
    let tables: Vec<String> =
        sqlx::query_scalar(query).fetch_all(desk.w.store().read()).await.unwrap();
    for table in tables {
        let rows = sqlx::AssertSqlSafe(format!("SELECT CAST(t AS TEXT) FROM {table} t"));
        let rows: Vec<String> =
            sqlx::query_scalar(rows).fetch_all(desk.w.store().read()).await.unwrap();
        places.extend(
            rows.iter().filter(|row| is_here(row.as_bytes(), false)).map(|_| table.clone()),
        );
    }
    places
}
