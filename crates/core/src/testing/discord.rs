//! A Discord in memory: one server, with the rules that tickets depend on.
//!
//! It keeps nonces, makes ids that follow the clock, counts channels of a category, and can be told to
//! fail: before a call has an effect, or after it (an answer that never arrives).

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::ids::{ChannelId, DISCORD_EPOCH_MS, GuildId, MessageId, RoleId, UserId};
use domain::permissions::{Overwrite, OverwriteTarget, Permissions};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::ports::{
    AttachmentSource, ChannelFacts, ChannelKind, Clock, Discord, DiscordError, GuildFacts,
    GuildMember, NewChannel, NewMessage, RoleFacts,
};

/// A call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of the port")]
pub enum Call {
    CreateChannel,
    DeleteChannel,
    SetOverwrites,
    PutOverwrite,
    DeleteOverwrite,
    CreateMessage,
    EditMessage,
    DeleteMessage,
    DmChannel,
    EditInteraction,
}

enum Fault {
    Before(DiscordError),
    After(DiscordError),
}

pub(super) struct State {
    facts: GuildFacts,
    late: Option<GuildFacts>,
    late_looks: VecDeque<bool>,
    looks: Vec<UserId>,
    pub(super) members: HashMap<UserId, GuildMember>,
    pub(super) messages: BTreeMap<ChannelId, Vec<Value>>,
    pub(super) chat: super::chat::Chat,
    dms: HashMap<UserId, ChannelId>,
    answers: Vec<(String, Value)>,
    faults: HashMap<Call, VecDeque<Fault>>,
    calls: Vec<Call>,
    outage: bool,
    without_bot: HashSet<GuildId>,
    next: i64,
}

/// A Discord in memory.
pub struct FakeDiscord {
    pub(super) clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Servers whose requests for a channel wait until they are let go, as in a slow minute of Discord's.
    held: watch::Sender<HashSet<GuildId>>,
}

/// Channels that a category holds. Source: Discord API documentation, "Channel".
const CATEGORY_LIMIT: usize = 50;

