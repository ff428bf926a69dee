//! Somebody objects: the use is restricted while that is judged.

use domain::ids::GuildId;
use wardesk_core::privacy::requests::{answer, sort};
use wardesk_core::transcripts;
use wardesk_core::transcripts::archive::{FrameKind, RawFrame, frames};

use super::*;

async fn restricted(desk: &Desk, guild: GuildId, user: UserId) -> bool {
    restrict::is_restricted(&desk.w, guild, user).await.unwrap()
}

fn elsewhere() -> GuildId {
    GuildId::new(999_999).unwrap()
}

#[tokio::test]
async fn an_objection_restricts_at_once_and_is_upheld_or_lifted() {
    for desk in desks().await {
        let w = &desk.w;
        let access = operator(&desk).await;
        let mia = desk.sign_in(MIA, "Firefox").await;
        for (outcome, stays) in
            [(Outcome::Declined(Reason::Compelling), false), (Outcome::Done, true)]
        {
            let mut form = new(RequestKind::Object, "Not for search.");
            form.once = format!("{outcome:?}");
            let asked = ask(w, Some(&mia), form).await.unwrap();
            assert!(restricted(&desk, desk.guild, mia.user).await, "while it is judged");
            assert!(restricted(&desk, elsewhere(), mia.user).await, "no server was named");
            decide(&access, asked.id, &decision(outcome, "Because.")).await.unwrap();
            assert_eq!(restricted(&desk, desk.guild, mia.user).await, stays, "{outcome:?}");
            let seen = of_session(w, &mia, asked.id).await.unwrap();
            let mut wanted =
                vec![(Step::Received, Role::Person), (Step::Restricted, Role::Service)];
            if !stays {
                assert_eq!(seen.request.reason, Some(Reason::Compelling));
                wanted.push((Step::Lifted, Role::Operator));
            }
            wanted.push((Step::Decided, Role::Operator));
            assert_eq!(steps(&seen), wanted);
        }
        // Upheld, it lasts longer than the request, until the person lifts it.
        let mut tx = w.store().begin().await.unwrap();
        sqlx::query("DELETE FROM privacy_requests").execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(restrict::of(w, mia.user).await.unwrap().len(), 1);
        restrict::lift(w, mia.user).await.unwrap();
        assert!(!restricted(&desk, desk.guild, mia.user).await);
    }
}

#[tokio::test]
async fn one_that_is_declined_leaves_other_restrictions_alone() {
    for desk in desks().await {
        let w = &desk.w;
        let access = operator(&desk).await;
        let mia = desk.sign_in(MIA, "Firefox").await;
        let first = ask(w, Some(&mia), new(RequestKind::Object, "Not for search.")).await.unwrap();
        decide(&access, first.id, &decision(Outcome::Done, "")).await.unwrap();
        restrict::restrict_self(w, mia.user).await.unwrap();
        let mut form = new(RequestKind::Object, "Nor for anything else.");
        form.once = "another".into();
        let second = ask(w, Some(&mia), form).await.unwrap();
        assert_eq!(restrict::of(w, mia.user).await.unwrap().len(), 3);
        let why = Outcome::Declined(Reason::Unfounded);
        decide(&access, second.id, &decision(why, "")).await.unwrap();
        assert_eq!(restrict::of(w, mia.user).await.unwrap().len(), 2);
        assert!(restricted(&desk, desk.guild, mia.user).await);
    }
}

#[tokio::test]
async fn about_a_server_it_restricts_there_and_its_owner_judges() {
    for desk in desks().await {
        let w = &desk.w;
        let mia = desk.sign_in(MIA, "Firefox").await;
        let form = about_server(&desk, RequestKind::Object);
        let asked = ask(w, Some(&mia), form).await.unwrap();
        assert_eq!(state(&desk, asked.id).await, RequestState::WithOwner);
        assert!(restricted(&desk, desk.guild, mia.user).await);
        assert!(
            !restricted(&desk, elsewhere(), mia.user).await,
            "another server has no part in it"
        );
        let owner = desk.manager().await;
        let why = Outcome::Declined(Reason::Compelling);
        answer(&owner, asked.id, why, "We need it.").await.unwrap();
        assert!(!restricted(&desk, desk.guild, mia.user).await);
        let seen = of_session(w, &mia, asked.id).await.unwrap();
        assert!(steps(&seen).contains(&(Step::Lifted, Role::Owner)));
    }
}

