//! Members who press buttons at a steady pace, and a clock that watches what becomes of it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sandbox::Shared;
use sandbox::id::Id;
use sandbox::world::events::WorldEvent;
use sandbox::world::example;
use sandbox::world::interaction::Fate;
use serde_json::{Map, Value, json};
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::desk::Wish;
use crate::Problem;
use crate::installation::Installation;
use crate::shared::panel_id;
use crate::stats::Samples;

/// What was measured.
#[derive(Debug, Default)]
pub struct Times {
    /// A panel's button to its first answer.
    pub press: Samples,
    /// A filled form to its first answer.
    pub form: Samples,
    /// The close button, and the form that asks why, to their first answers.
    pub close: Samples,
    /// The last thing that a member did to open a ticket to the first message in its channel.
    pub usable: Samples,
    /// The last thing that somebody did to close a ticket to the end of its channel.
    pub gone: Samples,
}

/// A ticket that can be closed.
#[derive(Debug, Clone)]
struct Open {
    channel: Id,
    message: Id,
    custom_id: String,
}

/// What is under way.
#[derive(Default)]
struct Board {
    times: Times,
    /// When each member asked for a ticket of a panel.
    wished: HashMap<(Id, Id), Instant>,
    open: VecDeque<Open>,
    /// When each channel's ticket was closed.
    closing: HashMap<Id, Instant>,
    refused: Vec<String>,
}

/// The members of all servers.
pub struct Actors {
    shared: Shared,
    wishes: VecDeque<Wish>,
    board: Arc<Mutex<Board>>,
    changed: Arc<Notify>,
    /// Interactions that still wait for their answer.
    tasks: JoinSet<()>,
}

fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Actors {
    /// Members with these wishes; begins to watch the sandbox.
    pub fn new(installation: &Installation, wishes: VecDeque<Wish>) -> Self {
        let shared = installation.sandbox.shared();
        let board = Arc::new(Mutex::new(Board::default()));
        let changed = Arc::new(Notify::new());
        let events = shared.world().subscribe();
        tokio::spawn(watch(shared.clone(), events, Arc::clone(&board), Arc::clone(&changed)));
        Self { shared, wishes, board, changed, tasks: JoinSet::new() }
    }

    /// Opens and closes so many tickets a second, spread evenly, for so many seconds. Does not wait for
    /// what was begun; a closing that finds no open ticket is made up for as soon as there is one.
    pub async fn act(&mut self, opens: u32, closes: u32, seconds: u32) -> Result<(), Problem> {
        let mut owed = 0_u32;
        let pace = opens.max(closes).max(1);
        let mut tick = tokio::time::interval(Duration::from_secs(1) / pace);
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for number in 0..pace * seconds {
            tick.tick().await;
            if number % pace < opens {
                let wish = self.wishes.pop_front().ok_or("no member is left to open a ticket")?;
                let opening = open(self.shared.clone(), wish, Arc::clone(&self.board));
                self.tasks.spawn(opening);
            }
            owed += u32::from(number % pace < closes);
            while owed > 0 {
                let Some(ticket) = lock(&self.board).open.pop_front() else { break };
                let closing = close(self.shared.clone(), ticket, Arc::clone(&self.board));
                self.tasks.spawn(closing);
                owed -= 1;
            }
        }
        if owed > 0 {
            println!("  {owed} closings found no open ticket");
        }
        Ok(())
    }

    /// Waits until every wish has its channel and every closed ticket's channel is gone.
    pub async fn drained(&self) {
        loop {
            let changed = self.changed.notified();
            {
                let board = lock(&self.board);
                if board.wished.is_empty() && board.closing.is_empty() {
                    return;
                }
            }
            changed.await;
        }
    }

    /// How much is still under way, in words.
    pub fn standing(&self) -> String {
        let board = lock(&self.board);
        format!("{} wishes, {} closings", board.wished.len(), board.closing.len())
    }

    /// What was measured since the last time; fails if anything was refused.
    pub async fn take_times(&mut self) -> Result<Times, Problem> {
        while let Some(ended) = self.tasks.join_next().await {
            ended?;
        }
        let mut board = lock(&self.board);
        match board.refused.first() {
            Some(first) => {
                Err(format!("{} interactions went wrong: {first}", board.refused.len()).into())
            }
            None => Ok(std::mem::take(&mut board.times)),
        }
    }
}

/// Waits for the first answer; a failed interaction counts with the time that it took to fail.
async fn answered(shared: &Shared, id: Id, began: Instant) -> (Option<Fate>, Duration) {
    let fate = shared.first_answer(id).await;
    (fate, began.elapsed())
}

