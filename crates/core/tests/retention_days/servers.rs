//! Servers with tickets for every time that can be chosen, and servers that were left.

use domain::guilds::GuildSettings;
use domain::ids::GuildId;
use domain::time::Millis;
use domain::transcripts::Retention;
use sqlx::{AssertSqlSafe, Row as _};
use wardesk_core::guilds;
use wardesk_core::testing::Desk;

use super::{DAY, ends};

/// What happens on a server while the days go by, at the moment of the first sweep after the time.
enum Event {
    Lift(Millis),
    Return(Millis),
    None,
}

/// A server, and when what of it goes.
pub(super) struct Server {
    guild: GuildId,
    what: String,
    /// Tickets by number, and when each goes; `None`: never.
    tickets: Vec<(i64, Option<Millis>)>,
    /// When the server itself goes.
    cleared: Option<Millis>,
    event: Event,
    gone: Vec<i64>,
}

async fn execute(desk: &Desk, text: String) {
    let mut tx = desk.w.store().begin().await.unwrap();
    sqlx::query(AssertSqlSafe(text)).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The id of a server's one panel.
fn panel(guild: GuildId) -> String {
    format!("0191{:04x}-0000-7000-8000-000000000000", guild.get())
}

async fn server(desk: &Desk, number: i64, retention: Retention, what: &str) -> Server {
    // No planted row of a rule names one of these: it would go with the server.
    let guild = GuildId::new(60_000 + number).unwrap();
    guilds::arrived(&desk.w, guild, what, None).await.unwrap();
    let settings = GuildSettings { retention, ..GuildSettings::default() };
    let mut tx = desk.w.store().begin().await.unwrap();
    assert!(
        storage::guilds::save_settings(tx.conn(), guild, &settings, 0, desk.w.now()).await.unwrap()
    );
    tx.commit().await.unwrap();
    execute(
        desk,
        format!(
            "INSERT INTO panels (id, application_id, guild_id, revision, settings, created_at, updated_at)
             VALUES ('{}', 900, {guild}, 1, '{}', 1, 1)",
            panel(guild),
            serde_json::to_string(&desk.panel_settings()).unwrap().replace('\'', "''")
        ),
    )
    .await;
    Server {
        guild,
        what: what.to_owned(),
        tickets: Vec::new(),
        cleared: None,
        event: Event::None,
        gone: Vec::new(),
    }
}

impl Server {
    /// A ticket that was closed then, kept until `noted` at most by a plan, and goes at `ends`.
    async fn ticket(
        &mut self,
        desk: &Desk,
        closed: Millis,
        noted: Option<Millis>,
        ends: Option<Millis>,
    ) {
        let (guild, number) = (self.guild, i64::try_from(self.tickets.len()).unwrap() + 1);
        let noted = noted.map_or("NULL".to_owned(), |at| at.0.to_string());
        let id = format!("0190{:04x}-0000-7000-8000-{number:012x}", guild.get());
        execute(
            desk,
            format!(
                "INSERT INTO tickets (id, application_id, guild_id, number, panel_id, opener_id, state, created_at,
                                      closed_at, revision, keep_until)
                 VALUES ('{id}', 900, {guild}, {number}, '{}', 7, 'closed', 1, {}, 1, {noted})",
                panel(guild),
                closed.0
            ),
        )
        .await;
        self.tickets.push((number, ends));
    }

    /// The times at which something of the server goes or happens.
    pub(super) fn times(&self) -> Vec<Millis> {
        let event = match self.event {
            Event::Lift(at) | Event::Return(at) => Some(at),
            Event::None => None,
        };
        let ends = self.tickets.iter().filter_map(|(_, end)| *end);
        ends.chain(self.cleared).chain(event).collect()
    }

    /// Lets what is to happen by now happen.
    pub(super) async fn happen(&mut self, desk: &Desk) {
        match self.event {
            Event::Lift(at) if at <= desk.w.now() => {
                let tickets = format!("SELECT id FROM tickets WHERE guild_id = {}", self.guild);
                let text = format!(
                    "UPDATE legal_holds SET lifted_at = {} WHERE ticket_id IN ({tickets})",
                    at.0
                );
                execute(desk, text).await;
                self.event = Event::None;
            }
            Event::Return(at) if at <= desk.w.now() => {
                desk.discord.without_bot(self.guild, false);
                guilds::arrived(&desk.w, self.guild, "back", None).await.unwrap();
                self.event = Event::None;
            }
            _ => {}
        }
    }

    /// Compares what is there after a sweep with what is to be.
    pub(super) async fn check(&mut self, desk: &Desk, now: Millis, latest: i64) {
        let (what, db) = (&self.what, desk.w.store().read());
        let text = format!("SELECT number FROM tickets WHERE guild_id = {}", self.guild);
        let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(db).await.unwrap();
        let there: Vec<i64> = rows.iter().map(|row| row.get("number")).collect();
        for (number, end) in &self.tickets {
            let over = end.is_some_and(|end| end <= now);
            assert_eq!(
                there.contains(number),
                !over,
                "{what}: ticket {number} at {now:?}, {end:?}"
            );
            if over && !self.gone.contains(number) {
                assert!(now.since(end.unwrap()) <= latest, "{what}: ticket {number} went late");
                self.gone.push(*number);
            }
        }
        let over = self.cleared.is_some_and(|end| end <= now);
        for table in ["guild_settings", "panels", "installations"] {
            let text = format!("SELECT COUNT(*) AS n FROM {table} WHERE guild_id = {}", self.guild);
            let row = sqlx::query(AssertSqlSafe(text)).fetch_one(db).await.unwrap();
            assert_eq!(row.get::<i64, _>("n"), i64::from(!over), "{what}: {table} at {now:?}");
        }
    }
}