#[tokio::test]
async fn nothing_is_restricted_before_it_is_known_whose_it_is() {
    use secrecy::SecretString;
    use wardesk_core::licences::payments::signature::sign;
    for desk in desks().await {
        let w = &desk.w;
        let mut form = new(RequestKind::Object, "Not for search.");
        form.said.account = MIA.to_string();
        let asked = ask(w, None, form).await.unwrap();
        let mia = desk.sign_in(MIA, "Firefox").await;
        assert!(!restricted(&desk, desk.guild, mia.user).await);
        verify(w, &mia, token(&asked)).await.unwrap();
        assert!(restricted(&desk, desk.guild, mia.user).await);

        // The same by mail, of somebody who showed first whose it is.
        let secrets = [SecretString::from("of the mail service")];
        let body = br#"{"id":"1","from":"eve@example.org","subject":"Stop","text":"I object"}"#;
        let header = sign(body, &["of the mail service"], w.now());
        let path = requests::mail::receive(w, &secrets, &header, body).await.unwrap();
        let token = path.strip_prefix("/privacy/requests/").unwrap();
        let eve = desk.sign_in(SOMEBODY, "Firefox").await;
        let id = verify(w, &eve, token).await.unwrap();
        assert!(!restricted(&desk, desk.guild, eve.user).await, "nobody said what it asks for");
        sort(&operator(&desk).await, id, RequestKind::Object).await.unwrap();
        assert!(restricted(&desk, desk.guild, eve.user).await);
    }
}

#[tokio::test]
async fn what_the_person_lifts_stays_lifted_when_they_are_right() {
    for desk in desks().await {
        let w = &desk.w;
        let mia = desk.sign_in(MIA, "Firefox").await;
        let asked = ask(w, Some(&mia), new(RequestKind::Object, "Not for search.")).await.unwrap();
        restrict::lift(w, mia.user).await.unwrap();
        assert_eq!(state(&desk, asked.id).await, RequestState::Open, "it is judged all the same");
        decide(&operator(&desk).await, asked.id, &decision(Outcome::Done, "")).await.unwrap();
        assert!(!restricted(&desk, desk.guild, mia.user).await);
        let seen = of_session(w, &mia, asked.id).await.unwrap();
        assert!(steps(&seen).contains(&(Step::Lifted, Role::Person)));
    }
}

/// What is hidden on a page, and found by nobody, is what was said on the server that the objection is about.
#[tokio::test]
async fn what_an_objection_is_about_is_shown_again_when_it_is_declined() {
    for desk in desks().await {
        let w = &desk.w;
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, SOMEBODY).await;
        desk.clock.advance(1000);
        let message = desk.discord.say(channel, MIA, "a zebracanary", &serde_json::json!({}));
        let json = serde_json::value::to_raw_value(&message).unwrap();
        let told = RawFrame { kind: FrameKind::Create, guild: None, channel, json };
        frames(w, vec![told]).await;
        desk.discord.add_member(1, &[]);
        let owner = desk.sign_in(1, "Test").await;
        let hidden = async || {
            let access = transcripts::authorize(w, &owner, ticket).await.unwrap();
            let page = transcripts::page(&access, None, 500).await.unwrap();
            let entries = page.timeline.iter().filter_map(|item| match item {
                transcript::TimelineItem::Message(entry) => Some(entry),
                transcript::TimelineItem::Desk(_) => None,
            });
            entries.filter(|entry| entry.restricted).count()
        };
        let mia = desk.sign_in(MIA, "Firefox").await;
        let elsewhere = NewRequest {
            said: Said { server: "999999".into(), ..new(RequestKind::Object, "There.").said },
            ..new(RequestKind::Object, "There.")
        };
        assert_eq!(hidden().await, 0);
        let asked = ask(w, Some(&mia), about_server(&desk, RequestKind::Object)).await.unwrap();
        assert_eq!(hidden().await, 1);
        let manager = desk.manager().await;
        let why = Outcome::Declined(Reason::Compelling);
        answer(&manager, asked.id, why, "We need it.").await.unwrap();
        assert_eq!(hidden().await, 0);
        // A server that the bot is not on is not found: until it is judged, nothing is used anywhere.
        ask(w, Some(&mia), elsewhere).await.unwrap();
        assert_eq!(hidden().await, 1);
    }
}
