use wardesk_core::testing::desks;

use super::{count, days_later, execute, leave};

/// A licence in that state with a seat for the desk's server.
fn licence(id: &str, status: &str, expires: &str) -> [String; 2] {
    [
        format!(
            "INSERT INTO licences (id, plan, source, status, issued_at, expires_at, contact_id, seats, revision)
             VALUES ('{id}', 'plus', 'operator', '{status}', 1, {expires}, 5, 3, 1)"
        ),
        format!("INSERT INTO licence_seats VALUES ('{id}', 1, 1000, 'Example', 1, NULL, NULL)"),
    ]
}

#[tokio::test]
async fn a_licence_that_is_over_forgets_a_server_that_was_left_and_a_live_one_does_not() {
    const LIVE: &str = "01900000-0000-7000-8000-00000000000a";
    const OVER: &str = "01900000-0000-7000-8000-00000000000b";
    const EXPIRED: &str = "01900000-0000-7000-8000-00000000000c";
    for desk in desks().await {
        let engine = desk.store.engine;
        let soon = desk.w.now().0 + 1000;
        for text in [
            licence(LIVE, "active", "NULL"),
            licence(OVER, "revoked", "NULL"),
            licence(EXPIRED, "active", &soon.to_string()),
        ]
        .into_iter()
        .flatten()
        {
            execute(&desk, &text).await;
        }
        // Freed a while ago: that it was this server's says nothing to anybody any more.
        execute(
            &desk,
            &format!("INSERT INTO licence_seats VALUES ('{LIVE}', 2, 1000, 'E', 1, NULL, 2)"),
        )
        .await;
        for (id, status) in [("over", "canceled"), ("paid", "active")] {
            execute(&desk, &format!(
                "INSERT INTO payment_subscriptions (subscription_id, reading, live, guild_id, status, unwanted)
                 VALUES ('{id}', 1, 1, 1000, '{status}', 0)"
            )).await;
        }
        days_later(&desk, 40).await;
        assert_eq!(count(&desk, "licence_seats").await, 4, "{engine}: the bot is there");
        assert_eq!(count(&desk, "payment_subscriptions WHERE guild_id IS NULL").await, 0);
        leave(&desk).await;
        days_later(&desk, 29).await;
        assert_eq!(count(&desk, "licence_seats").await, 4, "{engine}: not before its time");
        days_later(&desk, 1).await;
        assert_eq!(count(&desk, "licence_seats").await, 1, "{engine}");
        let live = format!("licence_seats WHERE licence_id = '{LIVE}' AND seat = 1");
        assert_eq!(count(&desk, &live).await, 1, "{engine}: its holder uses it");
        let forgotten = "payment_subscriptions WHERE guild_id IS NULL AND subscription_id = 'over'";
        assert_eq!(count(&desk, forgotten).await, 1, "{engine}");
        assert_eq!(
            count(&desk, "payment_subscriptions WHERE guild_id = 1000").await,
            1,
            "{engine}"
        );
        // Once that licence is over too, it forgets the server.
        execute(&desk, "UPDATE licences SET status = 'ended'").await;
        days_later(&desk, 0).await;
        assert_eq!(count(&desk, "licence_seats").await, 0, "{engine}");
    }
}
