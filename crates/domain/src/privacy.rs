//! Requests of people about what is kept of them: their kinds, how they stand, how they are decided, and their clock.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Days in which a request is answered. Source: P40.
pub const ANSWER_DAYS: i64 = 30;
/// Days by which an answer may be put off at most, once. Source: GDPR 12(3), two further months.
pub const EXTENSION_DAYS: i64 = 60;
/// Days that the owner of a server has at most before a request comes back to the operators.
pub const OWNER_DAYS: i64 = 14;
/// Days before it is due that the operators have at least for what an owner did not answer.
pub const OPERATOR_DAYS: i64 = 5;
/// Days after receipt on which operators are told of a request that is not decided. Source: P40.
pub const ALERT_DAYS: [i64; 2] = [7, 25];
/// Days before the end of an extension on which they are told once more.
const ALERT_BEFORE_END_DAYS: i64 = 5;
/// Messages to an operator about requests in a day at most: one as a rule, the others for what became urgent since.
pub const DIGESTS_PER_DAY: i64 = 4;

/// The longest words of a request or of its answer, in UTF-16 code units.
pub const WORDS_LIMIT: u32 = 4000;
/// The longest name of a server or an account in a request, in UTF-16 code units.
pub const NAME_LIMIT: u32 = 200;
/// Requests of one person that may be open at once.
pub const OPEN_LIMIT: i64 = 10;

const DAY_SECONDS: i64 = 86_400;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$inner])* $variant),* }

        impl $name {
            /// Every one, in the order that forms offer them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in database and forms.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads [`Self::as_str`].
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    )*};
}

words! {
    /// What is asked for. Source: P34, P37 and the policies.
    RequestKind {
        /// To see what is kept, and to have a copy.
        Access = "access",
        /// To have something put right.
        Correct = "correct",
        /// To have it erased.
        Erase = "erase",
        /// To have it kept and not used.
        Restrict = "restrict",
        /// To object to a use.
        Object = "object",
        /// To take a consent back.
        Withdraw = "withdraw",
        /// To have infringing material taken down. Whoever asks needs no account.
        Takedown = "takedown",
        /// Somebody is too young to use the service.
        UnderAge = "under_age",
        /// Anything else about personal data.
        Other = "other",
    }

    /// The way on which a request came.
    Via {
        /// The page of one's own data.
        Site = "site",
        /// The form for anyone.
        Form = "form",
        /// The bot.
        Discord = "discord",
        /// E-mail, by way of the operator's mail service.
        Email = "email",
    }

    /// How a request stands.
    RequestState {
        /// Nobody has signed in yet to show that the account is theirs.
        Unverified = "unverified",
        /// The owner of a server, who decides on its content, has to answer.
        WithOwner = "with_owner",
        /// The operators have to answer.
        Open = "open",
        /// The program is doing it: an erasure, or a copy of what is kept. It is answered when that is over.
        UnderWay = "under_way",
        /// What was asked for was done.
        Done = "done",
        /// A part of it was done.
        Partly = "partly",
        /// It was not done.
        Declined = "declined",
    }

    /// Why something was not done. The person sees it. Source: P38.
    Reason {
        /// Nothing is kept that it could be about.
        NoData = "no_data",
        /// Nobody showed in time that the account is theirs.
        NotVerified = "not_verified",
        /// What is kept is somebody else's.
        NotYou = "not_you",
        /// A legal hold lies on it.
        LegalHold = "legal_hold",
        /// It is needed to enforce the rules against abuse.
        Enforcement = "enforcement",
        /// Rights of others stand against it.
        OthersRights = "others_rights",
        /// It is plainly unfounded, or the evidence does not show it.
        Unfounded = "unfounded",
        /// The same was asked and answered a short time before.
        Repeated = "repeated",
        /// A law has it kept.
        Law = "law",
        /// There are compelling grounds for the use which weigh more than the objection. Source: GDPR 21(1).
        Compelling = "compelling",
    }

    /// Why an answer takes longer. Source: GDPR 12(3).
    Delay {
        /// What is asked for is complex.
        Complex = "complex",
        /// There are many requests.
        Many = "many",
    }

    /// Something that happened to a request.
    Step {
        /// It came.
        Received = "received",
        /// Somebody signed in and showed that the account is theirs.
        Verified = "verified",
        /// Somebody else than the one named signed in; nothing was done.
        Mismatched = "mismatched",
        /// It was given to the owner of the server.
        HandedOver = "handed_over",
        /// The owner did not answer in time, or left: the operators answer.
        CameBack = "came_back",
        /// The answer takes longer.
        Extended = "extended",
        /// What was asked for is being done.
        CarriedOut = "carried_out",
        /// It could not be done by the program: people do it.
        Failed = "failed",
        /// The use is restricted while the objection is judged.
        Restricted = "restricted",
        /// That restriction was lifted.
        Lifted = "lifted",
        /// It was decided.
        Decided = "decided",
    }

    /// Who did something to a request: a role, never a name.
    Role {
        /// Whoever made it.
        Person = "person",
        /// Who answers for the server.
        Owner = "owner",
        /// An operator of the service.
        Operator = "operator",
        /// The program.
        Service = "service",
    }

    /// Whether somebody was told that their data was given out. Source: P21.
    NotifyState {
        /// They are to be told.
        ToDo = "to_do",
        /// They were told.
        Told = "told",
        /// They may not be told yet.
        Forbidden = "forbidden",
        /// They cannot be told.
        Impossible = "impossible",
    }
}