/// Plants all of them.
pub(super) async fn plant(desk: &Desk, start: Millis, days: i64) -> Vec<Server> {
    let mut all = Vec::new();
    for (index, retention) in Retention::ALL.into_iter().enumerate() {
        let number = i64::try_from(index).unwrap();
        let mut one = server(desk, number, retention, retention.as_str()).await;
        for end in ends(start, index + 3, days) {
            match retention.days() {
                Some(kept) => {
                    one.ticket(desk, end.plus_seconds(-kept * 86_400), None, Some(end)).await;
                }
                None => one.ticket(desk, end, None, None).await,
            }
        }
        all.push(one);
    }
    let plan = desk.plans.default_plan().limits.keep_days.expect("the free plan has a limit");
    let mut one = server(desk, 10, Retention::ForEver, "by the plan").await;
    for end in ends(start, 5, days) {
        let closed = end.plus_seconds(-i64::from(plan) * 86_400);
        one.ticket(desk, closed, Some(end), Some(end)).await;
    }
    all.push(one);

    let mut held = server(desk, 11, Retention::Week, "held").await;
    let lifted = Millis(start.0 + 21 * DAY + 1234);
    held.ticket(desk, start, None, Some(lifted)).await;
    held.event = Event::Lift(lifted);
    let bytes = if desk.store.engine == "sqlite" { "x'00'" } else { "'\\x00'::bytea" };
    execute(
        desk,
        format!(
            "INSERT INTO legal_holds (ticket_id, hold, placed_by, placed_at, reason)
             SELECT id, 1, 1, 1, {bytes} FROM tickets WHERE guild_id = {}",
            held.guild
        ),
    )
    .await;
    all.push(held);

    for (index, end) in ends(start, 8, days).into_iter().enumerate().step_by(2) {
        let number = 20 + i64::try_from(index).unwrap();
        let mut left = server(desk, number, Retention::ForEver, "left").await;
        left.ticket(desk, start, None, Some(end)).await;
        left.cleared = Some(end);
        leave(desk, &left, end).await;
        all.push(left);
    }
    let mut back = server(desk, 60, Retention::ForEver, "came back").await;
    back.ticket(desk, start, None, None).await;
    let end = Millis(start.0 + 17 * DAY);
    leave(desk, &back, end).await;
    back.event = Event::Return(Millis(end.0 - 2 * 3_600_000));
    all.push(back);
    let mut out = server(desk, 61, Retention::ForEver, "out of reach").await;
    out.ticket(desk, start, None, None).await;
    guilds::unavailable(&desk.w, out.guild).await.unwrap();
    all.push(out);
    all
}

/// The bot left the server 30 days before `end`.
async fn leave(desk: &Desk, server: &Server, end: Millis) {
    desk.discord.without_bot(server.guild, true);
    let left = end.plus_seconds(-30 * 86_400).0;
    let guild = server.guild;
    execute(
        desk,
        format!(
            "UPDATE installations SET state = 'left', left_at = {left} WHERE guild_id = {guild}"
        ),
    )
    .await;
}
