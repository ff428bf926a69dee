//! The program dies at every place of a ticket's life, on every engine, and starts again: one channel for
//! each ticket, nothing said twice, nothing left behind.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::future::Future;

use domain::ids::{TicketId, UserId};
use domain::tickets::{Priority, Refusal, TicketState};
use wardesk_core::ports::DiscordError;
use wardesk_core::testing::{Call, Desk, desks};
use wardesk_core::tickets::{self, TicketError};
use wardesk_core::{failpoints, outbox};

/// Long enough for the leases of the dead to run out; and longer than Discord knows a nonce.
const PAUSES: [i64; 2] = [25_000, 10 * 60_000];

struct Story {
    desk: Desk,
    pause: i64,
    crashes: usize,
}

impl Story {
    /// Does something that the armed place may stop; starts again and repeats it then.
    async fn insist<T, F>(&mut self, act: impl Fn(&Desk) -> F) -> T
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        loop {
            if let Ok(value) = tokio::spawn(act(&self.desk)).await {
                return value;
            }
            self.crashes += 1;
            assert!(self.crashes < 3, "dies again and again");
            self.desk.restart(self.pause);
        }
    }

    async fn settle(&mut self) {
        for _ in 0..40 {
            self.insist(|desk| {
                let w = desk.w.clone();
                async move { outbox::drain(&w).await.unwrap() }
            })
            .await;
            if outbox::stats(&self.desk.w).await.unwrap().pending == 0 {
                return;
            }
            self.desk.clock.advance(30_000);
        }
        panic!("effects do not come to an end");
    }

    async fn open(&mut self, panel: domain::ids::PanelId, member: i64) -> TicketId {
        let opener = self.desk.acting(member, &[], domain::permissions::Permissions::default());
        let wish = move |w: wardesk_core::Wardesk, guild| {
            let opener = opener.clone();
            async move {
                let access =
                    wardesk_core::guilds::authorize_member(&w, guild, &opener).await.unwrap();
                let wish = tickets::open::SubmitOpen {
                    panel,
                    answers: vec!["login".into()],
                    interaction: domain::ids::InteractionId::new(member).unwrap(),
                    token: format!("token-{member}").into(),
                    opener,
                };
                tickets::open::submit(&access, wish).await.unwrap()
            }
        };
        let ticket = self.insist(|desk| wish(desk.w.clone(), desk.guild)).await;
        self.settle().await;
        ticket
    }

    /// Something staff do. A repetition of what was done already says so.
    async fn staff<F>(&mut self, act: impl Fn(wardesk_core::guilds::GuildAccess) -> F + Copy)
    where
        F: Future<Output = Result<(), TicketError>> + Send + 'static,
    {
        let before = self.crashes;
        loop {
            let access = self.desk.staff(60).await;
            match tokio::spawn(act(access)).await {
                Ok(Ok(())) => break,
                Ok(Err(TicketError::Refused(Refusal::Unchanged | Refusal::NotOpen)))
                    if self.crashes > before =>
                {
                    break;
                }
                Ok(Err(error)) => panic!("{error}"),
                Err(_) => {
                    self.crashes += 1;
                    self.desk.restart(self.pause);
                }
            }
        }
        self.settle().await;
    }

    async fn channel_of(&self, ticket: TicketId) -> domain::ids::ChannelId {
        let row = storage::tickets::get(self.desk.w.store().read(), ticket).await;
        row.unwrap().unwrap().life.channel.unwrap()
    }

    async fn state(&self, ticket: TicketId) -> TicketState {
        let row = storage::tickets::get(self.desk.w.store().read(), ticket).await;
        row.unwrap().unwrap().life.state
    }
}

