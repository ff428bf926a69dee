//! What takes its time is answered when it is done.

use wardesk_core::accounts::Session;
use wardesk_core::privacy::download::{self, DownloadState, Failure};
use wardesk_core::privacy::erase::{Confirmed, Waiting};
use wardesk_core::tickets;
use wardesk_core::transcripts::{self, TranscriptAccess, hold};

use super::*;

const YES: Confirmed = Confirmed { understood: true, licences: true };

/// A closed ticket of the person, for those who manage the server.
async fn closed_ticket(desk: &Desk) -> TranscriptAccess {
    let panel = desk.panel().await;
    let (ticket, _) = desk.open_ticket(panel, MIA).await;
    let opener = desk.member(MIA).await;
    tickets::close(&opener, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
    desk.discord.add_member(1, &[]);
    let owner = desk.sign_in(1, "Test").await;
    transcripts::authorize(&desk.w, &owner, ticket).await.unwrap()
}

async fn carried_out(desk: &Desk) {
    erase::carry_out_all(&desk.w).await.unwrap();
    desk.settle().await;
    erase::carry_out_all(&desk.w).await.unwrap();
}

#[tokio::test]
async fn a_request_to_erase_stays_open_while_a_hold_waits_and_is_answered_by_the_end() {
    for desk in desks().await {
        let (w, engine) = (&desk.w, desk.store.engine);
        let access = closed_ticket(&desk).await;
        hold::place(&access, "canary-lawsuit").await.unwrap();
        // Asked by the form, by somebody who signs in afterwards.
        let mut form = new(RequestKind::Erase, "Erase me.");
        form.said.account = MIA.to_string();
        let asked = ask(w, None, form).await.unwrap();
        let mia = desk.sign_in(MIA, "Firefox").await;
        verify(w, &mia, token(&asked)).await.unwrap();
        let operator = operator(&desk).await;
        decide(&operator, asked.id, &decision(Outcome::Done, "Good bye.")).await.unwrap();
        carried_out(&desk).await;
        let seen = follow(w, token(&asked)).await.unwrap();
        assert_eq!(seen.request.state, RequestState::UnderWay, "{engine}");
        assert_eq!(seen.waits.len(), 1, "{engine}");
        let (server, waiting) = &seen.waits[0];
        assert_eq!(*waiting, Waiting::Hold, "{engine}");
        assert!(!server.is_empty() && !format!("{seen:?}").contains("canary"), "{engine}");
        let again = decide(&operator, asked.id, &decision(Outcome::Done, "")).await;
        assert_eq!(refusal(again), Refusal::Decided, "{engine}: nobody answers it meanwhile");
        // Nobody is written to about it, and it is not late: they were told what waits.
        desk.clock.advance(31 * DAY);
        turn(w).await.unwrap();
        desk.settle().await;
        assert!(desk.discord.direct_messages(UserId::new(OPERATOR).unwrap()).is_empty());
        assert_eq!(rows::overdue(w.store().read(), w.now()).await.unwrap(), 0, "{engine}");

        let owner = desk.sign_in(1, "Test").await;
        let access = transcripts::authorize(w, &owner, access.ticket()).await.unwrap();
        hold::lift(&access, "over").await.unwrap();
        carried_out(&desk).await;
        let seen = follow(w, token(&asked)).await.unwrap();
        assert_eq!((seen.request.state, seen.request.user), (RequestState::Done, None), "{engine}");
        let decided = seen.request.decided.unwrap();
        assert!(decided.since(seen.request.made) >= 31 * DAY, "{engine}: when it was over");
        let taken = steps(&seen);
        let wanted = [
            (Step::Received, Role::Person),
            (Step::Verified, Role::Person),
            (Step::CarriedOut, Role::Operator),
            (Step::Decided, Role::Service),
        ];
        assert_eq!(taken, wanted, "{engine}");
    }
}

#[tokio::test]
async fn a_hold_that_is_placed_after_the_request_keeps_it_open_too() {
    for desk in desks().await {
        let (w, engine) = (&desk.w, desk.store.engine);
        let access = closed_ticket(&desk).await;
        let mia = desk.sign_in(MIA, "Firefox").await;
        let written = ask(w, Some(&mia), new(RequestKind::Erase, "Erase me.")).await.unwrap();
        erase::ask_self(w, &mia, YES).await.unwrap();
        // Between the request and the first step of the erasure.
        hold::place(&access, "a lawsuit").await.unwrap();
        carried_out(&desk).await;
        let row = rows::get(w.store().read(), written.id).await.unwrap().unwrap();
        assert_eq!((row.state, row.user), (RequestState::UnderWay, Some(mia.user)), "{engine}");
        // Whoever signs in again sees it, and asking again is the same request.
        desk.clock.advance(1000);
        let mia = desk.sign_in(MIA, "Firefox").await;
        let seen = of_session(w, &mia, written.id).await.unwrap();
        assert_eq!(seen.waits.len(), 1, "{engine}");
        assert_eq!(seen.said, None, "{engine}: its words are erased");
        erase::ask_self(w, &mia, YES).await.unwrap();
        assert_eq!(requests::of_person(w, mia.user).await.unwrap().len(), 1, "{engine}");
    }
}

/// What is asked for and what answers it commit together: there is no moment in which one is without the other.
#[tokio::test]
async fn an_erasure_and_its_request_are_one() {
    for desk in desks().await {
        let w = &desk.w;
        let mia = desk.sign_in(MIA, "Firefox").await;
        erase::ask_self(w, &mia, YES).await.unwrap();
        let mine = requests::of_person(w, mia.user).await.unwrap();
        assert_eq!(mine[0].state, RequestState::UnderWay, "it is not done before it begins");
        assert!(erase::state_of(w, mia.user).await.unwrap().is_some());
        erase::carry_out_all(w).await.unwrap();
        let row = rows::get(w.store().read(), mine[0].id).await.unwrap().unwrap();
        assert_eq!((row.state, row.user), (RequestState::Done, None));
    }
}

async fn copy_of(desk: &Desk, session: &Session) -> download::Download {
    download::of(&desk.w, session).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_request_for_a_copy_is_answered_when_the_copy_is_there() {
    for desk in desks().await {
        let w = &desk.w;
        let mia = desk.sign_in(MIA, "Firefox").await;
        download::ask(w, &mia).await.unwrap();
        let own = requests::of_person(w, mia.user).await.unwrap()[0].id;
        assert_eq!(state(&desk, own).await, RequestState::UnderWay);
        download::make_all(w).await.unwrap();
        assert_eq!(state(&desk, own).await, RequestState::Done);
        let seen = of_session(w, &mia, own).await.unwrap();
        let wanted = [
            (Step::Received, Role::Person),
            (Step::CarriedOut, Role::Person),
            (Step::Decided, Role::Service),
        ];
        assert_eq!(steps(&seen), wanted);

        // By the form it is the same: an operator who agrees has the copy made.
        desk.clock.advance(2 * DAY);
        let mia = desk.sign_in(MIA, "Firefox").await;
        let asked = ask(w, Some(&mia), new(RequestKind::Access, "All of it.")).await.unwrap();
        let access = operator(&desk).await;
        decide(&access, asked.id, &decision(Outcome::Done, "Here it is.")).await.unwrap();
        assert_eq!(state(&desk, asked.id).await, RequestState::UnderWay);
        download::make_all(w).await.unwrap();
        let seen = of_session(w, &mia, asked.id).await.unwrap();
        assert_eq!(seen.request.state, RequestState::Done);
        assert_eq!(seen.answer.as_deref(), Some("Here it is."));
        assert_eq!(copy_of(&desk, &mia).await.state, DownloadState::Ready);
    }
}

#[tokio::test]
async fn a_copy_that_cannot_be_made_is_tried_again_soon_and_then_said_to_have_failed() {
    for desk in desks().await {
        let (w, engine) = (&desk.w, desk.store.engine);
        let mia = desk.sign_in(MIA, "Firefox").await;
        // Where its bytes would go there is a file.
        let place = desk.store.blobs.join("objects");
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join("0"), b"in the way").unwrap();
        download::ask(w, &mia).await.unwrap();
        let own = requests::of_person(w, mia.user).await.unwrap()[0].id;
        let attempts = async || {
            download::make_all(w).await.unwrap();
            let text = "SELECT attempts FROM person_downloads";
            sqlx::query_scalar::<_, i64>(text).fetch_one(w.store().read()).await.unwrap()
        };
        // A minute after the first attempt, then four times as long each time.
        for (attempt, minutes) in [(1, 1), (2, 4), (3, 16), (4, 64)] {
            assert_eq!(attempts().await, attempt, "{engine}");
            let copy = copy_of(&desk, &mia).await;
            assert_eq!(copy.state, DownloadState::Asked, "{engine}");
            assert_eq!(copy.failure, Some(Failure::Unwritable), "{engine}");
            assert_eq!(state(&desk, own).await, RequestState::UnderWay, "{engine}");
            desk.clock.advance(minutes * 60_000 - 1);
            assert_eq!(attempts().await, attempt, "{engine}: not earlier");
            desk.clock.advance(1);
        }
        assert_eq!(attempts().await, 5, "{engine}");
        let copy = copy_of(&desk, &mia).await;
        assert_eq!(copy.state, DownloadState::Failed, "{engine}");
        assert_eq!(copy.failure, Some(Failure::Unwritable), "{engine}");
        let seen = of_session(w, &mia, own).await.unwrap();
        assert_eq!(seen.request.state, RequestState::Open, "{engine}: operators look after it");
        assert_eq!(steps(&seen).last(), Some(&(Step::Failed, Role::Service)), "{engine}");
        desk.clock.advance(DAY);
        assert_eq!(attempts().await, 5, "{engine}: and no further attempt is made by itself");

        // The button makes another one of the same request.
        std::fs::remove_file(place.join("0")).unwrap();
        let mia = desk.sign_in(MIA, "Firefox").await;
        download::ask(w, &mia).await.unwrap();
        assert_eq!(state(&desk, own).await, RequestState::UnderWay, "{engine}");
        download::make_all(w).await.unwrap();
        assert_eq!(copy_of(&desk, &mia).await.state, DownloadState::Ready, "{engine}");
        assert_eq!(state(&desk, own).await, RequestState::Done, "{engine}");
    }
}

#[tokio::test]
async fn a_copy_that_went_before_it_was_made_leaves_the_request_to_the_operators() {
    for desk in desks().await {
        let w = &desk.w;
        let mia = desk.sign_in(MIA, "Firefox").await;
        download::ask(w, &mia).await.unwrap();
        let own = requests::of_person(w, mia.user).await.unwrap()[0].id;
        turn(w).await.unwrap();
        assert_eq!(state(&desk, own).await, RequestState::UnderWay);
        // Nothing ran for a week.
        desk.clock.advance(8 * DAY);
        download::remove_expired(w).await.unwrap();
        turn(w).await.unwrap();
        assert_eq!(state(&desk, own).await, RequestState::Open);
    }
}
