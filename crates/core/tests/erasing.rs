//! Somebody is erased: their words, names and id are nowhere any more, and what is others' stays.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "erasing/on_hold.rs"]
mod on_hold;
#[path = "erasing/person.rs"]
mod person;
#[path = "erasing/read.rs"]
mod read;
#[path = "erasing/stuck.rs"]
mod stuck;

use domain::ids::{TicketId, UserId};
use domain::locale::Locale;
use domain::privacy::{RequestKind, RequestState};
use person::{Place, WORDS, found, holds};
use storage::KeyScope;
use wardesk_core::privacy::erase::{self, Confirmed, Reason, Waiting};
use wardesk_core::privacy::{PrivacyError, Refusal, replay, requests, restrict};
use wardesk_core::testing::{Desk, desks};
use wardesk_core::transcripts::{self, hold};
use wardesk_core::{audit, guilds, tickets};
use words::Words;

const YES: Confirmed = Confirmed { understood: true, licences: true };

/// On which ways each of the person's words is read before they are erased, or a test that finds nothing says nothing.
/// Tickets are numbered as [`what_was_read_of_an_erased_person_is_read_no_more`] reads them.
const READ: [&[&str]; 6] = [
    &["page of ticket 0", "json of ticket 1", "text of ticket 2", "html of ticket 3", "search"],
    &["page of ticket 0", "markdown of ticket 0", "search"],
    &["page of ticket 0", "json of ticket 0"],
    &["file of ticket 0"],
    &["page of ticket 0", "page of ticket 1", "json of ticket 1", "text of ticket 1"],
    &["page of ticket 0", "html of ticket 1", "json of ticket 2"],
];

/// All that stays of a person: a mark, another, a word, and when.
type Residue = (Vec<u8>, Option<Vec<u8>>, String, i64);

/// Carries out what is asked for until nothing more can be done without somebody.
async fn carried_out(desk: &Desk) {
    erase::carry_out_all(&desk.w).await.unwrap();
    desk.settle().await;
    erase::carry_out_all(&desk.w).await.unwrap();
}

/// What everybody said in a ticket, in order; `None` for what was erased.
async fn said(desk: &Desk, reader: i64, ticket: TicketId) -> Vec<Option<String>> {
    desk.discord.add_member(reader, &[]);
    let reader = desk.sign_in(reader, "Test").await;
    let access = transcripts::authorize(&desk.w, &reader, ticket).await.unwrap();
    let page = transcripts::page(&access, None, 500).await.unwrap();
    let entries = page.timeline.iter().filter_map(|item| match item {
        transcript::TimelineItem::Message(entry) => Some(entry),
        transcript::TimelineItem::Desk(_) => None,
    });
    let entries = entries.filter(|entry| entry.message.author.as_ref().is_none_or(|a| !a.bot));
    entries.map(|e| (!e.erased).then(|| e.message.content.clone())).collect()
}

#[tokio::test]
async fn nothing_of_an_erased_person_is_found_anywhere() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let story = person::everywhere(&desk).await;
        assert!(!found(&desk, &Place::Id).await.is_empty(), "{engine}: the search works");
        erase::ask_self(&desk.w, &story.session, YES).await.unwrap();
        carried_out(&desk).await;
        assert_eq!(erase::state_of(&desk.w, story.user).await.unwrap(), None, "{engine}");
        for word in WORDS {
            assert_eq!(
                found(&desk, &Place::Word(word)).await,
                [] as [String; 0],
                "{engine}: {word}"
            );
        }
        assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0], "{engine}");

        // Others read what is theirs, also in a ticket that was open all the time and ends now.
        let before = said(&desk, 9, story.others).await;
        assert!(before.contains(&Some("I am somebody else".into())), "{engine}: {before:?}");
        let opener = desk.member(9).await;
        tickets::close(&opener, story.others, None).await.unwrap();
        desk.clock.advance(30_000);
        desk.settle().await;
        let after = said(&desk, 9, story.others).await;
        assert!(after.contains(&Some("I am somebody else".into())), "{engine}: {after:?}");
        assert!(after.contains(&None), "{engine}: the place of what was said stays");
        assert_eq!(
            found(&desk, &Place::Id).await,
            [] as [String; 0],
            "{engine}: nor does it come back"
        );
        for word in WORDS {
            assert_eq!(
                found(&desk, &Place::Word(word)).await,
                [] as [String; 0],
                "{engine}: {word}"
            );
        }

        // The chain holds, and says that somebody was erased.
        let pool = desk.w.store().read();
        assert_eq!(storage::audit::first_break(pool, desk.guild).await.unwrap(), None, "{engine}");
        let entries = audit::list(&desk.manager().await, None).await.unwrap();
        assert!(entries.iter().any(|entry| entry.action == "privacy.erased"), "{engine}");
        assert!(entries.iter().any(|e| e.actor.is_some_and(UserId::is_pseudonym)), "{engine}");
        // What stays of them is four columns.
        let rows: Vec<Residue> =
            sqlx::query_as("SELECT * FROM erased_people").fetch_all(pool).await.unwrap();
        assert_eq!(rows.len(), 1, "{engine}");
        let mark = desk.w.store().keys().discord_mark(story.user).await.unwrap();
        assert_eq!((rows[0].0.as_slice(), &rows[0].1), (mark.bytes().as_slice(), &None));
        assert_eq!(rows[0].2, "D");
        assert_eq!(desk.w.store().keys().erased().await.unwrap().len(), 1);
    }
}

