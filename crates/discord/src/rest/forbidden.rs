//! What the bot was told it may not do, so that it doesn't ask again at once, and which servers tell it so too often.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::{ChannelId, GuildId};
use reqwest::Method;
use tokio::time::Instant;

use super::breaker::WINDOW;
use super::route::{Kind, Route};

/// How long a 403 is remembered, unless the server, the channel or a role changes before.
const MEMORY: Duration = Duration::from_mins(5);

/// How long it is remembered that the bot is not on a server: someone may be inviting it right now.
const ABSENCE: Duration = Duration::from_secs(15);

/// Refusals of one server in [`WINDOW`] after which the bot asks it for hardly anything. Whoever manages a server can have
/// the bot be refused as often as they like; all servers together have a limit (see [`super::breaker`]), which would
/// silence the bot everywhere.
const SERVER_LIMIT: usize = 50;

/// How often the bot looks then whether it is let again.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Entries before old ones are swept.
const SWEEP_AT: usize = 4096;

/// Channels whose server is known; past them they are learnt anew.
const HOMES: usize = 200_000;

/// What is answered from memory for a server that refuses too much: "Missing Permissions".
const MISSING_PERMISSIONS: u32 = 50013;

type Key = (i64, Method, &'static str);

/// Remembers answers of 403 per server or channel and route.
#[derive(Default)]
pub(crate) struct Forbidden(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    refused: HashMap<Key, (u32, Instant)>,
    /// The server of a channel.
    homes: HashMap<i64, i64>,
    servers: HashMap<i64, Refusals>,
}

/// How often a server refused of late.
#[derive(Default)]
struct Refusals {
    seen: VecDeque<Instant>,
    /// When the bot looks again, once there were too many.
    look: Option<Instant>,
}

impl Refusals {
    fn count(&mut self, now: Instant) -> usize {
        while self.seen.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            self.seen.pop_front();
        }
        self.seen.len()
    }
}

fn key(route: &Route) -> Option<Key> {
    // Without a server or channel the answer concerns one person, which the route doesn't tell apart.
    (route.kind == Kind::Bot && route.major != 0)
        .then(|| (route.major, route.method.clone(), route.template))
}

impl Memory {
    fn home(&self, major: i64) -> i64 {
        self.homes.get(&major).copied().unwrap_or(major)
    }
}

impl Forbidden {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The code of the earlier answer, if it still holds, or if the server refuses too much.
    pub(crate) fn code(&self, route: &Route, now: Instant) -> Option<u32> {
        let key = key(route)?;
        let mut memory = self.memory();
        if let Some((code, _)) = memory.refused.get(&key).filter(|(_, until)| *until > now) {
            return Some(*code);
        }
        let home = memory.home(route.major);
        // What a server is, and who is there, is asked for all the same: pages depend on it.
        if route.method == Method::GET && route.major == home {
            return None;
        }
        let server = memory.servers.get_mut(&home)?;
        if server.count(now) < SERVER_LIMIT {
            return None;
        }
        if server.look.is_none_or(|at| at <= now) {
            server.look = Some(now + LOOK_EVERY);
            return None;
        }
        Some(MISSING_PERMISSIONS)
    }

    pub(crate) fn remember(&self, route: &Route, code: u32, now: Instant) {
        let Some(key) = key(route) else { return };
        let time = if route.template == "guilds/{guild}" { ABSENCE } else { MEMORY };
        let mut memory = self.memory();
        if memory.refused.len() >= SWEEP_AT {
            memory.refused.retain(|_, (_, until)| *until > now);
        }
        if memory.servers.len() >= SWEEP_AT {
            memory.servers.retain(|_, server| server.count(now) > 0);
        }
        memory.refused.insert(key, (code, now + time));
        let home = memory.home(route.major);
        let server = memory.servers.entry(home).or_default();
        server.seen.push_back(now);
        if server.count(now) == SERVER_LIMIT {
            tracing::warn!(
                "a server refuses most of what the bot asks: it is hardly asked any more"
            );
        }
    }

