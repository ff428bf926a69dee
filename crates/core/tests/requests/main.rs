//! Requests about personal data: from being asked to being answered.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod asking;
mod deciding;
mod objecting;
mod owners;
mod refreshing;
mod telling;
mod under_way;
mod verifying;

use domain::ids::{RequestId, UserId};
use domain::privacy::{Outcome, Reason, RequestKind, RequestState, Role, Step, Via};
use storage::privacy::requests as rows;
use wardesk_core::licences::operator::{self, OperatorAccess};
use wardesk_core::privacy::requests::{
    self, Answer, Asked, Followed, NewRequest, Said, ask, decide, follow, of_session, turn, verify,
};
use wardesk_core::privacy::{PrivacyError, Refusal, erase, restrict};
use wardesk_core::testing::{Desk, OPERATOR, desks};

const DAY: i64 = 86_400_000;
/// The account that asks.
const MIA: i64 = 7;
const SOMEBODY: i64 = 8;

fn new(kind: RequestKind, words: &str) -> NewRequest {
    let said = Said { words: words.into(), ..Said::default() };
    NewRequest { kind, via: Via::Form, said, once: "form".into() }
}

/// A request about the content of the desk's server.
fn about_server(desk: &Desk, kind: RequestKind) -> NewRequest {
    let mut new = new(kind, "My name stands in ticket 3.");
    new.said.server = desk.guild.to_string();
    new
}

fn refusal<T: std::fmt::Debug>(result: Result<T, PrivacyError>) -> Refusal {
    match result.unwrap_err() {
        PrivacyError::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

fn token(asked: &Asked) -> &str {
    asked.path.strip_prefix("/privacy/requests/").expect("an address with a secret")
}

async fn operator(desk: &Desk) -> OperatorAccess {
    operator::authorize(&desk.w, &desk.sign_in(OPERATOR, "Firefox").await).unwrap()
}

async fn state(desk: &Desk, id: RequestId) -> RequestState {
    rows::get(desk.w.store().read(), id).await.unwrap().unwrap().state
}

fn decision(outcome: Outcome, words: &str) -> Answer {
    Answer { outcome, words: words.into(), account: None, sure: true }
}

fn steps(followed: &Followed) -> Vec<(Step, Role)> {
    followed.steps.iter().map(|taken| (taken.step, taken.role)).collect()
}