/// What nobody could read before says nothing when nobody can read it afterwards: each word is read first, in every way.
#[tokio::test]
async fn what_was_read_of_an_erased_person_is_read_no_more() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let story = person::everywhere(&desk).await;
        let tickets = [story.held, story.worked, story.others, story.open];
        let before = read::everything(&desk, &tickets).await;
        for (word, ways) in WORDS.into_iter().zip(READ) {
            let there = read::places(&desk, &before, word).await;
            for way in ways {
                assert!(there.iter().any(|place| place == way), "{engine}: {word}: {there:?}");
            }
        }
        erase::ask_self(&desk.w, &story.session, YES).await.unwrap();
        carried_out(&desk).await;
        for closed in [false, true] {
            if closed {
                tickets::close(&desk.member(9).await, story.others, None).await.unwrap();
                desk.clock.advance(30_000);
                desk.settle().await;
            }
            let after = read::everything(&desk, &tickets).await;
            let others = after.iter().filter(|(_, text)| text.contains("I am somebody else"));
            assert!(others.count() > 0, "{engine}: what others said is read still");
            for word in WORDS {
                let there = read::places(&desk, &after, word).await;
                assert_eq!(there, [] as [String; 0], "{engine}: {word} {closed}");
            }
        }
    }
}

#[tokio::test]
async fn who_was_erased_may_come_back_and_begins_anew() {
    for desk in desks().await {
        let story = person::everywhere(&desk).await;
        erase::ask_self(&desk.w, &story.session, YES).await.unwrap();
        carried_out(&desk).await;
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, story.user.get()).await;
        person::say(&desk, channel, story.user.get(), "here again").await;
        assert_eq!(erase::carry_out_all(&desk.w).await.unwrap(), 0);
        let said = said(&desk, story.user.get(), ticket).await;
        assert_eq!(said, [Some("here again".to_owned())], "{}", desk.store.engine);
        // And a restart replays nothing against it.
        desk.clock.advance(120_000);
        assert_eq!(replay::since(&desk.w, desk.w.now()).await.unwrap(), 0);
    }
}

