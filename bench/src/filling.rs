//! Fills a database with tickets that nobody waits for: through the product's own statements, past the
//! bot, which would take hours for them at Discord's pace.

use domain::ids::{GuildId, TicketId, UserId};
use domain::tickets::{Lifecycle, TicketState};
use domain::time::Millis;
use sandbox::id::Id;
use sandbox::world::model::Channel;
use sandbox::world::{World, example};
use storage::Store;
use storage::tickets::NewTicket;
use storage::tickets::people::PersonRow;

use crate::Problem;
use crate::shared::{channel, guild, numbered, panel, panel_id, settings, user};

/// Panels of the example server.
const PANELS: u64 = 5;
/// People who open tickets there.
const OPENERS: u64 = 500;
/// Of so many tickets one is still open, and is the only one of who opened it: a member has one open ticket
/// of a panel.
const OPEN_EVERY: u64 = 40;

/// The person with this number; not one of the sandbox's.
fn opener(number: u64) -> Result<UserId, Problem> {
    Ok(UserId::new(250_000_000_000_000_000 + number.cast_signed())?)
}

/// Who opens the ticket with this number.
fn opener_of(number: u64) -> Result<UserId, Problem> {
    opener(if number.is_multiple_of(OPEN_EVERY) {
        OPENERS + number / OPEN_EVERY
    } else {
        number % OPENERS
    })
}

/// Sets the example server up and gives it `count` tickets of the days before `now`, a minute apart.
pub async fn tickets(store: &Store, count: u64, now: Millis) -> Result<(), Problem> {
    let guild = guild(example::HARBOUR_LIGHTS)?;
    let application = example::APPLICATION.to_string().parse()?;
    let mut tx = store.begin().await?;
    let kept = settings(example::SUPPORT_ROLE, example::TICKETS, example::TRANSCRIPTS)?;
    storage::guilds::save_settings(tx.conn(), guild, &kept, 0, now).await?;
    for number in 0..PANELS {
        let settings = panel(&format!("Support {number}"), number % 2 == 0);
        storage::panels::insert(tx.conn(), panel_id(number), application, guild, &settings, now)
            .await?;
    }
    people(&mut tx, guild, OPENERS + count.div_ceil(OPEN_EVERY), now).await?;
    for number in 0..count {
        let at = now.plus_seconds(-60 * (count - number).cast_signed());
        let id = TicketId::new(numbered(2, number, at.0));
        let ticket = NewTicket {
            id,
            application,
            guild,
            number: storage::tickets::next_number(tx.conn(), guild).await?,
            panel: panel_id(number % PANELS),
            opener: opener_of(number)?,
            answers: None,
            keeps_deleted: false,
            now: at,
        };
        if !storage::tickets::insert(tx.conn(), &ticket).await? {
            return Err("a ticket was there already".into());
        }
        let life = life(number, at)?;
        storage::tickets::save_life(tx.conn(), id, &life, at).await?;
    }
    Ok(tx.commit().await?)
}

/// The channel of the ticket with this number.
const fn ticket_channel(number: u64) -> Id {
    Id(460_000_000_000_000_000 + number)
}

/// Gives the sandbox the channels of the open tickets among `count`: the bot closes tickets whose channel is
/// not there.
pub fn channels(world: &mut World, count: u64) -> Result<(), Problem> {
    let like = world.channel(example::GENERAL).ok_or("the example server has no such channel")?;
    let like = like.clone();
    for number in (0..count).filter(|n| n.is_multiple_of(OPEN_EVERY)) {
        let name = format!("ticket-{number}");
        world.insert_channel(Channel { id: ticket_channel(number), name, ..like.clone() });
    }
    Ok(())
}

fn life(number: u64, at: Millis) -> Result<Lifecycle, Problem> {
    let is_open = number.is_multiple_of(OPEN_EVERY);
    let claimed_by = match number % 3 {
        0 => None,
        1 => Some(user(example::SAM)?),
        _ => Some(user(example::OLIVIA)?),
    };
    Ok(Lifecycle {
        state: if is_open { TicketState::Open } else { TicketState::Closed },
        channel: Some(channel(ticket_channel(number))?),
        claimed_by,
        closing_since: (!is_open).then(|| at.plus_seconds(50)),
        closed_by: if is_open { None } else { claimed_by },
        ..Lifecycle::opening()
    })
}

async fn people(
    tx: &mut storage::Tx,
    guild: GuildId,
    openers: u64,
    now: Millis,
) -> Result<(), Problem> {
    for number in 0..openers {
        let person = PersonRow {
            user: opener(number)?,
            display_name: format!("Member number {number}"),
            username: format!("member.{number}"),
            avatar: Some(format!("{number:032x}")),
        };
        storage::tickets::people::seen(tx.conn(), guild, &person, now).await?;
    }
    for (id, name) in [(example::SAM, "Sam"), (example::OLIVIA, "Olivia")] {
        let person = PersonRow {
            user: user(id)?,
            display_name: name.to_owned(),
            username: name.to_lowercase(),
            avatar: Some(format!("{:032x}", id.0)),
        };
        storage::tickets::people::seen(tx.conn(), guild, &person, now).await?;
    }
    Ok(())
}
