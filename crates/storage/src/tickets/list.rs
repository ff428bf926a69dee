//! Lists of tickets, newest first, page by page by key.

use std::fmt::Write as _;

use domain::ids::{ChannelId, GuildId, PanelId, TicketId, UserId};
use domain::tickets::{Priority, TicketState};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyExecutor, AssertSqlSafe};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::tickets::people::PersonRow;

/// Whose tickets a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Those of a server, of the panels given; `None` is every panel.
    Guild(GuildId, Option<Vec<PanelId>>),
    /// Those one person opened, on every server, and those they were added to on the servers given.
    Participant(UserId, Vec<GuildId>),
}

/// Which states a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum States {
    /// All.
    Any,
    /// `opening`, `open` and `closing`.
    Active,
    /// One.
    Is(TicketState),
}

/// Which tickets a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    /// Whose.
    pub scope: Scope,
    /// In which states.
    pub states: States,
    /// Of one panel.
    pub panel: Option<PanelId>,
    /// Opened by one person.
    pub opener: Option<UserId>,
    /// Claimed by one person.
    pub claimed_by: Option<UserId>,
    /// Claimed by nobody.
    pub unclaimed: bool,
    /// Of one priority.
    pub priority: Option<Priority>,
    /// Only older ones than this.
    pub before: Option<(Millis, TicketId)>,
    /// At most this many.
    pub limit: i64,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTicket {
    /// Its id.
    pub id: TicketId,
    /// The server.
    pub guild: GuildId,
    /// The number that people see.
    pub number: i64,
    /// The panel.
    pub panel: PanelId,
    /// Where it stands.
    pub state: TicketState,
    /// Its channel, once there was one.
    pub channel: Option<ChannelId>,
    /// Who opened it.
    pub opener: UserId,
    /// The opener's names, if they were seen.
    pub opener_names: Option<PersonRow>,
    /// Who works on it.
    pub claimed_by: Option<UserId>,
    /// That person's names, if they were seen.
    pub holder_names: Option<PersonRow>,
    /// When it was accepted.
    pub created_at: Millis,
    /// When it ended.
    pub closed_at: Option<Millis>,
    /// Until when it is kept at most, because it ended under a plan with a limit.
    pub keep_until: Option<Millis>,
    /// Whether there is a legal hold on it.
    pub held: bool,
    /// How urgent it is.
    pub priority: Priority,
}

const SELECT: &str =
    "SELECT t.id, t.guild_id, t.number, t.panel_id, t.state, t.channel_id, t.opener_id,
       t.claimed_by, t.created_at, t.closed_at, t.keep_until, t.priority,
       o.display_name AS opener_display, o.username AS opener_username, o.avatar AS opener_avatar,
       h.display_name AS holder_display, h.username AS holder_username, h.avatar AS holder_avatar,
       l.hold AS held
FROM tickets t
LEFT JOIN ticket_people o ON o.guild_id = t.guild_id AND o.user_id = t.opener_id
LEFT JOIN ticket_people h ON h.guild_id = t.guild_id AND h.user_id = t.claimed_by
LEFT JOIN legal_holds l ON l.ticket_id = t.id AND l.lifted_at IS NULL";

enum Value {
    Int(i64),
    Text(String),
}

/// The conditions as text with numbered placeholders, and what goes into them. Only fixed words get
/// into the text.
#[derive(Default)]
struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    fn and(&mut self, left: &str, value: Value) {
        self.values.push(value);
        let word = if self.values.len() == 1 { "WHERE" } else { "AND" };
        // Writing to a String cannot fail.
        let _ = write!(self.text, " {word} {left} ${}", self.values.len());
    }
}

