use storage::KeyScope;

use super::*;

#[tokio::test]
async fn a_destroyed_key_takes_ones_words_and_leaves_others() {
    for desk in crate::testing::desks().await {
        for stored in [false, true] {
            let panel = desk.panel().await;
            let member = if stored { 9 } else { OPENER };
            let (ticket, channel) = desk.open_ticket(panel, member).await;
            let author = if stored { 71 } else { 70 };
            say(&desk, channel, author, "to be erased").await;
            say(&desk, channel, 80, "to stay").await;
            if stored {
                let opener = desk.member(member).await;
                tickets::close(&opener, ticket, None).await.unwrap();
                desk.clock.advance(30_000);
                desk.settle().await;
            }
            let access = authorize_person(&desk.w, user(member), ticket).await.unwrap();
            assert!(said(&page(&access, None, 100).await.unwrap()).contains(&"to be erased"));
            let scope = KeyScope::person(desk.guild, user(author));
            desk.w.store().keys().destroy(&scope).await.unwrap();
            let page = page(&access, None, 100).await.unwrap();
            let said = said(&page);
            assert_eq!(said.last(), Some(&"to stay"), "{} {stored}", desk.store.engine);
            assert!(!said.contains(&"to be erased"));
            let erased = entries(&page).iter().filter(|e| e.erased).count();
            assert_eq!(erased, 1, "the reader is told that words were erased");
            let who = page.header.participants.iter().find(|p| p.user == user(author)).unwrap();
            assert_eq!(who.name, None);
        }
    }
}

#[tokio::test]
async fn erasing_while_a_ticket_closes_holds_nothing_up() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let gone = say(&desk, channel, 70, "erased before it is stored").await;
        say(&desk, channel, 80, "to stay").await;
        desk.discord.erase(channel, id(&gone));
        desk.w.store().keys().destroy(&KeyScope::person(desk.guild, user(70))).await.unwrap();
        close(&desk, ticket).await;
        let page = read(&desk, ticket).await;
        assert_eq!(said(&page), ["", "to stay"], "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_damaged_row_hides_itself_alone() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let hurt = say(&desk, channel, OPENER, "damaged").await;
        say(&desk, channel, OPENER, "whole").await;
        let mut tx = desk.w.store().begin().await.unwrap();
        sqlx::query("UPDATE archive_messages SET body = $1 WHERE message_id = $2")
            .bind(vec![1_u8; 90])
            .bind(id(&hurt).get())
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(said(&read(&desk, ticket).await), ["", "whole"], "{}", desk.store.engine);
    }
}
