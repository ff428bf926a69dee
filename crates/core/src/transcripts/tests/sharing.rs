use domain::ids::{AttachmentId, RoleId, ShareId};
use domain::transcripts::Retention;
use domain::transcripts::sharing::{SHARES_LIMIT, ShareTime};
use transcript::FileCopy;

use super::files::{PNG, send};
use super::*;
use crate::testing::FileAnswer;
use crate::transcripts::share::{self, Share};
use crate::transcripts::shared::{self, Address, SharedTranscript};
use crate::transcripts::{Refusal, Start, TranscriptError, Wanted};

/// From the beginning, as much as is given at once.
const WHOLE: Wanted = Wanted { start: Start::First, by: None, limit: 200 };

const DAY_MS: i64 = 86_400_000;

async fn set(desk: &Desk, links: bool, opener: bool) {
    let manager = desk.manager().await;
    let seen = crate::guilds::settings(&manager).await.unwrap();
    let mut new = seen.settings;
    (new.share_links, new.opener_shares) = (links, opener);
    crate::guilds::save_settings(&manager, new, seen.revision).await.unwrap();
}

/// A ticket with a message and a picture, on a server that has links; and its staff.
async fn shareable(desk: &Desk) -> (TicketId, TranscriptAccess) {
    set(desk, true, false).await;
    let (ticket, channel) = open(desk).await;
    say(desk, channel, OPENER, "a canary sings").await;
    send(desk, channel, 5, "a.png", &[FileAnswer::Bytes(PNG.to_vec())]).await;
    super::super::attachments::finish(&desk.w, ticket).await.unwrap();
    desk.staff(60).await;
    (ticket, authorize_person(&desk.w, user(60), ticket).await.unwrap())
}

fn new_id(desk: &Desk) -> ShareId {
    ShareId::new(desk.w.new_uuid())
}

/// Makes a link and gives it as it is listed, with its address.
async fn make(
    desk: &Desk,
    access: &TranscriptAccess,
    people: Option<&[UserId]>,
    time: ShareTime,
) -> (Share, Address) {
    let id = new_id(desk);
    share::create(access, id, people, time).await.unwrap();
    let all = share::list(access).await.unwrap();
    let made = all.into_iter().find(|one| one.id == id).unwrap();
    let step = made.path.as_deref().unwrap().strip_prefix("/shared/").unwrap();
    let address = Address::parse(step).unwrap();
    (made, address)
}

async fn by(
    desk: &Desk,
    address: &Address,
    reader: Option<i64>,
) -> Result<SharedTranscript, TranscriptError> {
    shared::open(&desk.w, address, reader.map(user)).await
}

