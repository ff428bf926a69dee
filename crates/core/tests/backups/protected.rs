//! What was done to protect people after a backup was made is done again when it was put back.

use domain::ids::{ShareId, TicketId, UserId};
use domain::transcripts::patterns::Pattern;
use domain::transcripts::sharing::ShareTime;
use wardesk_core::accounts::Session;
use wardesk_core::guilds;
use wardesk_core::privacy::restrict;
use wardesk_core::testing::{Desk, desks};
use wardesk_core::transcripts::redact::{self, What};
use wardesk_core::transcripts::{self, TranscriptAccess, hold, share};
use wardesk_core::{Parts, Wardesk, backup as backups, retention, tickets};

use super::person;
use super::vault::Vault;

const OPENER: i64 = 8;
const CARD: &str = "4111111111111111";
const WORDS: &str = "the blue door";

/// A closed ticket with words that will go, on a server that has share links.
async fn closed(desk: &Desk, opener: i64) -> TicketId {
    let panel = desk.panel().await;
    let (ticket, channel) = desk.open_ticket(panel, opener).await;
    person::say(desk, channel, opener, &format!("my card is {CARD}")).await;
    person::say(desk, channel, opener, &format!("it is behind {WORDS}, to the left")).await;
    tickets::close(&desk.member(opener).await, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
    ticket
}

async fn with_links(desk: &Desk) {
    let manager = desk.manager().await;
    let seen = guilds::settings(&manager).await.unwrap();
    let mut new = seen.settings;
    new.share_links = true;
    guilds::save_settings(&manager, new, seen.revision).await.unwrap();
}

/// What the owner of the server may do with a ticket, which is all of this.
async fn owner(w: &Wardesk, session: &Session, ticket: TicketId) -> TranscriptAccess {
    transcripts::authorize(w, session, ticket).await.unwrap()
}

async fn sign_in(desk: &Desk) -> Session {
    desk.discord.add_member(1, &[]);
    desk.sign_in(1, "Test").await
}

/// In how many messages something is.
async fn count(access: &TranscriptAccess, pattern: Pattern) -> usize {
    redact::look(access, &What::Pattern(pattern)).await.unwrap().count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_protects_people_is_done_again_after_a_restore() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let opener = UserId::new(OPENER).unwrap();
        let session = sign_in(&desk).await;
        with_links(&desk).await;
        let (cleaned, kept) = (closed(&desk, OPENER).await, closed(&desk, 9).await);
        let access = owner(&desk.w, &session, cleaned).await;
        let link = ShareId::new(desk.w.new_uuid());
        share::create(&access, link, None, ShareTime::Month).await.unwrap();
        let vault = Vault::new();
        let path = vault.make(desk.w.store(), "one.age").await;

        desk.clock.advance(3_600_000);
        redact::redact(&access, &What::Pattern(Pattern::Cards)).await.unwrap();
        desk.clock.advance(1000);
        let words = || Pattern::Text(WORDS.to_owned());
        redact::redact(&access, &What::Pattern(words())).await.unwrap();
        share::revoke(&access, link).await.unwrap();
        let other = owner(&desk.w, &session, kept).await;
        hold::place(&other, "a lawsuit").await.unwrap();
        restrict::restrict(&desk.w, opener).await.unwrap();

        let store = desk.store.again().await;
        let put = vault.restore(&store, &path, true).await.unwrap();
        let w = Wardesk::new(Parts { store: store.clone(), ..desk.parts() });
        let access = owner(&w, &session, cleaned).await;
        assert_eq!(count(&access, Pattern::Cards).await, 1, "{engine}: the backup has it");
        let settled = backups::settle_restored(&w, &put).await.unwrap();
        assert_eq!((settled.erased, settled.protected), (0, 5), "{engine}");

        assert_eq!(restrict::of(&w, opener).await.unwrap().len(), 1, "{engine}");
        restrict::lift(&w, opener).await.unwrap();
        let access = owner(&w, &session, cleaned).await;
        assert_eq!(count(&access, Pattern::Cards).await, 0, "{engine}");
        assert_eq!(count(&access, words()).await, 0, "{engine}");
        assert_eq!(count(&access, Pattern::Text("to the left".into())).await, 1, "{engine}");
        let links = share::list(&access).await.unwrap();
        assert!(links[0].revoked_at.is_some() && links[0].path.is_none(), "{engine}: {links:?}");
        let held = hold::of(&owner(&w, &session, kept).await).await.unwrap().unwrap();
        assert_eq!(held.reason, "a lawsuit", "{engine}");

        // Killed before it could say that it was over, it begins again, and does nothing twice.
        let settled = backups::settle_restored(&w, &put).await.unwrap();
        assert_eq!(settled.protected, 0, "{engine}: {settled:?}");

        // The restriction that was lifted since stays lifted, though the backup has it.
        restrict::restrict(&w, opener).await.unwrap();
        let path = vault.make(&store, "two.age").await;
        desk.clock.advance(1000);
        restrict::lift(&w, opener).await.unwrap();
        let put = vault.restore(&store, &path, true).await.unwrap();
        assert_eq!(restrict::of(&w, opener).await.unwrap().len(), 1, "{engine}: it came back");
        backups::settle_restored(&w, &put).await.unwrap();
        assert_eq!(restrict::of(&w, opener).await.unwrap().len(), 0, "{engine}");
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_protects_people_is_forgotten_when_no_backup_is_older() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let session = sign_in(&desk).await;
        let ticket = closed(&desk, OPENER).await;
        let access = owner(&desk.w, &session, ticket).await;
        redact::redact(&access, &What::Pattern(Pattern::Text(WORDS.into()))).await.unwrap();
        let since = domain::time::Millis(0);
        let noted = async || desk.w.store().keys().protections(since).await.unwrap().len();
        assert_eq!(noted().await, 1, "{engine}");
        desk.clock.advance(31 * 86_400_000);
        retention::sweep(&desk.w).await.unwrap();
        assert_eq!(noted().await, 1, "{engine}: a backup may be as old as this");
        desk.clock.advance(1000);
        retention::sweep(&desk.w).await.unwrap();
        assert_eq!(noted().await, 0, "{engine}");
    }
}