impl RequestKind {
    /// Whether it is about an account, so that whoever asks has to sign in with it. Source: P39.
    pub const fn concerns_account(self) -> bool {
        !matches!(self, Self::Takedown | Self::UnderAge | Self::Other)
    }

    /// Whether a server's owner decides when it is about the content of that server. Source: P8, P36.
    pub const fn is_owners(self) -> bool {
        self.concerns_account()
    }

    /// Whether asking for it again while it is undecided is the same request.
    pub const fn is_single(self) -> bool {
        self.concerns_account()
    }
}

impl RequestState {
    /// Whether it is decided.
    pub const fn is_decided(self) -> bool {
        matches!(self, Self::Done | Self::Partly | Self::Declined)
    }
}

/// How a request is decided. What was not done has a reason, or it is no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was done.
    Done,
    /// A part was done; the rest was not, for this reason.
    Partly(Reason),
    /// Nothing was done, for this reason.
    Declined(Reason),
}

impl Outcome {
    /// The state that it leads to.
    pub const fn state(self) -> RequestState {
        match self {
            Self::Done => RequestState::Done,
            Self::Partly(_) => RequestState::Partly,
            Self::Declined(_) => RequestState::Declined,
        }
    }

    /// Why not, or not all.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Done => None,
            Self::Partly(reason) | Self::Declined(reason) => Some(reason),
        }
    }
}

/// The clock of a request: when it came, and until when its answer was put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// When it came.
    pub made: Millis,
    /// The end of the extension.
    pub extended: Option<Millis>,
}

impl Clock {
    /// Until when it is to be answered.
    pub const fn due(self) -> Millis {
        match self.extended {
            Some(until) => until,
            None => self.made.plus_seconds(ANSWER_DAYS * DAY_SECONDS),
        }
    }

    /// Whether the time for an answer is over.
    pub const fn is_overdue(self, now: Millis) -> bool {
        now.0 > self.due().0
    }

    /// Until when an answer may be put off at most.
    pub const fn latest(self) -> Millis {
        self.made.plus_seconds((ANSWER_DAYS + EXTENSION_DAYS) * DAY_SECONDS)
    }

    /// The day after receipt of which operators are to be told now, when `told` is the last that they were told of
    /// (0: none). After a long pause the days that passed are one alert.
    pub fn alert(self, told: i64, now: Millis) -> Option<i64> {
        let day = now.since(self.made).div_euclid(DAY_SECONDS * 1000);
        let before_end = self.extended.map(|until| {
            until.since(self.made).div_euclid(DAY_SECONDS * 1000) - ALERT_BEFORE_END_DAYS
        });
        let days = ALERT_DAYS.into_iter().chain(before_end);
        days.filter(|alert| *alert > told && *alert <= day).max()
    }
}

/// The day on which operators are written to, counted from 1970 in UTC.
pub const fn digest_day(now: Millis) -> i64 {
    now.0.div_euclid(DAY_SECONDS * 1000)
}

/// Whether operators are written to now, who were `sent` messages today. What reached day 7 waits for the one message of
/// the next day, where there was one today. What is `urgent` waits for nothing until there were enough of them.
pub const fn writes_now(sent: i64, urgent: bool) -> bool {
    sent < if urgent { DIGESTS_PER_DAY } else { 1 }
}