/// Somebody else named the person, heard or unheard. What reads the channel again finds the name with it.
#[tokio::test]
async fn a_name_in_anothers_message_does_not_come_back_when_the_channel_is_read_again() {
    for reason in [Reason::Asked, Reason::UnderAge] {
        for desk in desks().await {
            let at = format!("{reason:?} ({})", desk.store.engine);
            let user = UserId::new(person::PERSON).unwrap();
            let panel = desk.panel().await;
            let (ticket, channel) = desk.open_ticket(panel, 9).await;
            let named = serde_json::json!({ "mentions": [{
                "id": person::PERSON.to_string(), "username": "canary", "global_name": WORDS[5] }] });
            person::say_with(&desk, channel, 9, "thanks", &named).await;
            desk.clock.advance(1000);
            desk.discord.say(channel, 9, "thanks again", &named);
            // A word of theirs that nobody heard either.
            desk.discord.say(channel, person::PERSON, WORDS[0], &serde_json::json!({}));
            let kept = async || {
                let text = "SELECT COUNT(*) FROM transcript_people WHERE user_id = $1";
                let query = sqlx::query_scalar::<_, i64>(text).bind(person::PERSON);
                query.fetch_one(desk.w.store().read()).await.unwrap()
            };
            assert_eq!(kept().await, 1, "{at}");
            desk.clock.advance(1000);
            erase::ask(&desk.w, user, reason).await.unwrap();
            carried_out(&desk).await;
            assert_eq!(kept().await, 0, "{at}");

            desk.clock.advance(60_000);
            transcripts::catch_up(&desk.w, desk.guild, desk.w.now()).await.unwrap();
            assert_eq!(kept().await, 0, "{at}: what was missed is read");
            tickets::close(&desk.member(9).await, ticket, None).await.unwrap();
            desk.clock.advance(30_000);
            desk.settle().await;
            assert_eq!(kept().await, 0, "{at}: the whole channel is read");
            let said = said(&desk, 9, ticket).await;
            assert_eq!(said, ["thanks", "thanks again"].map(|t| Some(t.to_owned())), "{at}");
            assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0], "{at}");
            // Nothing is read again, and nothing is known of it any more.
            let marks: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM ticket_erasures")
                .fetch_one(desk.w.store().read())
                .await
                .unwrap();
            assert_eq!(marks, 0, "{at}");
        }
    }
}

/// The mark that keeps names away is of the past: who comes back has a name.
#[tokio::test]
async fn who_is_named_after_an_erasure_has_a_name() {
    for desk in desks().await {
        let user = UserId::new(person::PERSON).unwrap();
        let panel = desk.panel().await;
        let (_, channel) = desk.open_ticket(panel, 9).await;
        person::say(&desk, channel, person::PERSON, WORDS[0]).await;
        erase::ask(&desk.w, user, Reason::UnderAge).await.unwrap();
        carried_out(&desk).await;
        desk.clock.advance(60_000);
        person::say(&desk, channel, person::PERSON, "here again").await;
        let names: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM transcript_people WHERE user_id = $1")
                .bind(person::PERSON)
                .fetch_one(desk.w.store().read())
                .await
                .unwrap();
        assert_eq!(names, 1, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn what_was_said_before_an_erasure_is_not_archived_afterwards() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 9).await;
        person::say(&desk, channel, 9, "I am somebody else").await;
        desk.clock.advance(1000);
        // Nobody listened when this was said.
        desk.discord.say(channel, person::PERSON, WORDS[0], &serde_json::json!({}));
        desk.clock.advance(1000);
        let user = UserId::new(person::PERSON).unwrap();
        erase::ask(&desk.w, user, Reason::Asked).await.unwrap();
        carried_out(&desk).await;
        desk.clock.advance(60_000);
        transcripts::catch_up(&desk.w, desk.guild, desk.w.now()).await.unwrap();
        let said = said(&desk, 9, ticket).await;
        assert_eq!(said, [Some("I am somebody else".to_owned())], "{engine}");
        assert!(!desk.w.store().keys().exists(&KeyScope::person(desk.guild, user)).await.unwrap());
    }
}

#[tokio::test]
async fn it_needs_to_be_confirmed_and_is_a_request_that_is_answered() {
    for desk in desks().await {
        let story = person::everywhere(&desk).await;
        let (w, session) = (&desk.w, &story.session);
        let no = Confirmed { understood: false, licences: true };
        let refused = erase::ask_self(w, session, no).await;
        assert!(matches!(refused, Err(PrivacyError::Refused(Refusal::Acknowledge))));
        assert_eq!(erase::state_of(w, story.user).await.unwrap(), None);
        erase::ask_self(w, session, YES).await.unwrap();
        // Asked twice, it is one erasure and one answer, which comes when it is over.
        erase::ask(w, story.user, Reason::Asked).await.unwrap();
        let of_person = requests::of_person(w, story.user).await.unwrap();
        let erasing: Vec<_> = of_person.iter().filter(|r| r.kind == RequestKind::Erase).collect();
        assert_eq!(erasing.len(), 1);
        assert_eq!(erasing[0].state, RequestState::UnderWay);
        carried_out(&desk).await;
        let answered =
            storage::privacy::requests::get(w.store().read(), erasing[0].id).await.unwrap();
        assert_eq!(answered.unwrap().state, RequestState::Done);
    }
}

