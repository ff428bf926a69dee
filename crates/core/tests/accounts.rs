//! Signing in, sessions and drafts, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::UserId;
use secrecy::{ExposeSecret as _, SecretString};
use wardesk_core::accounts::drafts::DraftError;
use wardesk_core::accounts::sessions::{self, ABSOLUTE_SECONDS, IDLE_SECONDS, give_back_rest};
use wardesk_core::accounts::sign_in::{
    Answer, SignInError, SignedIn, begin_sign_in, finish_sign_in,
};
use wardesk_core::accounts::{AccountError, drafts, revoke, revoke_others, sign_out};
use wardesk_core::testing::{Desk, desks};

/// Source: the numbers of `docs/PROMISES.md`, not the program's own.
const TEN_MINUTES_MS: i64 = 10 * 60 * 1000;

const MIA: i64 = 71;
const NOAH: i64 = 72;

struct Begun {
    cookie: SecretString,
    code: String,
    state: String,
}

/// A sign-in on which Mia has agreed, just before her browser comes back.
async fn agreed(desk: &Desk) -> Begun {
    let begun = begin_sign_in(&desk.w, "/servers/1").await.unwrap();
    let mia = UserId::new(MIA).unwrap();
    let (code, state) = desk.identity.agree(&begun.authorize_url, mia);
    Begun { cookie: begun.cookie, code, state }
}

async fn come_back(
    desk: &Desk,
    cookie: &SecretString,
    state: &str,
    code: &str,
) -> Result<SignedIn, SignInError> {
    let answer = Answer::Code(code.to_owned().into());
    let done = finish_sign_in(&desk.w, cookie.expose_secret(), state, answer).await;
    done.map_err(|failed| failed.error)
}

fn has_expired(result: &Result<SignedIn, SignInError>) -> bool {
    matches!(result, Err(SignInError::Expired))
}

#[tokio::test]
async fn a_sign_in_is_finished_once_in_its_own_browser() {
    for desk in desks().await {
        let begun = agreed(&desk).await;
        let done = come_back(&desk, &begun.cookie, &begun.state, &begun.code).await.unwrap();
        assert_eq!((done.profile.id.get(), done.return_path.as_str()), (MIA, "/servers/1"));
        let again = come_back(&desk, &begun.cookie, &begun.state, &begun.code).await;
        assert!(has_expired(&again), "{}", desk.store.engine);

        // Someone else's browser, with an answer that was made for them: login CSRF.
        let (mine, theirs) = (agreed(&desk).await, agreed(&desk).await);
        let forged = come_back(&desk, &mine.cookie, &theirs.state, &theirs.code).await;
        assert!(has_expired(&forged));
        // The attempt used up the sign-in that it was aimed at.
        let late = come_back(&desk, &mine.cookie, &mine.state, &mine.code).await;
        assert!(has_expired(&late));
        let stranger = come_back(&desk, &"made-up".into(), &theirs.state, &theirs.code).await;
        assert!(has_expired(&stranger));
        // A code that belongs to another sign-in does not fit the verifier.
        let third = agreed(&desk).await;
        let mixed = come_back(&desk, &third.cookie, &third.state, &theirs.code).await;
        assert!(matches!(mixed, Err(SignInError::Refused)));
    }
}

