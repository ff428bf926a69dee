//! The register of disclosures compelled by law.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::{DisclosureId, UserId};
use domain::privacy::NotifyState;
use storage::privacy::disclosures as rows;
use wardesk_core::licences::operator::{self, OperatorAccess};
use wardesk_core::privacy::disclosures::{Details, Notify, list, note, notify};
use wardesk_core::privacy::{PrivacyError, Refusal};
use wardesk_core::testing::{Desk, OPERATOR, desks};

const DAY_SECONDS: i64 = 86_400;

fn details() -> Details {
    Details {
        authority: "District court".into(),
        ground: "Order 1/26".into(),
        given: "The transcript of one ticket".into(),
        affected: vec![UserId::new(7).unwrap()],
    }
}

async fn operator(desk: &Desk) -> OperatorAccess {
    operator::authorize(&desk.w, &desk.sign_in(OPERATOR, "Firefox").await).unwrap()
}

#[tokio::test]
async fn whoever_is_affected_is_told_or_it_is_overdue() {
    for desk in desks().await {
        let access = operator(&desk).await;
        let id = DisclosureId::new(desk.w.new_uuid());
        for _ in 0..2 {
            note(&access, id, &details(), desk.w.now(), Notify::ToDo).await.unwrap();
        }
        let all = list(&access, 0).await.unwrap();
        assert_eq!(all.len(), 1, "sent twice, it is one");
        assert_eq!((&all[0].details, all[0].overdue), (&details(), false));
        desk.clock.advance(7 * DAY_SECONDS * 1000 + 1);
        assert!(list(&access, 0).await.unwrap()[0].overdue);
        let overdue = async || rows::overdue(desk.w.store().read(), desk.w.now()).await.unwrap();
        assert_eq!(overdue().await, 1);
        notify(&access, id, Notify::ToDo).await.unwrap();
        assert_eq!(overdue().await, 1, "said again, there is no more time");
        // A court may forbid it for a time; then it is looked at again.
        let until = desk.w.now().plus_seconds(30 * DAY_SECONDS);
        notify(&access, id, Notify::Forbidden(until)).await.unwrap();
        assert_eq!(overdue().await, 0);
        desk.clock.advance(30 * DAY_SECONDS * 1000 + 1);
        assert_eq!(overdue().await, 1);
        notify(&access, id, Notify::Told).await.unwrap();
        assert_eq!(overdue().await, 0);
        assert_eq!(list(&access, 0).await.unwrap()[0].state, NotifyState::Told);
        let settled = notify(&access, id, Notify::ToDo).await;
        assert!(matches!(settled, Err(PrivacyError::NotFound)), "what is settled stays");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_words_are_sealed() {
    for desk in desks().await {
        let access = operator(&desk).await;
        let (now, id) = (desk.w.now(), DisclosureId::new(desk.w.new_uuid()));
        let mut empty = details();
        empty.authority = " ".into();
        let later = now.plus_seconds(1);
        for (details, given, told) in [
            (empty, now, Notify::ToDo),
            (details(), later, Notify::ToDo),
            (details(), now, Notify::Forbidden(now)),
            (details(), now, Notify::Forbidden(now.plus_seconds(800 * DAY_SECONDS))),
        ] {
            let refused = note(&access, id, &details, given, told).await;
            assert!(matches!(refused, Err(PrivacyError::Refused(Refusal::Entry))), "{refused:?}");
        }
        note(&access, id, &details(), now, Notify::Impossible).await.unwrap();
        let row = rows::list(desk.w.store().read(), 0, 1).await.unwrap().remove(0);
        assert!(!row.details.as_bytes().windows(5).any(|part| part == b"court"));
    }
}