/// What those are told who answer for the server, in English: title, text, and how often.
async fn told(desk: &Desk) -> Vec<(&'static str, String, i64)> {
    let words = Words::new(Locale::En);
    let alerts = guilds::alerts(&desk.manager().await, words).await.unwrap();
    alerts.into_iter().map(|alert| (alert.title, alert.text, alert.times)).collect()
}

#[tokio::test]
async fn the_owner_is_told_once_that_words_went_and_not_whose() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let story = person::everywhere(&desk).await;
        let before = desk.discord.messages(desk.log).len();
        erase::ask_self(&desk.w, &story.session, YES).await.unwrap();
        carried_out(&desk).await;
        assert_eq!(erase::state_of(&desk.w, story.user).await.unwrap(), None, "{engine}");
        let told_of = told(&desk).await;
        assert_eq!(told_of.len(), 1, "{engine}: {told_of:?}");
        let (title, text, times) = &told_of[0];
        assert_eq!((*title, *times), ("Somebody was erased", 1), "{engine}");
        assert!(!text.contains(char::is_numeric), "{engine}: {text}");
        desk.settle().await;
        let posted = desk.discord.messages(desk.log).split_off(before);
        let posted: Vec<_> = posted.iter().map(ToString::to_string).collect();
        let of_it = posted.iter().filter(|message| message.contains("Somebody was erased"));
        assert_eq!(of_it.count(), 1, "{engine}: {posted:?}");
        // The team does not read it on the server's page.
        let words = Words::new(Locale::En);
        assert_eq!(guilds::alerts(&desk.staff(60).await, words).await.unwrap(), [], "{engine}");

        // Of whom nothing was said there, nobody is told.
        let silent = UserId::new(91).unwrap();
        let manager = desk.manager().await;
        desk.discord.add_member(91, &[]);
        tickets::add_member(&manager, story.others, silent).await.unwrap();
        desk.settle().await;
        erase::ask(&desk.w, silent, Reason::Asked).await.unwrap();
        carried_out(&desk).await;
        assert_eq!(told(&desk).await, told_of, "{engine}");
    }
}

#[tokio::test]
async fn under_age_leaves_nothing_at_all() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let story = person::everywhere(&desk).await;
        erase::ask(&desk.w, story.user, Reason::UnderAge).await.unwrap();
        carried_out(&desk).await;
        assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0], "{engine}");
        assert_eq!(desk.w.store().keys().erased().await.unwrap(), [], "{engine}");
        let rows =
            sqlx::query("SELECT 1 FROM erased_people").fetch_all(desk.w.store().read()).await;
        assert_eq!(rows.unwrap().len(), 0, "{engine}");
        assert_eq!(told(&desk).await, [], "{engine}: nor is anybody told");
    }
}

/// A backup of the content is restored that was made before: SQLite's file as it was, beside the present key store.
#[tokio::test]
async fn a_restored_backup_is_erased_again() {
    for reason in [Reason::Asked, Reason::UnderAge] {
        let desk = desks().await.into_iter().next().unwrap();
        let story = person::everywhere(&desk).await;
        assert!(desk.w.store().forget_overwritten().await.unwrap());
        let file = desk.store.folder.path().join("wardesk.db");
        let backup = std::fs::read(&file).unwrap();
        assert!(holds(&backup, &story.user.get().to_be_bytes()));
        let made_at = desk.w.now();
        desk.clock.advance(3_600_000);
        erase::ask(&desk.w, story.user, reason).await.unwrap();
        carried_out(&desk).await;

        desk.w.store().close().await;
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(desk.store.folder.path().join(format!("wardesk.db{end}")));
        }
        std::fs::write(&file, backup).unwrap();
        let w = desk.beside().await;
        assert_eq!(replay::since(&w, made_at).await.unwrap(), 1, "{reason:?}");
        let desk = Desk { w, ..desk };
        // Of tickets that were open then the channels are gone: that is found out as ever.
        wardesk_core::tickets::reconcile(&desk.w, desk.guild).await.unwrap();
        carried_out(&desk).await;
        assert_eq!(erase::state_of(&desk.w, story.user).await.unwrap(), None, "{reason:?}");
        assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0], "{reason:?}");
        for word in WORDS {
            assert_eq!(found(&desk, &Place::Word(word)).await, [] as [String; 0], "{reason:?}");
        }
        assert_eq!(replay::since(&desk.w, made_at).await.unwrap(), 0, "{reason:?}: once is enough");
    }
}
