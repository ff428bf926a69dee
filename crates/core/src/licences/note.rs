//! What is noted of a change of a licence: in the log of each server it serves, and in the operators' own.

use std::collections::BTreeSet;

use domain::ids::{GuildId, UserId};
use domain::licences::{Licence, PlanKey, Source, Status};
use domain::time::Millis;
use serde::Serialize;
use sqlx::AnyConnection;
use storage::StorageError;

use crate::audit;

/// What a server's log says of a licence: nothing of its holder, nothing of other servers.
#[derive(Serialize)]
struct Seen<'a> {
    plan: &'a PlanKey,
    source: Source,
    status: Status,
    expires: Option<String>,
    grace_until: Option<String>,
}

impl<'a> From<&'a Licence> for Seen<'a> {
    fn from(licence: &'a Licence) -> Self {
        Self {
            plan: &licence.plan,
            source: licence.source,
            status: licence.status,
            expires: licence.expires.map(written),
            grace_until: licence.grace_until.map(written),
        }
    }
}

/// A time as people read it, to the minute.
fn written(at: Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Notes a change in the log of one server.
pub(super) async fn on_server(
    conn: &mut AnyConnection,
    guild: GuildId,
    actor: Option<UserId>,
    action: &str,
    before: Option<&Licence>,
    after: Option<&Licence>,
    at: Millis,
) -> Result<(), StorageError> {
    let id = before.or(after).map(|licence| licence.id.to_string()).unwrap_or_default();
    let change = audit::Change { guild, at, actor, action, target: &id };
    let (before, after) = (before.map(Seen::from), after.map(Seen::from));
    audit::record(conn, change, before.as_ref(), after.as_ref()).await?;
    Ok(())
}

/// Notes a change in the log of each server that sits in a seat.
pub(super) async fn on_servers(
    conn: &mut AnyConnection,
    actor: Option<UserId>,
    action: &str,
    before: Option<&Licence>,
    after: &Licence,
    at: Millis,
) -> Result<(), StorageError> {
    // In the order of their ids: each takes a lock of its own.
    let servers: BTreeSet<GuildId> = after.seated.iter().map(|seat| seat.guild).collect();
    for guild in servers {
        on_server(&mut *conn, guild, actor, action, before, Some(after), at).await?;
    }
    Ok(())
}