/// A panel is published; one ticket is lived through, one loses its channel, one is refused.
async fn live(desk: Desk, pause: i64) -> Story {
    let friend = UserId::new(77).unwrap();
    desk.discord.add_member(77, &[]);
    let mut settings = desk.panel_settings();
    settings.channel = Some(desk.transcripts);
    let manager = desk.manager().await;
    let panel = tickets::panels::create(&manager, settings).await.unwrap();
    tickets::panels::publish(&manager, panel).await.unwrap();
    let mut other = desk.panel_settings();
    other.name = "Reports".into();
    let other = tickets::panels::create(&manager, other).await.unwrap();
    let mut story = Story { desk, pause, crashes: 0 };
    story.settle().await;

    let first = story.open(panel, 7).await;
    let channel = story.channel_of(first).await;
    story.staff(move |access| async move { tickets::claim(&access, first).await }).await;
    story
        .staff(move |access| async move { tickets::add_member(&access, first, friend).await })
        .await;
    story
        .staff(move |access| async move {
            tickets::set_priority(&access, first, Priority::High).await
        })
        .await;
    story
        .staff(
            move |access| async move { tickets::move_to(&access, first, other).await.map(|_| ()) },
        )
        .await;
    story
        .staff(move |access| async move {
            tickets::close(&access, first, Some("solved".into())).await
        })
        .await;

    let second = story.open(panel, 8).await;
    let lost = story.channel_of(second).await;
    story.desk.discord.remove_channel(lost);
    story
        .insist(|desk| {
            let w = desk.w.clone();
            async move { tickets::channel_deleted(&w, lost).await.unwrap() }
        })
        .await;
    story.settle().await;

    story.desk.discord.fail(Call::CreateChannel, DiscordError::Full { code: 50_035 });
    let third = story.open(panel, 9).await;

    let (discord, engine) = (&story.desk.discord, story.desk.store.engine);
    assert_eq!(story.state(first).await, TicketState::Closed, "{engine}");
    assert_eq!(story.state(second).await, TicketState::Closed, "{engine}");
    assert_eq!(story.state(third).await, TicketState::Failed, "{engine}");
    assert!(discord.ticket_channels().is_empty(), "a channel is left");
    let made = discord.calls().iter().filter(|call| **call == Call::CreateChannel).count();
    assert_eq!(made, 2, "one channel for each ticket");
    let said: Vec<_> = discord.messages(channel).iter().map(|m| m["content"].clone()).collect();
    assert_eq!(said.len(), 6, "welcome, claimed, added, priority, moved, closing: {said:?}");
    // The panel and two summaries.
    assert_eq!(discord.messages(story.desk.transcripts).len(), 3);
    assert_eq!(discord.messages(story.desk.log).len(), 1, "one alert");
    for opener in [7, 8] {
        assert_eq!(discord.direct_messages(UserId::new(opener).unwrap()).len(), 1);
    }
    for token in ["token-7", "token-8", "token-9"] {
        assert!(discord.answers().iter().any(|(t, _)| t == token), "{token} is answered");
    }
    assert_eq!(outbox::stats(&story.desk.w).await.unwrap().dead, 0);
    for ticket in [first, second, third] {
        let live = storage::tickets::live::get(story.desk.w.store().read(), ticket).await.unwrap();
        assert_eq!(live, None, "live state ends with the ticket");
    }
    let manager = story.desk.manager().await;
    let events = tickets::get(&manager, first).await.unwrap().events;
    assert_eq!(events.len(), 8, "each event once: {events:?}");
    let row = storage::tickets::get(story.desk.w.store().read(), first).await.unwrap().unwrap();
    assert_eq!((row.panel, row.life.priority), (other, Priority::High), "{engine}");
    story
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_done_twice_wherever_the_program_dies() {
    // Panics are what this test is about; their traces would only hide the one that matters.
    let scenario = fail::FailScenario::setup();
    for point in failpoints::ALL {
        // Only what has reached Discord can be seen there twice, however late.
        let late = point.ends_with(".after_call") || point.starts_with("outbox.");
        let pauses = if late { &PAUSES[..] } else { &PAUSES[..1] };
        for &pause in pauses {
            for desk in desks().await {
                let engine = desk.store.engine;
                eprintln!("{point} ({engine}, {pause} ms)");
                fail::cfg(*point, "1*panic").unwrap();
                let story = live(desk, pause).await;
                fail::remove(*point);
                // Files are the transcripts' own tests' to crash.
                if !point.starts_with("attachment.") && !point.starts_with("transcript.after_") {
                    assert_eq!(story.crashes, 1, "{point} was passed");
                }
            }
        }
    }
    scenario.teardown();
}
