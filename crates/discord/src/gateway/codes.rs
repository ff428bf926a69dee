//! What a closed connection means.
//!
//! Source: Discord API documentation, "Gateway Close Event Codes".

/// Why a shard stays unconnected until the operator acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParkReason {
    /// 4004: the token is not valid.
    BadToken,
    /// 4010: the shard's number is not valid.
    InvalidShard,
    /// 4011: the bot is on too many servers for this number of shards.
    ShardingRequired,
    /// 4012: Discord no longer speaks this version of the gateway.
    InvalidVersion,
    /// 4013: an intent that does not exist.
    InvalidIntents,
    /// 4014: an intent that has to be switched on in Discord's developer portal.
    DisallowedIntents,
}

impl ParkReason {
    /// Whether the bot's calls are still taken: then effects are carried out, although no events come.
    pub(super) const fn leaves_rest(self) -> bool {
        !matches!(self, Self::BadToken)
    }

    /// A word for logs and the status page's texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadToken => "bad_token",
            Self::InvalidShard => "invalid_shard",
            Self::ShardingRequired => "sharding_required",
            Self::InvalidVersion => "invalid_version",
            Self::InvalidIntents => "invalid_intents",
            Self::DisallowedIntents => "disallowed_intents",
        }
    }
}

/// What follows the end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// Connect again and go on where it broke off.
    Resume,
    /// Connect again with a new session.
    Identify,
    /// Don't connect again.
    Park(ParkReason),
}

/// What follows a close code; `None` when the connection broke without one.
pub(super) const fn after(code: Option<u16>) -> After {
    match code {
        Some(4004) => After::Park(ParkReason::BadToken),
        Some(4010) => After::Park(ParkReason::InvalidShard),
        Some(4011) => After::Park(ParkReason::ShardingRequired),
        Some(4012) => After::Park(ParkReason::InvalidVersion),
        Some(4013) => After::Park(ParkReason::InvalidIntents),
        Some(4014) => After::Park(ParkReason::DisallowedIntents),
        // Not authenticated, an invalid sequence, a session that timed out: the session is over.
        Some(4003 | 4007 | 4009) => After::Identify,
        _ => After::Resume,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_close_code() {
        use ParkReason as P;
        let table = [
            (None, After::Resume),
            (Some(1000), After::Resume),
            (Some(1001), After::Resume),
            (Some(1006), After::Resume),
            (Some(4000), After::Resume),
            (Some(4001), After::Resume),
            (Some(4002), After::Resume),
            (Some(4003), After::Identify),
            (Some(4004), After::Park(P::BadToken)),
            (Some(4005), After::Resume),
            (Some(4007), After::Identify),
            (Some(4008), After::Resume),
            (Some(4009), After::Identify),
            (Some(4010), After::Park(P::InvalidShard)),
            (Some(4011), After::Park(P::ShardingRequired)),
            (Some(4012), After::Park(P::InvalidVersion)),
            (Some(4013), After::Park(P::InvalidIntents)),
            (Some(4014), After::Park(P::DisallowedIntents)),
        ];
        for (code, expected) in table {
            assert_eq!(after(code), expected, "{code:?}");
        }
    }
}