impl FakeDiscord {
    /// A server with the roles `everyone` and the bot's, and no channels.
    pub fn new(clock: Arc<dyn Clock>, guild: GuildId, bot: UserId) -> Self {
        let role = |id: i64, permissions| RoleFacts {
            id: RoleId::new(id).unwrap(),
            name: format!("role {id}"),
            colour: 0,
            position: 0,
            permissions,
            managed: false,
        };
        let facts = GuildFacts {
            id: guild,
            name: "Example".into(),
            icon: None,
            owner: UserId::new(1).unwrap(),
            roles: vec![
                role(guild.get(), Permissions::TICKET_PARTICIPANT),
                role(bot.get(), Permissions::INVITE),
            ],
            channels: Vec::new(),
            bot_roles: vec![RoleId::new(bot.get()).unwrap()],
            bot,
        };
        let state = State {
            late: None,
            late_looks: VecDeque::new(),
            looks: Vec::new(),
            facts,
            members: HashMap::new(),
            messages: BTreeMap::new(),
            chat: super::chat::Chat::default(),
            dms: HashMap::new(),
            answers: Vec::new(),
            faults: HashMap::new(),
            calls: Vec::new(),
            outage: false,
            without_bot: HashSet::new(),
            next: 1,
        };
        Self { clock, state: Mutex::new(state), held: watch::Sender::default() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a member with these roles.
    pub fn add_member(&self, id: i64, roles: &[i64]) -> UserId {
        let user = UserId::new(id).unwrap();
        let member = GuildMember {
            user,
            username: format!("user{id}"),
            display_name: format!("User {id}"),
            roles: roles.iter().map(|r| RoleId::new(*r).unwrap()).collect(),
            avatar: None,
            bot: false,
        };
        self.lock().members.insert(user, member);
        user
    }

    /// Makes this account the server's owner.
    pub fn own_by(&self, user: UserId) {
        self.lock().facts.owner = user;
    }

    /// Adds a role.
    pub fn add_role(&self, id: i64) -> RoleId {
        let id = RoleId::new(id).unwrap();
        self.lock().facts.roles.push(RoleFacts {
            id,
            name: format!("role {id}"),
            colour: 0,
            position: 1,
            permissions: Permissions::default(),
            managed: false,
        });
        id
    }

    /// Gives a role these permissions and no others.
    pub fn grant(&self, role: RoleId, permissions: Permissions) {
        let mut state = self.lock();
        let found = state.facts.roles.iter_mut().find(|known| known.id == role);
        found.unwrap().permissions = permissions;
    }

    /// Takes a permission from every role.
    pub fn take_permission(&self, taken: Permissions) {
        for role in &mut self.lock().facts.roles {
            role.permissions = role.permissions.without(taken);
        }
    }

    /// Adds a channel or category.
    pub fn add_channel(&self, kind: ChannelKind, parent: Option<ChannelId>) -> ChannelId {
        let mut state = self.lock();
        let id = ChannelId::new(fresh_id(&mut state, self.clock.now().0)).unwrap();
        state.facts.channels.push(ChannelFacts {
            id,
            name: format!("channel-{id}"),
            kind,
            parent,
            position: 0,
            topic: None,
            overwrites: Vec::new(),
        });
        id
    }

    /// Removes a channel by hand.
    pub fn remove_channel(&self, channel: ChannelId) {
        self.lock().facts.channels.retain(|c| c.id != channel);
    }

    /// The next call of this kind fails and has no effect.
    pub fn fail(&self, call: Call, error: DiscordError) {
        self.lock().faults.entry(call).or_default().push_back(Fault::Before(error));
    }

    /// The next call of this kind has its effect, but its answer never arrives.
    pub fn lose_answer(&self, call: Call) {
        let error = DiscordError::Unavailable { retry_after_ms: None };
        self.lock().faults.entry(call).or_default().push_back(Fault::After(error));
    }

    /// Whether servers and members cannot be asked for at the moment.
    pub fn outage(&self, outage: bool) {
        self.lock().outage = outage;
    }

    /// Whether the bot is not on a server.
    pub fn without_bot(&self, guild: GuildId, gone: bool) {
        let all = &mut self.lock().without_bot;
        if gone {
            all.insert(guild)
        } else {
            all.remove(&guild)
        };
    }

    /// Making a channel on a server takes until it is let go again, as when a limit has to be waited for.
    pub fn hold(&self, guild: GuildId, held: bool) {
        self.held.send_modify(|all| {
            if held {
                all.insert(guild)
            } else {
                all.remove(&guild)
            };
        });
    }

    /// The next fresh answer about the server is on its way: it tells of what is there now, whenever it comes.
    pub fn answer_late(&self) {
        let mut state = self.lock();
        state.late = Some(state.facts.clone());
    }

    /// The next look for a member is answered by what was so a moment ago.
    pub fn look_late(&self, here: bool) {
        self.lock().late_looks.push_back(here);
    }

    /// Who was looked for past the cache, in order.
    pub fn looks(&self) -> Vec<UserId> {
        self.lock().looks.clone()
    }

    /// Makes a second channel with the same topic, as somebody who copies it does; or an attempt of the bot
    /// of which it never heard.
    pub fn copy_channel(&self, channel: ChannelId) -> ChannelId {
        let mut state = self.lock();
        let id = ChannelId::new(fresh_id(&mut state, self.clock.now().0)).unwrap();
        let first = state.facts.channels.iter().find(|c| c.id == channel).unwrap().clone();
        state.facts.channels.push(ChannelFacts { id, ..first });
        id
    }

    /// Channels whose topic names a ticket.
    pub fn ticket_channels(&self) -> Vec<ChannelFacts> {
        let marked = |c: &&ChannelFacts| c.topic.as_deref().is_some_and(|t| t.contains("wardesk:"));
        self.lock().facts.channels.iter().filter(marked).cloned().collect()
    }

    /// The messages of a channel, oldest first, also after the channel is gone.
    pub fn messages(&self, channel: ChannelId) -> Vec<Value> {
        self.lock().messages.get(&channel).cloned().unwrap_or_default()
    }

    /// The direct messages to someone.
    pub fn direct_messages(&self, user: UserId) -> Vec<Value> {
        let state = self.lock();
        let channel = state.dms.get(&user);
        channel.and_then(|c| state.messages.get(c)).cloned().unwrap_or_default()
    }

    /// The answers to interactions, with the token of each.
    pub fn answers(&self) -> Vec<(String, Value)> {
        self.lock().answers.clone()
    }

    /// Every changing call that had an effect, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// How many of the faults that were ordered for this kind of call are still to come.
    pub fn faults_left(&self, call: Call) -> usize {
        self.lock().faults.get(&call).map_or(0, VecDeque::len)
    }

    /// Runs a call with its faults.
    fn act<T>(
        &self,
        call: Call,
        effect: impl FnOnce(&mut State) -> Result<T, DiscordError>,
    ) -> Result<T, DiscordError> {
        let mut state = self.lock();
        let fault = state.faults.get_mut(&call).and_then(VecDeque::pop_front);
        if let Some(Fault::Before(error)) = fault {
            return Err(error);
        }
        let result = effect(&mut state)?;
        state.calls.push(call);
        if let Some(Fault::After(error)) = fault { Err(error) } else { Ok(result) }
    }
}

pub(super) fn fresh_id(state: &mut State, now: i64) -> i64 {
    state.next += 1;
    ((now - DISCORD_EPOCH_MS) << 22) + (state.next & 0x3f_ffff)
}

impl State {
    /// What a question about the server is answered with.
    fn answer(
        &self,
        guild: GuildId,
        late: Option<GuildFacts>,
    ) -> Result<Arc<GuildFacts>, DiscordError> {
        if self.outage {
            return Err(OUTAGE);
        }
        if self.without_bot.contains(&guild) {
            return Err(GONE_GUILD);
        }
        Ok(Arc::new(late.unwrap_or_else(|| self.facts.clone())))
    }
}

const OUTAGE: DiscordError = DiscordError::Unavailable { retry_after_ms: None };
const GONE_GUILD: DiscordError = DiscordError::Gone { code: 10_004 };
const GONE_CHANNEL: DiscordError = DiscordError::Gone { code: 10_003 };

#[async_trait]
impl Discord for FakeDiscord {
    async fn guild(&self, guild: GuildId) -> Result<Arc<GuildFacts>, DiscordError> {
        self.lock().answer(guild, None)
    }

    async fn guild_fresh(&self, guild: GuildId) -> Result<Arc<GuildFacts>, DiscordError> {
        let mut state = self.lock();
        let late = state.late.take();
        state.answer(guild, late)
    }

    async fn bot(&self) -> Result<UserId, DiscordError> {
        Ok(self.lock().facts.bot)
    }

    async fn member(&self, _guild: GuildId, user: UserId) -> Result<GuildMember, DiscordError> {
        let state = self.lock();
        if state.outage {
            return Err(OUTAGE);
        }
        state.members.get(&user).cloned().ok_or(DiscordError::Gone { code: 10_007 })
    }

    async fn is_member(&self, guild: GuildId, user: UserId) -> Result<bool, DiscordError> {
        let answer = match self.member(guild, user).await {
            Ok(_) => Ok(true),
            Err(DiscordError::Gone { code: 10_007 }) => Ok(false),
            Err(error) => Err(error),
        };
        let mut state = self.lock();
        state.looks.push(user);
        state.late_looks.pop_front().map_or(answer, Ok)
    }

    async fn search_members(
        &self,
        _guild: GuildId,
        query: &str,
        limit: u8,
    ) -> Result<Vec<GuildMember>, DiscordError> {
        let state = self.lock();
        if state.outage {
            return Err(OUTAGE);
        }
        let query = query.to_lowercase();
        let starts = |name: &str| name.to_lowercase().starts_with(&query);
        let found =
            state.members.values().filter(|m| starts(&m.display_name) || starts(&m.username));
        Ok(found.take(limit.into()).cloned().collect())
    }

    async fn create_channel(
        &self,
        guild: GuildId,
        channel: &NewChannel,
    ) -> Result<ChannelId, DiscordError> {
        let _ = self.held.subscribe().wait_for(|held| !held.contains(&guild)).await;
        let now = self.clock.now().0;
        self.act(Call::CreateChannel, |state| {
            if let Some(parent) = channel.parent {
                let held = state.facts.channels.iter().filter(|c| c.parent == Some(parent)).count();
                if held >= CATEGORY_LIMIT {
                    return Err(DiscordError::Full { code: 50_035 });
                }
            }
            let id = ChannelId::new(fresh_id(state, now)).unwrap();
            state.facts.channels.push(ChannelFacts {
                id,
                name: channel.name.clone(),
                kind: ChannelKind::Text,
                parent: channel.parent,
                position: 0,
                topic: Some(channel.topic.clone()),
                overwrites: channel.overwrites.clone(),
            });
            Ok(id)
        })
    }

    async fn delete_channel(&self, channel: ChannelId, _reason: &str) -> Result<(), DiscordError> {
        self.act(Call::DeleteChannel, |state| {
            let before = state.facts.channels.len();
            state.facts.channels.retain(|c| c.id != channel);
            if state.facts.channels.len() == before { Err(GONE_CHANNEL) } else { Ok(()) }
        })
    }

    async fn set_overwrites(
        &self,
        _guild: GuildId,
        channel: ChannelId,
        overwrites: &[Overwrite],
        _reason: &str,
    ) -> Result<(), DiscordError> {
        self.act(Call::SetOverwrites, |state| {
            let found = state.facts.channels.iter_mut().find(|c| c.id == channel);
            overwrites.clone_into(&mut found.ok_or(GONE_CHANNEL)?.overwrites);
            Ok(())
        })
    }

    async fn put_overwrite(
        &self,
        channel: ChannelId,
        overwrite: &Overwrite,
    ) -> Result<(), DiscordError> {
        self.act(Call::PutOverwrite, |state| {
            let found = state.facts.channels.iter_mut().find(|c| c.id == channel);
            let all = &mut found.ok_or(GONE_CHANNEL)?.overwrites;
            all.retain(|o| o.target != overwrite.target);
            all.push(*overwrite);
            Ok(())
        })
    }

    async fn delete_overwrite(&self, channel: ChannelId, user: UserId) -> Result<(), DiscordError> {
        self.act(Call::DeleteOverwrite, |state| {
            let found = state.facts.channels.iter_mut().find(|c| c.id == channel);
            let all = &mut found.ok_or(GONE_CHANNEL)?.overwrites;
            all.retain(|o| o.target != OverwriteTarget::Member(user));
            Ok(())
        })
    }

    async fn create_message(
        &self,
        channel: ChannelId,
        message: &NewMessage,
    ) -> Result<Value, DiscordError> {
        let now = self.clock.now().0;
        self.act(Call::CreateMessage, |state| {
            let dm = state.dms.values().any(|dm| *dm == channel);
            if !dm && !state.facts.channels.iter().any(|c| c.id == channel) {
                return Err(GONE_CHANNEL);
            }
            let bot = state.facts.bot;
            let id = fresh_id(state, now);
            let all = state.messages.entry(channel).or_default();
            // As with Discord, a nonce is known for a few minutes only.
            if let Some(nonce) = &message.nonce {
                let same = all.iter().find(|m| {
                    m["nonce"] == json!(nonce)
                        && m["id"].as_str().unwrap().parse::<MessageId>().unwrap().created_at_ms()
                            > now - 120_000
                });
                if let Some(same) = same {
                    return Ok(same.clone());
                }
            }
            let mut new = message.body.clone();
            new["id"] = json!(id.to_string());
            new["channel_id"] = json!(channel);
            new["author"] = json!({ "id": bot, "bot": true });
            new["nonce"] = json!(message.nonce);
            all.push(new.clone());
            Ok(new)
        })
    }

    async fn edit_message(
        &self,
        channel: ChannelId,
        message: MessageId,
        edit: &NewMessage,
    ) -> Result<Value, DiscordError> {
        self.act(Call::EditMessage, |state| {
            let all = state.messages.get_mut(&channel).ok_or(GONE_CHANNEL)?;
            let found = all.iter_mut().find(|m| m["id"] == json!(message));
            let found = found.ok_or(DiscordError::Gone { code: 10_008 })?;
            for (key, value) in edit.body.as_object().unwrap() {
                found[key] = value.clone();
            }
            Ok(found.clone())
        })
    }

    async fn delete_message(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<(), DiscordError> {
        self.act(Call::DeleteMessage, |state| {
            let all = state.messages.get_mut(&channel).ok_or(GONE_CHANNEL)?;
            let before = all.len();
            all.retain(|m| m["id"] != json!(message));
            if all.len() == before { Err(DiscordError::Gone { code: 10_008 }) } else { Ok(()) }
        })
    }

    async fn messages_after(
        &self,
        channel: ChannelId,
        after: Option<MessageId>,
    ) -> Result<Vec<Value>, DiscordError> {
        let mut state = self.lock();
        state.chat.page_asked()?;
        let dm = state.dms.values().any(|dm| *dm == channel);
        if !dm && !state.facts.channels.iter().any(|c| c.id == channel) {
            return Err(GONE_CHANNEL);
        }
        let all = state.messages.get(&channel).map_or(&[][..], Vec::as_slice);
        let later = |m: &&Value| {
            let id: MessageId = m["id"].as_str().unwrap().parse().unwrap();
            after.is_none_or(|after| id > after)
        };
        Ok(all.iter().filter(later).take(100).map(|m| state.chat.as_seen(m)).collect())
    }

    async fn dm_channel(&self, user: UserId) -> Result<ChannelId, DiscordError> {
        let now = self.clock.now().0;
        self.act(Call::DmChannel, |state| {
            if let Some(channel) = state.dms.get(&user) {
                return Ok(*channel);
            }
            let id = ChannelId::new(fresh_id(state, now)).unwrap();
            state.dms.insert(user, id);
            Ok(id)
        })
    }

    async fn edit_interaction_response(
        &self,
        token: &SecretString,
        message: &NewMessage,
    ) -> Result<(), DiscordError> {
        self.act(Call::EditInteraction, |state| {
            state.answers.push((token.expose_secret().to_owned(), message.body.clone()));
            Ok(())
        })
    }

    async fn attachment(&self, url: &str) -> Result<AttachmentSource, DiscordError> {
        self.lock().chat.open_file(url)
    }
}