/// Whether an alert of this day after receipt is urgent: all but the first.
pub const fn is_urgent(day: i64) -> bool {
    day > ALERT_DAYS[0]
}

/// Until when the owner of a server has time, from now on, for a request that is due then; `None`: none is left, the
/// operators answer.
pub fn owner_until(now: Millis, due: Millis) -> Option<Millis> {
    let own = now.plus_seconds(OWNER_DAYS * DAY_SECONDS);
    let until = own.min(due.plus_seconds(-OPERATOR_DAYS * DAY_SECONDS));
    (until > now).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = DAY_SECONDS * 1000;

    /// A small generator of numbers that differ and are the same each time.
    fn next(state: &mut u64) -> i64 {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(*state >> 33).unwrap()
    }

    #[test]
    fn ten_thousand_requests_are_told_of_once_each_day_and_none_is_forgotten() {
        let mut state = 7;
        for _ in 0..10_000 {
            let made = Millis(1_800_000_000_000 + next(&mut state) % DAY);
            // Decided after up to 40 days, looked at at uneven times, at most two hours apart.
            let decided = made.0 + next(&mut state) % (40 * DAY);
            let clock = Clock { made, extended: None };
            let (mut now, mut told, mut days) = (made.0, 0, Vec::new());
            while now < decided {
                if let Some(day) = clock.alert(told, Millis(now)) {
                    let late = now - (made.0 + day * DAY);
                    assert!((0..=2 * 3_600_000).contains(&late), "day {day}: {late} ms late");
                    days.push(day);
                    told = day;
                }
                now += 60_000 + next(&mut state) % 7_000_000;
            }
            let open = decided - made.0;
            assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "each once");
            if open > 7 * DAY + 7_200_000 {
                assert_eq!(days.first(), Some(&7));
            }
            if open > ANSWER_DAYS * DAY {
                assert_eq!(days, ALERT_DAYS, "nobody can say that they were not told");
                assert!(clock.is_overdue(Millis(decided)));
            }
            if open < 7 * DAY {
                assert!(days.is_empty(), "too early");
            }
        }
    }

    #[test]
    fn an_extension_ends_by_a_last_alert() {
        let made = Millis(0);
        let until = Millis(50 * DAY);
        let clock = Clock { made, extended: Some(until) };
        assert_eq!(clock.due(), until);
        assert_eq!(clock.alert(25, Millis(45 * DAY - 1)), None);
        assert_eq!(clock.alert(25, Millis(45 * DAY)), Some(45));
        assert_eq!(clock.alert(45, Millis(60 * DAY)), None);
        assert!(!clock.is_overdue(until) && clock.is_overdue(Millis(until.0 + 1)));
    }

    #[test]
    fn days_that_passed_unseen_are_one_alert() {
        let clock = Clock { made: Millis(0), extended: None };
        assert_eq!(clock.alert(0, Millis(26 * DAY)), Some(25));
        assert_eq!(clock.alert(25, Millis(26 * DAY)), None);
    }

    #[test]
    fn an_owner_leaves_the_operators_their_days() {
        let due = Millis(ANSWER_DAYS * DAY);
        let until = |day: i64| owner_until(Millis(day * DAY), due).map(|at| at.0 / DAY);
        assert_eq!(until(0), Some(14));
        assert_eq!(until(11), Some(25));
        assert_eq!(until(12), Some(25), "not fourteen days any more");
        assert_eq!(until(24), Some(25));
        for late in [25, 28, 40] {
            assert_eq!(until(late), None, "day {late}");
        }
        assert_eq!(owner_until(Millis(25 * DAY - 1), due), Some(Millis(25 * DAY)));
    }

    #[test]
    fn a_day_has_one_message_and_a_few_urgent_ones() {
        assert!(writes_now(0, false) && !writes_now(1, false));
        assert!((0..DIGESTS_PER_DAY).all(|sent| writes_now(sent, true)));
        assert!(!writes_now(DIGESTS_PER_DAY, true));
        assert_eq!(digest_day(Millis(DAY - 1)) + 1, digest_day(Millis(DAY)));
        // The first alert waits for the day's message, the last before it is due and that of an extension do not.
        assert!(!is_urgent(7) && is_urgent(25) && is_urgent(45));
    }

    #[test]
    fn words_are_read_back() {
        for kind in RequestKind::ALL {
            assert_eq!(RequestKind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(Reason::parse(""), None, "no reason is no reason");
    }
}
