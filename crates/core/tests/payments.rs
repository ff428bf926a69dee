//! Whether payments work is found out and told.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use wardesk_core::Wardesk;
use wardesk_core::licences::{PaymentsState, check_payments};
use wardesk_core::testing::{FakePayments, desks};

#[tokio::test]
async fn without_a_key_payments_are_off() {
    for desk in desks().await {
        assert_eq!(desk.w.payments_state(), PaymentsState::Off);
        assert_eq!(check_payments(&desk.w).await, PaymentsState::Off);
    }
}

#[tokio::test]
async fn the_providers_answer_is_told() {
    for desk in desks().await {
        let provider = Arc::new(FakePayments::new(desk.clock.clone(), &[]));
        let w = Wardesk::with_payments(desk.parts(), provider.clone(), Vec::new());
        assert_eq!(w.payments_state(), PaymentsState::Checking);
        for (key, away, state) in [
            (true, false, PaymentsState::Working),
            (false, false, PaymentsState::BadKey),
            (true, true, PaymentsState::Unavailable),
            (true, false, PaymentsState::Working),
        ] {
            provider.set_bad_key(!key);
            provider.set_away(away);
            assert_eq!(check_payments(&w).await, state);
            assert_eq!(w.payments_state(), state);
        }
    }
}
