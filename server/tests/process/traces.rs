//! What somebody leaves on a server, and the search for it in everything that is kept.

use std::sync::Arc;

use sandbox::id::Id;
use sandbox::world::example::{MIA, NOAH, SAM};

use crate::browser::Browser;
use crate::desk::{Desk, guild, user};
use crate::record;
use crate::silence::{everything_kept, holds};
use crate::story::{Opened, Story};

/// What Mia says, and what her file holds.
pub const HERS: [&str; 2] = ["canary-of-mia-7be1", "canary-file-of-mia-90aa"];
/// What Noah says.
pub const HIS: &str = "canary-of-noah-11c3";

/// A desk on which Mia left something everywhere.
pub struct Traces {
    pub story: Story,
    /// Noah's, open, in which she wrote.
    pub his: Opened,
    /// The cookie of her session.
    pub session: String,
}

impl Traces {
    /// Lets people live, with the real program.
    pub async fn left_on(desk: Desk) -> Self {
        let story = Story::begin_watched(desk, &[]).await;
        let closed = story.open(MIA).await;
        let file = HERS[1].repeat(100);
        let first = story.say(MIA, closed, HERS[0], None);
        let sent = story.say(MIA, closed, HERS[0], Some(file.as_bytes()));
        let answer = story.say(SAM, closed, &format!("Let me look, <@{MIA}>"), None);
        for message in [first, sent, answer] {
            story.archived(closed, message, 1).await;
        }
        story.edit(MIA, closed, first, &format!("{} again", HERS[0]));
        story.archived(closed, first, 2).await;
        story.close(closed).await;
        story.settle().await;
        let his = story.open(NOAH).await;
        story.add(his, MIA).await;
        let said = story.say(MIA, his, HERS[0], None);
        let stays = story.say(NOAH, his, HIS, None);
        for message in [said, stays] {
            story.archived(his, message, 1).await;
        }
        let open = story.open(MIA).await;
        let last = story.say(MIA, open, HERS[0], None);
        story.archived(open, last, 1).await;
        story.settle().await;
        let program = story.program();
        let mut browser = Browser::new(&program);
        browser.sign_in(&story.desk.sandbox, MIA).await;
        let session = browser.cookies[crate::browser::SESSION].clone();
        Self { story, his, session }
    }

    /// The desk.
    pub fn desk(&self) -> &Arc<Desk> {
        &self.story.desk
    }

    /// Whether nothing of hers is found, in any file and any row: no word, no number, no key.
    pub async fn are_gone(&self) -> Result<(), String> {
        nothing_of(self.desk(), MIA, &HERS).await
    }

    /// Fails unless what is others' is there: Noah's ticket with his words.
    pub async fn leave_others_alone(&self) {
        let kept = record::transcript(self.desk(), self.his).await;
        let his = kept.iter().filter(|entry| entry.message.content == HIS).count();
        assert_eq!(his, 1, "Noah's words are there");
        let tickets = self.desk().count("SELECT COUNT(*) FROM tickets").await;
        assert_eq!(tickets, 3, "tickets stay, under a pseudonym");
    }
}

/// Whether nothing of somebody's is found; else where.
pub async fn nothing_of(desk: &Desk, person: Id, words: &[&str]) -> Result<(), String> {
    let (digits, number) = (person.to_string(), person.0.to_be_bytes());
    let keys = desk.store.store.keys().servers_of(user(person)).await.unwrap();
    if !keys.is_empty() {
        return Err("there is a key of theirs".to_owned());
    }
    for (place, bytes) in everything_kept(desk).await {
        let word = words.iter().find(|word| holds(&bytes, word));
        if word.is_some() || holds(&bytes, &digits) {
            return Err(format!("{place} has {word:?} or the id"));
        }
        // SQLite has numbers as bytes.
        if desk.store.engine == "sqlite" && bytes.windows(8).any(|part| part == number) {
            return Err(format!("{place} has the id as a number"));
        }
    }
    Ok(())
}

/// Fails unless the audit log of the server is whole.
pub async fn the_chain_is_whole(desk: &Desk) {
    let broken = storage::audit::first_break(desk.store.store.read(), guild()).await.unwrap();
    assert_eq!(broken, None, "the audit log is broken");
}

/// How many lines the ledger of erasures has that is beside the content.
pub async fn lines(desk: &Desk) -> usize {
    storage::privacy::ledger::all(desk.store.store.read()).await.unwrap().len()
}

/// Fails unless this many people are in the ledger of erasures, each once, beside the content and in the key store.
pub async fn erased_are(desk: &Desk, people: usize) {
    let store = &desk.store.store;
    let beside = lines(desk).await;
    let in_keys = store.keys().erased().await.unwrap();
    assert_eq!((beside, in_keys.len()), (people, people), "lines of the ledger");
}