    /// The bot was let: of a server that refused too much the next call need not wait. What it refused still counts, or one
    /// channel that lets the bot would make up for all others.
    pub(crate) fn let_in(&self, route: &Route) {
        if key(route).is_none() {
            return;
        }
        let mut memory = self.memory();
        let home = memory.home(route.major);
        if let Some(server) = memory.servers.get_mut(&home) {
            server.look = None;
        }
    }

    /// Notes of which server channels are.
    pub(crate) fn note_homes(&self, guild: GuildId, channels: impl Iterator<Item = ChannelId>) {
        let mut memory = self.memory();
        if memory.homes.len() >= HOMES {
            memory.homes.clear();
        }
        memory.homes.extend(channels.map(|channel| (channel.get(), guild.get())));
    }

    /// Something changed on this server or channel: ask again.
    pub(crate) fn forget(&self, major: i64) {
        self.memory().refused.retain(|(of, _, _), _| *of != major);
    }

    /// A role changed, which may mend any channel of its server: ask again everywhere there. A refusal that still stands
    /// costs one call, and counts.
    pub(crate) fn forget_server(&self, guild: GuildId) {
        let mut memory = self.memory();
        let Memory { refused, homes, .. } = &mut *memory;
        let home = |major: &i64| homes.get(major).copied().unwrap_or(*major);
        refused.retain(|(of, _, _), _| home(of) != guild.get());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guild(id: i64) -> GuildId {
        GuildId::new(id).unwrap()
    }

    fn channel(id: i64) -> ChannelId {
        ChannelId::new(id).unwrap()
    }

    /// Writes to a channel, as Discord would refuse it. `false`: it was not asked.
    fn refused(forbidden: &Forbidden, id: i64, now: Instant) -> bool {
        let route = Route::create_message(channel(id), false);
        if forbidden.code(&route, now).is_some() {
            return false;
        }
        forbidden.remember(&route, 50001, now);
        true
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_of_one_server_brings_back_no_refusals_of_others() {
        let (forbidden, now) = (Forbidden::default(), Instant::now());
        forbidden.note_homes(guild(1), [channel(11)].into_iter());
        forbidden.note_homes(guild(2), [channel(21)].into_iter());
        assert!(refused(&forbidden, 11, now) && refused(&forbidden, 21, now));
        forbidden.forget_server(guild(1));
        assert!(refused(&forbidden, 11, now), "it may have been mended");
        assert!(!refused(&forbidden, 21, now));
    }

    #[tokio::test(start_paused = true)]
    async fn one_server_cannot_use_up_what_all_have() {
        let (forbidden, now) = (Forbidden::default(), Instant::now());
        forbidden.note_homes(guild(1), (1000..1100).map(channel));
        forbidden.note_homes(guild(2), [channel(21)].into_iter());
        let mut asked = 0;
        for round in 0..600 {
            let later = now + Duration::from_secs(round);
            for id in 1000..1100 {
                asked += usize::from(refused(&forbidden, id, later));
            }
            forbidden.forget_server(guild(1));
        }
        // And a look now and then whether it was mended: 20 in 10 minutes.
        assert!((SERVER_LIMIT..=SERVER_LIMIT + 20).contains(&asked), "{asked}");
        assert!(refused(&forbidden, 21, now + WINDOW), "others are asked as ever");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_lets_the_bot_again_is_asked_as_any_other() {
        let (forbidden, now) = (Forbidden::default(), Instant::now());
        forbidden.note_homes(guild(1), (1000..1100).map(channel));
        let first = (1000..1060).filter(|id| refused(&forbidden, *id, now)).count();
        assert_eq!(first, SERVER_LIMIT + 1, "one to look");
        forbidden.forget_server(guild(1));
        let later = now + LOOK_EVERY;
        for id in 1060..1070 {
            let route = Route::create_message(channel(id), false);
            assert_eq!(forbidden.code(&route, later), None, "{id}: it was mended");
            forbidden.let_in(&route);
        }
        assert!(refused(&forbidden, 1080, later));
        assert!(!refused(&forbidden, 1081, later), "and one refusal is enough");
    }
}
