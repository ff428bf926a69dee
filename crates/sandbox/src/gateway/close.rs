//! Close codes of the gateway ("Opcodes and Status Codes", Gateway Close Event Codes).

/// "We're not sure what went wrong."
pub const UNKNOWN_ERROR: u16 = 4000;
/// An opcode that clients do not send.
pub const UNKNOWN_OPCODE: u16 = 4001;
/// A payload that is not valid.
pub const DECODE_ERROR: u16 = 4002;
/// A payload before IDENTIFY.
pub const NOT_AUTHENTICATED: u16 = 4003;
/// A wrong or revoked token.
pub const AUTHENTICATION_FAILED: u16 = 4004;
/// A second IDENTIFY.
pub const ALREADY_AUTHENTICATED: u16 = 4005;
/// RESUME with a sequence that was never sent.
pub const INVALID_SEQ: u16 = 4007;
/// More than 120 payloads in a minute.
pub const RATE_LIMITED: u16 = 4008;
/// No heartbeat for too long.
pub const SESSION_TIMED_OUT: u16 = 4009;
/// A shard number that cannot be.
pub const INVALID_SHARD: u16 = 4010;
/// More than 2500 servers on one shard.
pub const SHARDING_REQUIRED: u16 = 4011;
/// Not version 10.
pub const INVALID_API_VERSION: u16 = 4012;
/// Intents that do not exist.
pub const INVALID_INTENTS: u16 = 4013;
/// Privileged intents that are not switched on.
pub const DISALLOWED_INTENTS: u16 = 4014;

/// Whether the session survives a close with this code, so that RESUME works.
pub fn is_resumable(code: u16) -> bool {
    !matches!(
        code,
        1000 | 1001
            | AUTHENTICATION_FAILED
            | INVALID_SEQ
            | SESSION_TIMED_OUT
            | INVALID_SHARD
            | SHARDING_REQUIRED
            | INVALID_API_VERSION
            | INVALID_INTENTS
            | DISALLOWED_INTENTS
    )
}

/// Discord's words for a code.
pub fn reason(code: u16) -> &'static str {
    match code {
        UNKNOWN_OPCODE => "Unknown opcode.",
        DECODE_ERROR => "Error while decoding payload.",
        NOT_AUTHENTICATED => "Not authenticated.",
        AUTHENTICATION_FAILED => "Authentication failed.",
        ALREADY_AUTHENTICATED => "Already authenticated.",
        INVALID_SEQ => "Invalid seq.",
        RATE_LIMITED => "Rate limited.",
        SESSION_TIMED_OUT => "Session timed out.",
        INVALID_SHARD => "Invalid shard.",
        SHARDING_REQUIRED => "Sharding required.",
        INVALID_API_VERSION => "Invalid API version.",
        INVALID_INTENTS => "Invalid intent(s).",
        DISALLOWED_INTENTS => "Disallowed intent(s).",
        _ => "Unknown error.",
    }
}
