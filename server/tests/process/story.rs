//! People live through tickets while the program dies and is started again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ids::{PanelId, TicketId};
use domain::panels::PanelSettings;
use sandbox::gateway::session::Session;
use sandbox::id::Id;
use sandbox::world::World;
use sandbox::world::example::{APPLICATION, MIA, NOAH, OLIVIA, SAM, TICKETS, WELCOME};
use sandbox::world::interaction::Fate;
use serde_json::{Map, Value, json};
use sqlx::Row as _;
use tokio::task::JoinHandle;
use wardesk_core::tickets::custom_id::CustomId;
use wardesk_core::tickets::panels;

use crate::desk::{Desk, panel_in};
use crate::program::Program;
use crate::wait::{LOOK, PATIENCE};

/// What everybody answers to the panel's question.
pub const ANSWER: &str = "My login <b>fails</b>";

/// A desk and its program, which is started again whenever it dies.
pub struct Story {
    pub desk: Arc<Desk>,
    running: Arc<Mutex<Arc<Program>>>,
    deaths: Arc<AtomicUsize>,
    keeper: JoinHandle<()>,
    panel: CustomId,
    other: PanelId,
}

/// A ticket that somebody opened.
#[derive(Debug, Clone, Copy)]
pub struct Opened {
    pub ticket: TicketId,
    pub opener: Id,
    pub channel: Id,
}

/// A ticket as its row has it.
#[derive(Debug, Clone)]
pub struct Row {
    pub ticket: TicketId,
    pub opener: Id,
    pub state: String,
    pub channel: Option<Id>,
    pub claimed: bool,
}