async fn open(shared: Shared, wish: Wish, board: Arc<Mutex<Board>>) {
    let custom_id = format!("wd:open:{}", panel_id(wish.panel));
    let mut began = Instant::now();
    let pressed = shared.world().press(wish.person, wish.channel, wish.message, &custom_id, &[]);
    lock(&board).wished.insert((wish.person, wish.channel), began);
    let id = match pressed {
        Ok(id) => id,
        Err(error) => return lock(&board).refused.push(format!("the panel's button: {error:?}")),
    };
    let (fate, took) = answered(&shared, id, began).await;
    lock(&board).times.press.push(took);
    match fate {
        Some(Fate::Modal(_)) => {
            let answers = Map::from_iter([("q0".to_owned(), json!("It does not work."))]);
            began = Instant::now();
            lock(&board).wished.insert((wish.person, wish.channel), began);
            let sent = shared.world().submit_modal(wish.person, id, &answers);
            let Ok(id) = sent else { return lock(&board).refused.push("the form".to_owned()) };
            let (fate, took) = answered(&shared, id, began).await;
            lock(&board).times.form.push(took);
            if !matches!(fate, Some(Fate::Deferred { .. } | Fate::Answered { .. })) {
                lock(&board).refused.push(format!("the form: {fate:?}"));
            }
        }
        Some(Fate::Deferred { .. } | Fate::Answered { .. }) => {}
        other => lock(&board).refused.push(format!("the panel's button: {other:?}")),
    }
}

async fn close(shared: Shared, ticket: Open, board: Arc<Mutex<Board>>) {
    let began = Instant::now();
    let Open { channel, message, custom_id } = ticket;
    lock(&board).closing.insert(channel, began);
    let pressed = shared.world().press(example::SAM, channel, message, &custom_id, &[]);
    let id = match pressed {
        Ok(id) => id,
        Err(error) => return lock(&board).refused.push(format!("the close button: {error:?}")),
    };
    let (fate, took) = answered(&shared, id, began).await;
    lock(&board).times.close.push(took);
    let Some(Fate::Modal(_)) = fate else {
        return lock(&board).refused.push(format!("the close button: {fate:?}"));
    };
    let answers = Map::from_iter([("reason".to_owned(), json!("Solved."))]);
    let began = Instant::now();
    lock(&board).closing.insert(channel, began);
    let sent = shared.world().submit_modal(example::SAM, id, &answers);
    let Ok(id) = sent else { return lock(&board).refused.push("the reason".to_owned()) };
    let (fate, took) = answered(&shared, id, began).await;
    lock(&board).times.close.push(took);
    if matches!(fate, None | Some(Fate::Waiting | Fate::Failed)) {
        lock(&board).refused.push(format!("the reason: {fate:?}"));
    }
}

/// Follows what happens in the sandbox: first messages with a close button, channels that go.
async fn watch(
    shared: Shared,
    mut events: broadcast::Receiver<Arc<WorldEvent>>,
    board: Arc<Mutex<Board>>,
    changed: Arc<Notify>,
) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(broadcast::error::RecvError::Closed) => return,
            Err(broadcast::error::RecvError::Lagged(count)) => {
                lock(&board).refused.push(format!("{count} events were missed"));
                continue;
            }
        };
        let at = Instant::now();
        match event.name {
            "MESSAGE_CREATE" if event.author == Some(example::BOT) => {
                let Some(ticket) = ticket(&event.data) else { continue };
                talk(&shared, ticket.channel);
                let opener = opener(&shared, &ticket);
                let mut board = lock(&board);
                if let Some(began) = opener.and_then(|key| board.wished.remove(&key)) {
                    board.times.usable.push(at - began);
                    board.open.push_back(ticket);
                }
            }
            "CHANNEL_DELETE" => {
                let id = event.data["id"].as_str().and_then(|id| id.parse().ok());
                let mut board = lock(&board);
                if let Some(began) = id.and_then(|id: Id| board.closing.remove(&id)) {
                    board.times.gone.push(at - began);
                }
            }
            _ => continue,
        }
        changed.notify_one();
    }
}

/// A few words in a new ticket, so that there is something to archive.
fn talk(shared: &Shared, channel: Id) {
    let mut world = shared.world();
    for text in ["Hello!", "I have tried to turn it off and on again.", "What next?"] {
        // A channel that has gone already needs no words.
        let _ = world.say(example::SAM, channel, text);
    }
}

/// The ticket whose first message this is.
fn ticket(message: &Value) -> Option<Open> {
    let rows = message["components"].as_array()?;
    let buttons = rows.iter().filter_map(|row| row["components"].as_array()).flatten();
    let custom_id = buttons
        .filter_map(|button| button["custom_id"].as_str())
        .find(|custom_id| custom_id.starts_with("wd:close:"))?;
    Some(Open {
        channel: message["channel_id"].as_str()?.parse().ok()?,
        message: message["id"].as_str()?.parse().ok()?,
        custom_id: custom_id.to_owned(),
    })
}

/// Who opened a ticket, and where its panel is: the member with an overwrite, and `#general`.
fn opener(shared: &Shared, ticket: &Open) -> Option<(Id, Id)> {
    let world = shared.world();
    let channel = world.channel(ticket.channel)?;
    let member = channel.overwrites.values().find(|o| o.kind == 1 && o.id != example::BOT)?;
    Some((member.id, world.channel_by_name(channel.guild_id?, "general")?))
}
