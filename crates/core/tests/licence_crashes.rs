//! The program dies while the licences of a customer end, at every place: they are over all the same, and nothing of
//! the customer stays.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::{LicenceId, UserId};
use wardesk_core::failpoints::licences::{END_AFTER_BURIAL, END_BEFORE_COMMIT};
use wardesk_core::licences::operator::{self, NewLicence, OperatorAccess};
use wardesk_core::licences::{bury_again, end_customer, entitlements};
use wardesk_core::testing::desks;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_gone_wherever_the_program_dies() {
    let scenario = fail::FailScenario::setup();
    for point in [END_AFTER_BURIAL, END_BEFORE_COMMIT] {
        for mut desk in desks().await {
            let new = NewLicence {
                id: LicenceId::new(desk.w.new_uuid()),
                plan: "pro".parse().unwrap(),
                gift: false,
                contact: UserId::new(50).unwrap(),
                seats: None,
                expires: None,
                server: Some(desk.guild),
                server_name: None,
            };
            operator::issue(&OperatorAccess::of_console(&desk.w), new).await.unwrap();
            let session = desk.sign_in(50, "Firefox").await;
            fail::cfg(point, "1*panic").unwrap();
            let w = desk.w.clone();
            let died = tokio::spawn(async move { end_customer(&w, &session, true).await }).await;
            assert!(died.is_err(), "{point} was passed");
            fail::remove(point);
            desk.restart(1000);
            let engine = desk.store.engine;
            let plan = entitlements(&desk.w, desk.guild).await.unwrap().plan;
            assert_eq!(plan.as_str(), "free", "{point} ({engine})");
            assert_eq!(bury_again(&desk.w).await.unwrap(), 1, "{point} ({engine})");
            let db = desk.w.store().read();
            let of_them = storage::licences::of_contact(db, UserId::new(50).unwrap()).await;
            assert!(of_them.unwrap().is_empty(), "{point} ({engine})");
        }
    }
    scenario.teardown();
}
