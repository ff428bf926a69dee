//! What the bot listens to. Two of the intents are privileged: an application has them when its settings in Discord's
//! developer portal grant them, and both may be taken away while it runs.

use crate::rest::Granted;

/// Servers, roles and channels come and go.
const GUILDS: u32 = 1 << 0;
/// Members come and go. Privileged.
const GUILD_MEMBERS: u32 = 1 << 1;
/// Messages of servers.
const GUILD_MESSAGES: u32 = 1 << 9;
/// Reactions to them.
const GUILD_MESSAGE_REACTIONS: u32 = 1 << 10;
/// What the messages say. Privileged.
const MESSAGE_CONTENT: u32 = 1 << 15;
/// Votes in their polls.
const GUILD_MESSAGE_POLLS: u32 = 1 << 24;
/// What every bot may listen to.
const PLAIN: u32 = GUILDS | GUILD_MESSAGES | GUILD_MESSAGE_REACTIONS | GUILD_MESSAGE_POLLS;

/// The intents of the next session.
///
/// Message content is asked for until Discord refuses it: without it transcripts are empty. The members' intent is
/// asked for only where it is granted: without it the bot does not hear who joins and leaves, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Intents {
    content: bool,
    members: bool,
    /// Whether the operator wants the members' intent to be used.
    wants_members: bool,
}

impl Intents {
    pub(super) const fn new(wants_members: bool) -> Self {
        Self { content: true, members: false, wants_members }
    }

    /// As Discord has them.
    pub(super) const fn bits(self) -> u32 {
        PLAIN
            | if self.content { MESSAGE_CONTENT } else { 0 }
            | if self.members { GUILD_MEMBERS } else { 0 }
    }

    /// Whether the bot reads what people write.
    pub(super) const fn content(self) -> bool {
        self.content
    }

    /// Whether the bot hears who joins and leaves.
    pub(super) const fn members(self) -> bool {
        self.members
    }

    /// A new session is about to begin; `granted` is what the settings say, if they could be read.
    pub(super) const fn choose(&mut self, granted: Option<Granted>) {
        if let Some(granted) = granted {
            self.members = self.wants_members && granted.members;
        }
    }

    /// Discord refuses one of them (close code 4014) and does not say which. Goes on without those that the settings
    /// do not grant; where these tell nothing, without the one that is needed less. `false`: there is none to go
    /// without.
    pub(super) const fn go_without(&mut self, granted: Option<Granted>) -> bool {
        let before = *self;
        if let Some(granted) = granted {
            self.content &= granted.content;
            self.members &= granted.members;
        }
        if self.bits() == before.bits() {
            if self.members {
                self.members = false;
                // The settings grant it and Discord refuses it all the same: it would go on for ever.
                self.wants_members = granted.is_none();
            } else {
                self.content = false;
            }
        }
        self.bits() != before.bits()
    }

    /// Whether the settings may come to grant something that is missed.
    pub(super) const fn lacks(self) -> bool {
        !self.content || (self.wants_members && !self.members)
    }

    /// Whether a new session would have something that this one lacks.
    pub(super) const fn would_gain(self, granted: Granted) -> bool {
        (!self.content && granted.content)
            || (self.wants_members && !self.members && granted.members)
    }

    /// The settings grant more than they did.
    pub(super) const fn gain(&mut self, granted: Granted) {
        self.content |= granted.content;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Granted = Granted { content: true, members: true };
    const CONTENT: Granted = Granted { content: true, members: false };
    const MEMBERS: Granted = Granted { content: false, members: true };
    const NONE: Granted = Granted { content: false, members: false };

    fn chosen(wants: bool, granted: Option<Granted>) -> Intents {
        let mut intents = Intents::new(wants);
        intents.choose(granted);
        intents
    }

    #[test]
    fn members_are_asked_for_where_granted_and_wanted() {
        assert!(chosen(true, Some(ALL)).members() && chosen(true, Some(MEMBERS)).members());
        assert!(!chosen(true, Some(CONTENT)).members() && !chosen(true, None).members());
        assert!(!chosen(false, Some(ALL)).members());
        assert_eq!(chosen(true, Some(ALL)).bits() ^ chosen(false, Some(ALL)).bits(), 1 << 1);
        // The settings cannot be read at a later session: it stays as it was.
        let mut intents = chosen(true, Some(ALL));
        intents.choose(None);
        assert!(intents.members());
    }

    #[test]
    fn what_is_refused_is_gone_without_and_there_is_an_end() {
        let without = |granted| {
            let mut intents = chosen(true, Some(ALL));
            assert!(intents.go_without(granted));
            (intents.content(), intents.members())
        };
        assert_eq!(without(Some(CONTENT)), (true, false));
        assert_eq!(without(Some(MEMBERS)), (false, true));
        assert_eq!(without(Some(NONE)), (false, false));
        // Nothing is known: what is needed less goes first.
        assert_eq!(without(None), (true, false));
        for granted in [None, Some(ALL)] {
            let mut intents = chosen(true, Some(ALL));
            assert!(intents.go_without(granted) && intents.content());
            assert!(intents.go_without(granted) && !intents.content());
            assert!(!intents.go_without(granted));
        }
        let mut refused = chosen(true, Some(ALL));
        refused.go_without(Some(ALL));
        refused.choose(Some(ALL));
        assert!(!refused.members() && !refused.lacks(), "it is not tried again and again");
    }

    #[test]
    fn what_comes_back_is_taken() {
        let mut intents = chosen(true, Some(ALL));
        assert!(!intents.lacks());
        intents.go_without(Some(NONE));
        assert!(intents.lacks() && !intents.would_gain(NONE));
        assert!(intents.would_gain(CONTENT) && intents.would_gain(MEMBERS));
        intents.gain(CONTENT);
        assert!(intents.content() && intents.lacks());
        let mut unwanted = chosen(false, Some(NONE));
        assert!(!unwanted.lacks());
        unwanted.go_without(Some(NONE));
        assert!(unwanted.lacks() && !unwanted.would_gain(MEMBERS));
    }
}
