//! Operators are told.

use super::*;

#[tokio::test]
async fn operators_are_not_written_to_while_somebody_has_to_sign_in() {
    for desk in desks().await {
        let asked = ask(&desk.w, None, new(RequestKind::Access, "Mine.")).await.unwrap();
        let written = async || {
            turn(&desk.w).await.unwrap();
            desk.settle().await;
            desk.discord.direct_messages(UserId::new(OPERATOR).unwrap()).len()
        };
        desk.clock.advance(26 * DAY);
        assert_eq!(written().await, 0);
        let mia = desk.sign_in(MIA, "Firefox").await;
        verify(&desk.w, &mia, token(&asked)).await.unwrap();
        assert_eq!(written().await, 1, "now it is theirs to answer");
    }
}

#[tokio::test]
async fn operators_are_written_to_on_their_days_once() {
    for desk in desks().await {
        let asked = ask(&desk.w, None, new(RequestKind::Other, "Hello?")).await.unwrap();
        let operator_id = UserId::new(OPERATOR).unwrap();
        let mut written = Vec::new();
        for day in 1..=31 {
            for _ in 0..4 {
                desk.clock.advance(DAY / 4);
                turn(&desk.w).await.unwrap();
                turn(&desk.w).await.unwrap();
                desk.settle().await;
                let messages = desk.discord.direct_messages(operator_id).len();
                if messages > written.len() {
                    written.push(day);
                }
            }
        }
        assert_eq!(written, [7, 25]);
        let message = desk.discord.direct_messages(operator_id)[0].to_string();
        assert!(message.contains(&format!("/operator/privacy/{}", asked.id)), "{message}");
        assert!(!message.contains("Hello?"));
        let late = rows::overdue(desk.w.store().read(), desk.w.now()).await.unwrap();
        assert_eq!(late, 1);
    }
}

#[tokio::test]
async fn many_requests_are_one_message_a_day_and_urgent_ones_are_told_at_once() {
    for desk in desks().await {
        let (w, operator_id) = (&desk.w, UserId::new(OPERATOR).unwrap());
        let written = async || {
            turn(w).await.unwrap();
            desk.settle().await;
            desk.discord.direct_messages(operator_id).len()
        };
        // At midnight, so that a day is one day.
        desk.clock.advance(DAY - desk.w.now().0.rem_euclid(DAY));
        let mut asked = Vec::new();
        for number in 0..30 {
            let kind = if number < 12 { RequestKind::Takedown } else { RequestKind::Other };
            asked.push(ask(w, None, new(kind, &format!("Thing {number}"))).await.unwrap());
            desk.clock.advance(60_000);
        }
        // In the course of one day all of them reach their seventh.
        desk.clock.advance(7 * DAY - 20 * 60_000);
        for _ in 0..8 {
            written().await;
            desk.clock.advance(3_600_000);
        }
        assert_eq!(written().await, 1, "one message, whenever each of them came");
        let message = desk.discord.direct_messages(operator_id)[0].to_string();
        for (kind, number) in [(RequestKind::Takedown, 12), (RequestKind::Other, 18)] {
            let name = requests::kind_name(words::Words::new(domain::locale::Locale::En), kind);
            assert!(message.contains(&format!("{name}: {number}")), "{message}");
        }
        let named = asked.iter().filter(|one| message.contains(&one.id.to_string()));
        assert_eq!(named.count(), 5, "those that are due first: {message}");
        assert!(message.contains(&asked[0].id.to_string()));
        // Those that came too late for it are in the next day's.
        desk.clock.advance(16 * 3_600_000);
        assert_eq!(written().await, 2);
        assert_eq!(written().await, 2, "and no other");

        // On the 25th day each is urgent: at once, and a few times a day.
        desk.clock.advance(DAY - desk.w.now().0.rem_euclid(DAY));
        let day = desk.w.now().since(rows_made(&desk, &asked[0]).await) / DAY;
        desk.clock.advance((25 - day) * DAY - 5 * 60_000);
        let before = written().await;
        for _ in 0..40 {
            desk.clock.advance(60_000);
            turn(w).await.unwrap();
        }
        desk.settle().await;
        let urgent = desk.discord.direct_messages(operator_id).len() - before;
        let bound = usize::try_from(domain::privacy::DIGESTS_PER_DAY).unwrap();
        assert!((1..=bound).contains(&urgent), "{urgent} messages");
        desk.clock.advance(DAY);
        turn(w).await.unwrap();
        let untold: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM privacy_requests WHERE alerted_day < 25")
                .fetch_one(w.store().read())
                .await
                .unwrap();
        assert_eq!(untold, 0, "none is forgotten");
        let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM request_digests")
            .fetch_one(w.store().read())
            .await
            .unwrap();
        assert_eq!(kept, 1);
    }
}

async fn rows_made(desk: &Desk, asked: &Asked) -> domain::time::Millis {
    rows::get(desk.w.store().read(), asked.id).await.unwrap().unwrap().made
}

#[tokio::test]
async fn two_processes_that_look_at_once_write_once() {
    for desk in desks().await {
        ask(&desk.w, None, new(RequestKind::Other, "Hello?")).await.unwrap();
        desk.clock.advance(8 * DAY);
        let other = desk.beside().await;
        let (one, two) = tokio::join!(turn(&desk.w), turn(&other));
        one.unwrap();
        two.unwrap();
        desk.settle().await;
        let told = desk.discord.direct_messages(UserId::new(OPERATOR).unwrap());
        assert_eq!(told.len(), 1, "{}", desk.store.engine);
    }
}