fn conditions(query: &Query) -> Conditions {
    let mut all = Conditions::default();
    let mut panels = None;
    match &query.scope {
        Scope::Guild(guild, visible) => {
            all.and("t.guild_id =", Value::Int(guild.get()));
            panels = visible.as_deref();
        }
        Scope::Participant(user, added_on) => {
            all.and("(t.opener_id =", Value::Int(user.get()));
            if !added_on.is_empty() {
                all.text.push_str(
                    " OR t.id IN (SELECT m.ticket_id FROM ticket_members m
                                  WHERE m.user_id = $1 AND t.guild_id IN (NULL",
                );
                for guild in added_on {
                    all.values.push(Value::Int(guild.get()));
                    let _ = write!(all.text, ", ${}", all.values.len());
                }
                all.text.push_str("))");
            }
            all.text.push(')');
        }
    }
    match query.states {
        States::Any => {}
        States::Active => all.text.push_str(" AND t.state IN ('opening', 'open', 'closing')"),
        States::Is(state) => all.and("t.state =", Value::Text(state.as_str().to_owned())),
    }
    if let Some(panel) = query.panel {
        all.and("t.panel_id =", Value::Text(panel.to_string()));
    }
    if let Some(opener) = query.opener {
        all.and("t.opener_id =", Value::Int(opener.get()));
    }
    if let Some(holder) = query.claimed_by {
        all.and("t.claimed_by =", Value::Int(holder.get()));
    }
    if query.unclaimed {
        all.text.push_str(" AND t.claimed_by IS NULL");
    }
    if let Some(priority) = query.priority {
        all.and("t.priority =", Value::Text(priority.as_str().to_owned()));
        if priority != Priority::Normal {
            // What the index holds, in its own words.
            all.text.push_str(" AND t.priority <> 'normal'");
        }
    }
    if let Some(panels) = panels {
        all.text.push_str(" AND t.panel_id IN (NULL");
        for panel in panels {
            all.values.push(Value::Text(panel.to_string()));
            let _ = write!(all.text, ", ${}", all.values.len());
        }
        all.text.push(')');
    }
    if let Some((created, id)) = query.before {
        all.values.push(Value::Int(created.0));
        all.values.push(Value::Text(id.to_string()));
        let (at, id) = (all.values.len() - 1, all.values.len());
        // The row comparison is what lets both engines start in the index.
        let _ = write!(all.text, " AND (t.created_at, t.id) < (${at}, ${id})");
    }
    all.values.push(Value::Int(query.limit));
    let _ = write!(all.text, " ORDER BY t.created_at DESC, t.id DESC LIMIT ${}", all.values.len());
    all
}

/// The tickets that a query shows, newest first.
pub async fn list(
    db: impl AnyExecutor<'_>,
    query: &Query,
) -> Result<Vec<ListedTicket>, StorageError> {
    let all = conditions(query);
    // The text is made of the fixed words above; what people enter goes into placeholders.
    let mut statement = sqlx::query(AssertSqlSafe(format!("{SELECT}{}", all.text)));
    for value in all.values {
        statement = match value {
            Value::Int(v) => statement.bind(v),
            Value::Text(v) => statement.bind(v),
        };
    }
    statement.fetch_all(db).await?.iter().map(read).collect()
}

/// One ticket as a list shows it.
pub async fn one(
    db: impl AnyExecutor<'_>,
    id: TicketId,
) -> Result<Option<ListedTicket>, StorageError> {
    sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE t.id = $1")))
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

fn names(
    row: &AnyRow,
    user: Option<UserId>,
    [display, username, avatar]: [&'static str; 3],
) -> Result<Option<PersonRow>, StorageError> {
    let (Some(user), Some(display_name)) = (user, row.text_opt(display)?) else {
        return Ok(None);
    };
    Ok(Some(PersonRow {
        user,
        display_name,
        username: row.text(username)?,
        avatar: row.text_opt(avatar)?,
    }))
}

fn read(row: &AnyRow) -> Result<ListedTicket, StorageError> {
    let opener = row.id("opener_id", UserId::new)?;
    let claimed_by = row.id_opt("claimed_by", UserId::new)?;
    Ok(ListedTicket {
        id: row.uuid("id", TicketId::new)?,
        guild: row.id("guild_id", GuildId::new)?,
        number: row.int("number")?,
        panel: row.uuid("panel_id", PanelId::new)?,
        state: TicketState::parse(&row.text("state")?)
            .ok_or(StorageError::Corrupt("tickets.state"))?,
        channel: row.id_opt("channel_id", ChannelId::new)?,
        opener,
        opener_names: names(
            row,
            Some(opener),
            ["opener_display", "opener_username", "opener_avatar"],
        )?,
        claimed_by,
        holder_names: names(
            row,
            claimed_by,
            ["holder_display", "holder_username", "holder_avatar"],
        )?,
        created_at: Millis(row.int("created_at")?),
        closed_at: row.int_opt("closed_at")?.map(Millis),
        keep_until: row.int_opt("keep_until")?.map(Millis),
        held: row.int_opt("held")?.is_some(),
        priority: super::read_priority(row)?,
    })
}
