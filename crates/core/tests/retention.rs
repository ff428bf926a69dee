//! The hourly sweep, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use storage::retention::{Keep, RULES};
use wardesk_core::accounts::sessions::{ABSOLUTE_SECONDS, IDLE_SECONDS};
use wardesk_core::testing::desks;
use wardesk_core::{audit, retention};

const HOUR_MS: i64 = 3_600_000;

#[tokio::test]
async fn one_process_sweeps_once_an_hour() {
    for desk in desks().await {
        let other = desk.beside().await;
        let both = tokio::join!(retention::sweep_if_due(&desk.w), retention::sweep_if_due(&other));
        assert_ne!(both.0.unwrap(), both.1.unwrap(), "{}: one of two", desk.store.engine);
        desk.clock.advance(HOUR_MS - 1000);
        assert!(!retention::sweep_if_due(&desk.w).await.unwrap());
        assert!(!retention::sweep_if_due(&other).await.unwrap());
        desk.clock.advance(2000);
        assert!(retention::sweep_if_due(&other).await.unwrap(), "{}", desk.store.engine);
        assert!(!retention::sweep_if_due(&desk.w).await.unwrap());
    }
}

#[tokio::test]
async fn the_audit_log_is_kept_for_90_days_and_its_chain_holds() {
    for desk in desks().await {
        let panel = desk.panel().await;
        desk.open_ticket(panel, 7).await;
        let manager = desk.manager().await;
        let kept = async || audit::list(&manager, None).await.unwrap().len();
        let before = kept().await;
        assert!(before >= 3, "settings, panel, ticket");
        desk.clock.advance(90 * 24 * HOUR_MS - 1_000_000);
        retention::sweep(&desk.w).await.unwrap();
        assert_eq!(kept().await, before, "{}", desk.store.engine);
        desk.open_ticket(panel, 8).await;
        desk.clock.advance(1_000_001);
        retention::sweep(&desk.w).await.unwrap();
        assert_eq!(kept().await, 1, "{}: the last one is young", desk.store.engine);
        let broken = storage::audit::first_break(desk.w.store().read(), desk.guild).await.unwrap();
        assert_eq!(broken, None);
    }
}

#[test]
fn sessions_end_when_they_are_removed() {
    let rule = |name| RULES.iter().find(|rule| rule.name == name).unwrap();
    assert_eq!(rule("sessions_idle").keep, Keep::For(IDLE_SECONDS));
    assert_eq!(rule("sessions_ended").words, format!("{} days", ABSOLUTE_SECONDS / 86_400));
}