/// Starts the program again when it dies, after the time that its leases take to end.
async fn keep(desk: Arc<Desk>, running: Arc<Mutex<Arc<Program>>>, deaths: Arc<AtomicUsize>) {
    loop {
        let program = Arc::clone(&running.lock().unwrap());
        program.ended().await;
        desk.let_leases_end().await;
        let again = Arc::new(desk.start(&[]).await);
        *running.lock().unwrap() = again;
        deaths.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Story {
    /// Sets a desk up and starts its program with `settings`; later starts are without them.
    pub async fn begin(desk: Desk, settings: &[(&str, &str)]) -> Self {
        let panel = CustomId::Open(desk.set_up().await);
        let reports = PanelSettings { name: "Reports".into(), ..panel_in(WELCOME) };
        let other = panels::create(&desk.owner().await, reports).await.unwrap();
        let desk = Arc::new(desk);
        let running = Arc::new(Mutex::new(Arc::new(desk.start(settings).await)));
        let deaths = Arc::<AtomicUsize>::default();
        let keeper =
            tokio::spawn(keep(Arc::clone(&desk), Arc::clone(&running), Arc::clone(&deaths)));
        Self { desk, running, deaths, keeper, panel, other }
    }

    /// The same, and the program is not started again: another takes over, which [`Story::now_runs`] names.
    pub async fn begin_watched(desk: Desk, settings: &[(&str, &str)]) -> Self {
        let story = Self::begin(desk, settings).await;
        story.keeper.abort();
        story
    }

    /// Another program has taken over.
    pub fn now_runs(&self, program: Arc<Program>) {
        *self.running.lock().unwrap() = program;
        self.deaths.fetch_add(1, Ordering::SeqCst);
    }

    /// The program that runs now, or that has just died.
    pub fn program(&self) -> Arc<Program> {
        Arc::clone(&self.running.lock().unwrap())
    }

    /// How often the program was started again.
    pub fn deaths(&self) -> usize {
        self.deaths.load(Ordering::SeqCst)
    }

    /// Stops the program for good; it must end well.
    pub async fn stop(&self) {
        self.keeper.abort();
        self.program().stop().await;
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.desk.sandbox.world()
    }

    /// Waits until `check` finds something, over any number of deaths.
    pub async fn until<T>(&self, what: &str, mut check: impl AsyncFnMut(&Desk) -> Option<T>) -> T {
        let waiting = async {
            loop {
                if let Some(found) = check(&self.desk).await {
                    return found;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, waiting).await;
        found.unwrap_or_else(|_| self.give_up(what))
    }

    fn give_up(&self, what: &str) -> ! {
        panic!("waited in vain until {what}; the program said:\n{}", self.program().log())
    }

    /// A person does something until `done` holds: what was lost with the program is done again, as a
    /// person would.
    async fn insist(
        &self,
        what: &str,
        mut act: impl AsyncFnMut(&Desk),
        mut done: impl AsyncFnMut(&Desk) -> bool,
    ) {
        let end = tokio::time::Instant::now() + PATIENCE;
        while !done(&self.desk).await {
            self.until("the bot is connected", async |desk| {
                let world = desk.sandbox.world();
                world.sessions_of(APPLICATION).any(Session::is_connected).then_some(())
            })
            .await;
            let deaths = self.deaths();
            act(&self.desk).await;
            // An act that was answered may be committed a moment later.
            for _ in 0..40 {
                if done(&self.desk).await || self.deaths() > deaths {
                    break;
                }
                tokio::time::sleep(LOOK).await;
            }
            if tokio::time::Instant::now() > end {
                self.give_up(what);
            }
        }
    }

    /// Presses the panel's button, fills the form, and waits for channel and welcome message.
    pub async fn open(&self, person: Id) -> Opened {
        let button = self.panel.to_string();
        let panel = self
            .until("the panel is posted", async |desk| {
                message_with(&desk.sandbox.world(), WELCOME, &button)
            })
            .await;
        self.insist(
            "a ticket is opened",
            async |desk| {
                let pressed = desk.sandbox.world().press(person, WELCOME, panel, &button, &[]);
                fill(desk, person, pressed.unwrap(), "q0", ANSWER).await;
            },
            async |desk| active(desk, person).await.is_some(),
        )
        .await;
        let row = active(&self.desk, person).await.unwrap();
        let claim = CustomId::Claim(row.ticket).to_string();
        let channel = self
            .until("the ticket has its channel and its first message", async |desk| {
                let channel = active(desk, person).await?.channel?;
                message_with(&desk.sandbox.world(), channel, &claim).map(|_| channel)
            })
            .await;
        Opened { ticket: row.ticket, opener: person, channel }
    }

    /// Staff press "Claim".
    pub async fn claim(&self, ticket: Opened) {
        let (claim, unclaim) = (CustomId::Claim(ticket.ticket), CustomId::Unclaim(ticket.ticket));
        self.insist(
            "a ticket is claimed",
            async |desk| press(desk, SAM, ticket.channel, &claim.to_string()).await,
            async |desk| row(desk, ticket.ticket).await.claimed,
        )
        .await;
        self.until("the buttons fit", async |desk| {
            message_with(&desk.sandbox.world(), ticket.channel, &unclaim.to_string())
        })
        .await;
    }

    /// Staff let somebody in by the slash command.
    pub async fn add(&self, ticket: Opened, person: Id) {
        self.until("the commands are there", async |desk| {
            let world = desk.sandbox.world();
            (!world.commands_for(SAM, ticket.channel).is_empty()).then_some(())
        })
        .await;
        let options =
            [json!({ "name": "add", "options": [{ "name": "member", "value": person }] })];
        let id = ticket.ticket.to_string();
        self.insist(
            "somebody is let in",
            async |desk| {
                let run = desk.sandbox.world().run_command(SAM, ticket.channel, "ticket", &options);
                answered(desk, run.unwrap()).await;
            },
            async |desk| {
                let mut found = sqlx::query("SELECT 1 FROM ticket_members WHERE ticket_id = $1");
                found = found.bind(id.as_str());
                found.fetch_optional(desk.store.store.read()).await.unwrap().is_some()
            },
        )
        .await;
        self.until("they see the channel", async |desk| {
            let world = desk.sandbox.world();
            world.channel(ticket.channel)?.overwrites.contains_key(&person).then_some(())
        })
        .await;
    }

    /// Staff say by the slash command that it is urgent.
    pub async fn prioritise(&self, ticket: Opened) {
        let options =
            [json!({ "name": "priority", "options": [{ "name": "level", "value": "urgent" }] })];
        self.command("a ticket is urgent", ticket, &options, "priority", "urgent").await;
    }

    /// Staff move it by the slash command to the panel from which nobody opens any.
    pub async fn move_on(&self, ticket: Opened) {
        let other = self.other.to_string();
        let options = [json!({ "name": "move", "options": [{ "name": "panel", "value": other }] })];
        self.command("a ticket is moved", ticket, &options, "panel_id", &other).await;
    }

    /// Staff run a command until a column of the ticket holds what it asks for.
    async fn command(
        &self,
        what: &str,
        ticket: Opened,
        options: &[Value],
        column: &'static str,
        wanted: &str,
    ) {
        let id = ticket.ticket.to_string();
        self.insist(
            what,
            async |desk| {
                let run = desk.sandbox.world().run_command(SAM, ticket.channel, "ticket", options);
                answered(desk, run.unwrap()).await;
            },
            async |desk| {
                let query = "SELECT priority, panel_id FROM tickets WHERE id = $1";
                let found = sqlx::query(query).bind(id.as_str());
                let found = found.fetch_one(desk.store.store.read()).await.unwrap();
                found.get::<String, _>(column) == wanted
            },
        )
        .await;
    }

    /// Staff press "Close" and give a reason; waits until the ticket is being closed.
    pub async fn close(&self, ticket: Opened) {
        let close = CustomId::Close(ticket.ticket).to_string();
        self.insist(
            "a ticket is closed",
            async |desk| {
                let Some(message) = message_with(&desk.sandbox.world(), ticket.channel, &close)
                else {
                    return;
                };
                let pressed = desk.sandbox.world().press(SAM, ticket.channel, message, &close, &[]);
                fill(desk, SAM, pressed.unwrap(), "reason", "Solved & done").await;
            },
            async |desk| row(desk, ticket.ticket).await.state != "open",
        )
        .await;
    }

    /// Says something, with a file where there is one.
    pub fn say(&self, person: Id, ticket: Opened, text: &str, file: Option<&[u8]>) -> Id {
        let mut world = self.world();
        match file {
            None => world.say(person, ticket.channel, text),
            Some(bytes) => {
                world.send_file(person, ticket.channel, text, "report.log", bytes.to_vec())
            }
        }
        .unwrap()
    }

    pub fn edit(&self, person: Id, ticket: Opened, message: Id, text: &str) {
        let body = json!({ "content": text });
        self.world().edit_message(person, ticket.channel, message, &body, Vec::new()).unwrap();
    }

    pub fn delete(&self, person: Id, ticket: Opened, message: Id) {
        self.world().delete_message(person, ticket.channel, message).unwrap();
    }

    /// Waits until a version of a message is in the archive. Answers whether the program lived all the time:
    /// what happens to a message while nobody listens is found when the ticket closes.
    pub async fn archived(&self, ticket: Opened, message: Id, versions: i64) -> bool {
        let deaths = self.deaths();
        let number = i64::try_from(message.0).unwrap();
        self.until("a message is archived", async |desk| {
            let query =
                "SELECT COUNT(*) FROM archive_messages WHERE ticket_id = $1 AND message_id = $2";
            let count: i64 = sqlx::query_scalar(query)
                .bind(ticket.ticket.to_string())
                .bind(number)
                .fetch_one(desk.store.store.read())
                .await
                .unwrap();
            let lived = self.deaths() == deaths;
            (count >= versions || (versions > 1 && !lived)).then_some(lived)
        })
        .await
    }

    /// Waits until nothing is left to be done.
    pub async fn settle(&self) {
        self.until("nothing is left to be done", async |desk| {
            let left = desk
                .count("SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'pending') +
                               (SELECT COUNT(*) FROM attachments WHERE state = 'pending') +
                               (SELECT COUNT(*) FROM tickets WHERE state IN ('opening', 'closing'))")
                .await;
            (left == 0).then_some(())
        })
        .await;
    }

    /// One life of the desk: a ticket with talk, edits and a file is made urgent, moved to another panel and closed; one stays open; one loses its
    /// channel by hand. Answers the open one and the closed ones.
    pub async fn live(&self, file: &[u8]) -> (Opened, [Opened; 2]) {
        let first = self.open(MIA).await;
        let question = self.say(MIA, first, "It says **no**", None);
        self.say(MIA, first, "See the log", Some(file));
        let slip = self.say(MIA, first, "Wrong window, sorry", None);
        let answer = self.say(SAM, first, "Let me look, <@200000000000000003>", None);
        for message in [question, slip, answer] {
            self.archived(first, message, 1).await;
        }
        self.edit(MIA, first, question, "It says **no** to everyone");
        self.archived(first, question, 2).await;
        self.delete(MIA, first, slip);
        self.claim(first).await;
        self.add(first, NOAH).await;
        self.prioritise(first).await;
        self.move_on(first).await;
        let open = self.open(NOAH).await;
        self.say(NOAH, open, "Mine can wait", None);
        let lost = self.open(OLIVIA).await;
        let parting = self.say(OLIVIA, lost, "Never mind", None);
        self.archived(lost, parting, 1).await;
        self.close(first).await;
        self.world().delete_channel(OLIVIA, lost.channel).unwrap();
        self.until("two are closed and their channels gone", async |desk| {
            let left = desk.sandbox.world().channels_in(TICKETS);
            let closed = rows(desk).await.into_iter().filter(|row| row.state == "closed").count();
            (left == [open.channel] && closed == 2).then_some(())
        })
        .await;
        self.settle().await;
        (open, [first, lost])
    }

    /// Staff hear of a channel that cannot be made.
    pub async fn be_refused(&self, person: Id) {
        use sandbox::faults::{Fault, FaultKind};
        let fault = Fault::new(FaultKind::Status { status: 403 });
        let fault = fault.on("POST", "/guilds/{guild_id}/channels").times(1);
        self.world().faults.add(fault);
        let button = self.panel.to_string();
        let panel = message_with(&self.world(), WELCOME, &button).unwrap();
        self.insist(
            "a ticket is refused",
            async |desk| {
                let pressed = desk.sandbox.world().press(person, WELCOME, panel, &button, &[]);
                fill(desk, person, pressed.unwrap(), "q0", "Again").await;
            },
            async |desk| {
                desk.count("SELECT COUNT(*) FROM tickets WHERE state = 'failed'").await == 1
            },
        )
        .await;
        self.settle().await;
    }
}

/// The newest message of a channel with a component of this id.
fn message_with(world: &World, channel: Id, custom_id: &str) -> Option<Id> {
    let holds = |components: &[Value]| {
        fn any(value: &Value, id: &str) -> bool {
            match value {
                Value::Array(all) => all.iter().any(|v| any(v, id)),
                Value::Object(map) => {
                    map.get("custom_id").is_some_and(|v| v == id)
                        || map.values().any(|v| any(v, id))
                }
                _ => false,
            }
        }
        components.iter().any(|component| any(component, custom_id))
    };
    world.messages(channel).into_iter().rev().find(|m| holds(&m.components)).map(|m| m.id)
}

async fn answered(desk: &Desk, interaction: Id) -> Fate {
    desk.sandbox.shared().first_answer(interaction).await.unwrap()
}

async fn press(desk: &Desk, person: Id, channel: Id, button: &str) {
    let Some(message) = message_with(&desk.sandbox.world(), channel, button) else { return };
    let pressed = desk.sandbox.world().press(person, channel, message, button, &[]).unwrap();
    answered(desk, pressed).await;
}

/// Fills the form that an interaction opens, if it does.
async fn fill(desk: &Desk, person: Id, pressed: Id, field: &str, text: &str) {
    let Fate::Modal(_) = answered(desk, pressed).await else { return };
    let answers: Map<String, Value> = [(field.to_owned(), json!(text))].into_iter().collect();
    let sent = desk.sandbox.world().submit_modal(person, pressed, &answers).unwrap();
    answered(desk, sent).await;
}

const TICKETS_QUERY: &str =
    "SELECT id, opener_id, state, channel_id, claimed_by FROM tickets ORDER BY number";

/// All tickets.
pub async fn rows(desk: &Desk) -> Vec<Row> {
    let id = |number: i64| Id(u64::try_from(number).unwrap());
    let found = sqlx::query(TICKETS_QUERY).fetch_all(desk.store.store.read()).await.unwrap();
    found
        .into_iter()
        .map(|row| Row {
            ticket: row.get::<String, _>("id").parse().unwrap(),
            opener: id(row.get("opener_id")),
            state: row.get("state"),
            channel: row.get::<Option<i64>, _>("channel_id").map(id),
            claimed: row.get::<Option<i64>, _>("claimed_by").is_some(),
        })
        .collect()
}

async fn row(desk: &Desk, ticket: TicketId) -> Row {
    rows(desk).await.into_iter().find(|row| row.ticket == ticket).unwrap()
}

async fn active(desk: &Desk, person: Id) -> Option<Row> {
    let mut all = rows(desk).await.into_iter();
    all.find(|row| row.opener == person && matches!(row.state.as_str(), "opening" | "open"))
}
