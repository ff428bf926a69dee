//! Whether payments work is found out and told.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use wardesk_core::Wardesk;
use wardesk_core::licences::{PaymentsState, check_payments};
use wardesk_core::ports::{PaymentError, Payments, Price};
use wardesk_core::testing::desks;

struct Provider(Mutex<Result<Vec<Price>, PaymentError>>);

#[async_trait]
impl Payments for Provider {
    async fn prices(&self, _: &[&str]) -> Result<Vec<Price>, PaymentError> {
        self.0.lock().unwrap().clone()
    }
}

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
        let provider = Arc::new(Provider(Mutex::new(Ok(Vec::new()))));
        let w = Wardesk::with_payments(desk.parts(), provider.clone());
        assert_eq!(w.payments_state(), PaymentsState::Checking);
        for (answer, state) in [
            (Ok(Vec::new()), PaymentsState::Working),
            (Err(PaymentError::BadKey), PaymentsState::BadKey),
            (Err(PaymentError::Unavailable), PaymentsState::Unavailable),
            (Err(PaymentError::Unreadable), PaymentsState::Unavailable),
            (Ok(Vec::new()), PaymentsState::Working),
        ] {
            *provider.0.lock().unwrap() = answer;
            assert_eq!(check_payments(&w).await, state);
            assert_eq!(w.payments_state(), state);
        }
    }
}