async fn leads(desk: &Desk, address: &Address, reader: Option<i64>) -> bool {
    match by(desk, address, reader).await {
        Ok(_) => true,
        Err(TranscriptError::NotFound) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn whoever_has_a_link_reads_the_transcript_and_its_files_until_it_ends() {
    for desk in crate::testing::desks().await {
        let (ticket, staff) = shareable(&desk).await;
        for (time, days) in [(ShareTime::Day, 1), (ShareTime::Week, 7), (ShareTime::Month, 30)] {
            let (made, address) = make(&desk, &staff, None, time).await;
            assert_eq!(made.expires_at.0, desk.w.now().0 + days * DAY_MS);
            let opened = by(&desk, &address, None).await.unwrap();
            let page = opened.window(WHOLE).await.unwrap();
            assert!(said(&page).contains(&"a canary sings"), "{}", desk.store.engine);
            let own = format!("{}/files/5", made.path.as_deref().unwrap());
            let copies: Vec<_> = page.files.values().collect();
            assert!(
                matches!(copies[..], [FileCopy::Stored(path, _)] if path.as_str() == own),
                "{copies:?}: at the link's own address"
            );
            let file = opened.attachment(AttachmentId::new(5).unwrap()).await.unwrap();
            assert_eq!(file.length, PNG.len() as u64);
            desk.clock.advance(days * DAY_MS - 1);
            assert!(leads(&desk, &address, None).await, "not a millisecond early");
            desk.clock.advance(1);
            assert!(!leads(&desk, &address, None).await, "{} {days}", desk.store.engine);
        }
        // The transcript itself is where it was, for those it was for.
        assert!(matches!(
            read(&desk, ticket).await.files.values().next(),
            Some(FileCopy::Stored(path, _)) if path.as_str() == format!("/transcripts/{ticket}/files/5")
        ));
    }
}

#[tokio::test]
async fn revoked_unknown_and_turned_off_links_lead_nowhere() {
    for desk in crate::testing::desks().await {
        let (_, staff) = shareable(&desk).await;
        let (made, address) = make(&desk, &staff, None, ShareTime::Week).await;
        assert!(leads(&desk, &address, None).await);
        assert!(!leads(&desk, &Address::Secret([7; 32]), None).await);
        // The id of a link for whoever has it is in forms, and opens nothing.
        assert!(!leads(&desk, &Address::Named(made.id), Some(60)).await);
        set(&desk, false, true).await;
        assert!(!leads(&desk, &address, None).await, "{}", desk.store.engine);
        assert!(!share::may_share(&staff).await);
        set(&desk, true, false).await;
        assert!(leads(&desk, &address, None).await);
        share::revoke(&staff, made.id).await.unwrap();
        share::revoke(&staff, made.id).await.unwrap();
        assert!(!leads(&desk, &address, None).await, "{}", desk.store.engine);
        let listed = share::list(&staff).await.unwrap();
        assert!(listed[0].path.is_none() && listed[0].revoked_at.is_some());
        let log = crate::audit::list(&desk.manager().await, None).await.unwrap();
        let count = |action| log.iter().filter(|entry| entry.action == action).count();
        assert_eq!(count("transcript.shared"), 1);
        assert_eq!(count("transcript.share_revoked"), 1, "once, by whoever was first");
        for bad in ["", "abc", "../../x", &"A".repeat(44)] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }
}

#[tokio::test]
async fn a_link_that_names_people_is_for_them_alone() {
    for desk in crate::testing::desks().await {
        let (_, staff) = shareable(&desk).await;
        let people = [user(900_001), user(8)];
        let (made, address) = make(&desk, &staff, Some(&people), ShareTime::Week).await;
        assert_eq!(made.path.unwrap(), format!("/shared/{}", made.id));
        // 900001 is not even on the server.
        for named in [900_001, 8] {
            let opened = by(&desk, &address, Some(named)).await.unwrap();
            assert!(said(&opened.window(WHOLE).await.unwrap()).contains(&"a canary sings"));
        }
        for other in [Some(9), Some(OPENER), None] {
            assert!(!leads(&desk, &address, other).await, "{} {other:?}", desk.store.engine);
        }
    }
}

#[tokio::test]
async fn staff_share_and_the_opener_only_where_the_server_lets_them() {
    for desk in crate::testing::desks().await {
        let reading: RoleId = desk.discord.add_role(2002);
        let (ticket, staff) = shareable(&desk).await;
        let manager = desk.manager().await;
        let seen = crate::guilds::settings(&manager).await.unwrap();
        let mut new = seen.settings;
        new.reader_roles = vec![reading];
        crate::guilds::save_settings(&manager, new, seen.revision).await.unwrap();
        desk.discord.add_member(62, &[2002]);
        desk.member(8).await;
        let acting = desk.staff(60).await;
        tickets::add_member(&acting, ticket, user(8)).await.unwrap();
        let mut refused = Vec::new();
        for person in [OPENER, 62, 8] {
            refused.push(authorize_person(&desk.w, user(person), ticket).await.unwrap());
        }
        for access in &refused {
            let made = share::create(access, new_id(&desk), None, ShareTime::Day).await;
            assert!(matches!(made, Err(TranscriptError::NotFound)), "{:?}", access.reader());
            assert!(share::list(access).await.is_err() && !share::may_share(access).await);
        }
        let (of_staff, _) = make(&desk, &staff, None, ShareTime::Day).await;
        set(&desk, true, true).await;
        let opener = access(&desk, ticket).await;
        let (own, address) = make(&desk, &opener, None, ShareTime::Day).await;
        // They see and revoke their own; staff all.
        let ids = async |access| {
            let all = share::list(access).await.unwrap();
            all.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&opener).await, [own.id]);
        let foreign = share::revoke(&opener, of_staff.id).await;
        assert!(matches!(foreign, Err(TranscriptError::NotFound)));
        assert_eq!(ids(&staff).await.len(), 2);
        share::revoke(&staff, own.id).await.unwrap();
        assert!(!leads(&desk, &address, None).await, "{}", desk.store.engine);
        for access in &refused[1..] {
            assert!(!share::may_share(access).await);
        }
    }
}

#[tokio::test]
async fn views_are_counted_and_noted_without_a_flood() {
    for desk in crate::testing::desks().await {
        let (ticket, staff) = shareable(&desk).await;
        let (_, open_to_all) = make(&desk, &staff, None, ShareTime::Week).await;
        let (_, named) = make(&desk, &staff, Some(&[user(8)]), ShareTime::Week).await;
        for _ in 0..3 {
            by(&desk, &open_to_all, None).await.unwrap().viewed().await.unwrap();
            by(&desk, &named, Some(8)).await.unwrap().viewed().await.unwrap();
        }
        desk.clock.advance(3_600_000);
        by(&desk, &open_to_all, None).await.unwrap().viewed().await.unwrap();
        let listed = share::list(&staff).await.unwrap();
        let views: Vec<_> = listed.iter().map(|one| (one.people.len(), one.views)).collect();
        assert_eq!(views, [(1, 3), (0, 4)], "{}", desk.store.engine);
        assert_eq!(listed[1].viewed_at, Some(desk.w.now()));
        let log = crate::audit::list(&desk.manager().await, None).await.unwrap();
        let seen: Vec<_> = log
            .iter()
            .filter(|entry| entry.action == "transcript.share_viewed")
            .map(|entry| (entry.actor, entry.target.clone()))
            .collect();
        let target = ticket.to_string();
        assert_eq!(seen, [None, Some(user(8)), None].map(|actor| (actor, target.clone())));
    }
}

#[tokio::test]
async fn the_database_has_no_address_and_links_go_with_the_ticket() {
    for desk in crate::testing::desks().await {
        let (ticket, staff) = shareable(&desk).await;
        let (made, address) = make(&desk, &staff, None, ShareTime::Month).await;
        make(&desk, &staff, Some(&[user(8)]), ShareTime::Month).await;
        let secret = made.path.unwrap().replace("/shared/", "");
        assert_eq!(secret.len(), 43, "256 bits");
        assert!(!is_in_clear(&desk, &secret).await);
        let Address::Secret(bytes) = &address else { panic!("a secret") };
        let column: Vec<Option<Vec<u8>>> = sqlx::query_scalar("SELECT token_hash FROM share_links")
            .fetch_all(desk.w.store().read())
            .await
            .unwrap();
        assert!(column.iter().flatten().all(|kept| kept.len() == 32 && kept != bytes));
        // Sent twice, made once; nobody else's id is taken.
        let id = new_id(&desk);
        share::create(&staff, id, None, ShareTime::Day).await.unwrap();
        share::create(&staff, id, None, ShareTime::Day).await.unwrap();
        assert_eq!(share::list(&staff).await.unwrap().len(), 3);
        for _ in 3..SHARES_LIMIT {
            share::create(&staff, new_id(&desk), None, ShareTime::Day).await.unwrap();
        }
        let full = share::create(&staff, new_id(&desk), None, ShareTime::Day).await;
        assert!(matches!(full, Err(TranscriptError::Refused(Refusal::TooMany))));

        close(&desk, ticket).await;
        let manager = desk.manager().await;
        let seen = crate::guilds::settings(&manager).await.unwrap();
        let mut new = seen.settings;
        new.retention = Retention::Day;
        crate::guilds::save_settings(&manager, new, seen.revision).await.unwrap();
        desk.clock.advance(2 * DAY_MS);
        super::super::keeping::remove_expired(&desk.w).await.unwrap();
        assert!(!leads(&desk, &address, None).await, "{}", desk.store.engine);
        for table in ["share_links", "share_link_people"] {
            let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
            let left: i64 =
                sqlx::query_scalar(text).fetch_one(desk.w.store().read()).await.unwrap();
            assert_eq!(left, 0, "{table} {}", desk.store.engine);
        }
    }
}