#[tokio::test]
async fn a_sign_in_must_be_finished_within_ten_minutes() {
    for desk in desks().await {
        let (early, late) = (agreed(&desk).await, agreed(&desk).await);
        desk.clock.advance(TEN_MINUTES_MS - 1);
        come_back(&desk, &early.cookie, &early.state, &early.code).await.unwrap();
        desk.clock.advance(1);
        let result = come_back(&desk, &late.cookie, &late.state, &late.code).await;
        assert!(has_expired(&result), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn saying_no_signs_nobody_in_and_uses_the_sign_in_up() {
    for desk in desks().await {
        let begun = agreed(&desk).await;
        let cookie = begun.cookie.expose_secret();
        let no = finish_sign_in(&desk.w, cookie, &begun.state, Answer::Error).await.unwrap_err();
        assert!(matches!(no.error, SignInError::Cancelled));
        assert_eq!(no.return_path.as_deref(), Some("/servers/1"), "the next try leads there too");
        let result = come_back(&desk, &begun.cookie, &begun.state, &begun.code).await;
        assert!(has_expired(&result), "{}", desk.store.engine);
    }
}

/// Begins a session of Mia's under this key, as a browser would hold it.
async fn session_under(desk: &Desk, key: &[u8]) {
    let begun = agreed(desk).await;
    let done = come_back(desk, &begun.cookie, &begun.state, &begun.code).await.unwrap();
    sessions::begin(&desk.w, key, &done.profile, &done.token, "Firefox").await.unwrap();
}

#[tokio::test]
async fn a_session_ends_when_idle_for_a_day() {
    for desk in desks().await {
        session_under(&desk, b"key").await;
        for _ in 0..3 {
            desk.clock.advance(IDLE_SECONDS * 1000 - 1);
            let used = sessions::find(&desk.w, b"key").await.unwrap();
            assert!(used.is_some(), "{}: use prolongs it", desk.store.engine);
        }
        desk.clock.advance(IDLE_SECONDS * 1000);
        assert!(sessions::find(&desk.w, b"key").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_session_ends_after_seven_days_however_much_it_is_used() {
    for desk in desks().await {
        session_under(&desk, b"key").await;
        let half_a_day = IDLE_SECONDS / 2;
        for _ in 1..ABSOLUTE_SECONDS / half_a_day {
            desk.clock.advance(half_a_day * 1000);
            assert!(sessions::find(&desk.w, b"key").await.unwrap().is_some());
        }
        desk.clock.advance(half_a_day * 1000);
        let found = sessions::find(&desk.w, b"key").await.unwrap();
        assert!(found.is_none(), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn people_see_their_own_sessions_and_end_them() {
    for desk in desks().await {
        let laptop = desk.sign_in(MIA, "Firefox on Linux").await;
        desk.clock.advance(60_000);
        let phone = desk.sign_in(MIA, "Chrome on Android").await;
        let other = desk.sign_in(NOAH, "Safari on iOS").await;

        let seen = sessions::list(&desk.w, &laptop).await.unwrap();
        let browsers: Vec<_> = seen.iter().map(|s| (s.browser.as_str(), s.current)).collect();
        assert_eq!(browsers, [("Chrome on Android", false), ("Firefox on Linux", true)]);
        assert_eq!(seen[1].created_at.plus_seconds(60), seen[0].created_at);

        let handle = &seen[0].handle;
        let foreign = revoke(&desk.w, &other, handle).await;
        assert!(matches!(foreign, Err(AccountError::NotFound)), "{}", desk.store.engine);
        let made_up = revoke(&desk.w, &laptop, "zz").await;
        assert!(matches!(made_up, Err(AccountError::NotFound)));
        assert_eq!(sessions::list(&desk.w, &phone).await.unwrap().len(), 2);

        revoke(&desk.w, &laptop, handle).await.unwrap();
        let left = sessions::list(&desk.w, &laptop).await.unwrap();
        assert_eq!(left.iter().map(|s| s.current).collect::<Vec<_>>(), [true]);
        assert_eq!(sessions::list(&desk.w, &other).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn people_end_all_their_other_sessions_and_keep_the_token_of_this_one() {
    for desk in desks().await {
        let laptop = desk.sign_in(MIA, "Firefox").await;
        for browser in ["Chrome", "Safari"] {
            desk.sign_in(MIA, browser).await;
        }
        let other = desk.sign_in(NOAH, "Safari").await;
        assert_eq!(revoke_others(&desk.w, &laptop).await.unwrap(), 2, "{}", desk.store.engine);
        let left = sessions::list(&desk.w, &laptop).await.unwrap();
        assert_eq!(left.iter().map(|s| s.current).collect::<Vec<_>>(), [true]);
        assert_eq!(sessions::list(&desk.w, &other).await.unwrap().len(), 1, "Noah's stays");
        // With one of its tokens Discord ends the whole authorisation.
        assert!(desk.identity.revoked().is_empty());
        assert_eq!(revoke_others(&desk.w, &laptop).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_gives_the_token_back() {
    for desk in desks().await {
        let session = desk.sign_in(MIA, "Firefox").await;
        assert!(desk.identity.revoked().is_empty());
        sign_out(&desk.w, &session).await.unwrap();
        let token = session.token().expose_secret().to_owned();
        assert_eq!(desk.identity.revoked(), [token], "{}", desk.store.engine);
        assert!(sessions::list(&desk.w, &session).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_token_that_discord_did_not_take_at_sign_out_is_given_back_later() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let session = desk.sign_in(MIA, "Firefox").await;
        desk.identity.set_out(true);
        sign_out(&desk.w, &session).await.unwrap();
        assert!(sessions::list(&desk.w, &session).await.unwrap().is_empty(), "{engine}");
        desk.clock.advance(300_000);
        assert_eq!(give_back_rest(&desk.w).await.unwrap(), 0, "{engine}: still nobody answers");
        desk.identity.set_out(false);
        assert_eq!(give_back_rest(&desk.w).await.unwrap(), 0, "{engine}: not before its time");
        desk.clock.advance(300_000);
        assert_eq!(give_back_rest(&desk.w).await.unwrap(), 1, "{engine}");
        let token = session.token().expose_secret().to_owned();
        assert_eq!(desk.identity.revoked(), [token], "{engine}");
        desk.clock.advance(300_000);
        assert_eq!(give_back_rest(&desk.w).await.unwrap(), 0, "{engine}: once is enough");
    }
}

#[tokio::test]
async fn who_signs_in_again_is_not_signed_out_by_a_late_answer_of_discord() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let first = desk.sign_in(MIA, "Firefox").await;
        desk.identity.set_out(true);
        sign_out(&desk.w, &first).await.unwrap();
        desk.identity.set_out(false);
        desk.sign_in(MIA, "Firefox").await;
        desk.clock.advance(600_000);
        assert_eq!(give_back_rest(&desk.w).await.unwrap(), 0, "{engine}");
        assert!(
            desk.identity.revoked().is_empty(),
            "{engine}: it would end the new permission too"
        );
    }
}

#[tokio::test]
async fn a_draft_comes_back_once_to_the_person_and_form_it_is_of() {
    for desk in desks().await {
        let (mia, noah) = (desk.sign_in(MIA, "Firefox").await, desk.sign_in(NOAH, "Safari").await);
        let typed = vec!["What I typed".to_owned()];
        let id = drafts::put(&desk.w, &mia, "panel", &typed).await.unwrap();
        let take = async |session, form| {
            drafts::take::<Vec<String>>(&desk.w, session, form, &id).await.unwrap()
        };
        assert_eq!(take(&noah, "panel").await, None, "{}", desk.store.engine);
        assert_eq!(take(&mia, "settings").await, None);
        assert_eq!(take(&mia, "panel").await, Some(typed));
        assert_eq!(take(&mia, "panel").await, None);

        let late = drafts::put(&desk.w, &mia, "panel", &1).await.unwrap();
        desk.clock.advance(600_000);
        assert_eq!(drafts::take::<i32>(&desk.w, &mia, "panel", &late).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_person_has_five_drafts_and_none_is_large() {
    for desk in desks().await {
        let (mia, noah) = (desk.sign_in(MIA, "Firefox").await, desk.sign_in(NOAH, "Safari").await);
        let other = drafts::put(&desk.w, &noah, "panel", &0).await.unwrap();
        let mut ids = Vec::new();
        for n in 0..7 {
            // Two at the same instant: the newer of them is there in any case.
            desk.clock.advance(n % 2);
            ids.push(drafts::put(&desk.w, &mia, "panel", &n).await.unwrap());
        }
        let mut kept = Vec::new();
        for id in &ids {
            kept.extend(drafts::take::<i64>(&desk.w, &mia, "panel", id).await.unwrap());
        }
        assert_eq!(kept.len(), 5, "{}: {kept:?}", desk.store.engine);
        assert!(kept.ends_with(&[3, 4, 5, 6]), "{kept:?}");
        assert_eq!(drafts::take(&desk.w, &noah, "panel", &other).await.unwrap(), Some(0));

        let large = drafts::put(&desk.w, &mia, "panel", &"a".repeat(64 * 1024)).await;
        assert!(matches!(large, Err(DraftError::TooLarge)));
    }
}

#[tokio::test]
async fn of_more_than_a_hundred_sessions_the_oldest_end() {
    for desk in desks().await {
        for number in 0..103_u8 {
            session_under(&desk, &[number]).await;
            desk.clock.advance(1000);
        }
        for ended in 0..3 {
            let found = sessions::find(&desk.w, &[ended]).await.unwrap();
            assert!(found.is_none(), "{}: {ended}", desk.store.engine);
        }
        let newest = sessions::find(&desk.w, &[102]).await.unwrap().unwrap();
        assert!(sessions::find(&desk.w, &[3]).await.unwrap().is_some());
        assert_eq!(sessions::list(&desk.w, &newest).await.unwrap().len(), 100);
    }
}
