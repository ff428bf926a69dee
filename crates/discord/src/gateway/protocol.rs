//! What the shard does with a frame, apart from the network.
//!
//! Source: Discord API documentation, "Gateway Opcodes" and "Connection Lifecycle".

use super::codes::After;
use super::frame::Frame;
use std::time::Duration;

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Connected, HELLO not yet seen.
    Greeting,
    /// IDENTIFY sent, READY not yet seen.
    Identifying,
    /// RESUME sent; missed events come before RESUMED.
    Resuming,
    /// Events arrive.
    Live,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Start beating at this interval, and identify or resume.
    Greet(Duration),
    /// Beat now, out of turn.
    Beat,
    /// The last beat was heard.
    Heard,
    /// An event.
    Dispatch,
    /// Close, then this.
    Leave(After),
    /// Nothing.
    Ignore,
}

/// Beats faster than this are not asked for by Discord.
const FASTEST: u64 = 100;

/// The answer to a frame.
pub(super) fn act(phase: Phase, frame: &Frame<'_>) -> Act {
    match (frame.op, phase) {
        (10, Phase::Greeting) => Act::Greet(interval(frame)),
        // Only HELLO comes first.
        (0 | 1 | 11, Phase::Greeting) => Act::Ignore,
        (0, _) => Act::Dispatch,
        (1, _) => Act::Beat,
        (11, _) => Act::Heard,
        (7, _) => Act::Leave(After::Resume),
        (9, _) if frame.data() == "true" => Act::Leave(After::Resume),
        (9, _) => Act::Leave(After::Identify),
        _ => Act::Ignore,
    }
}

fn interval(frame: &Frame<'_>) -> Duration {
    #[derive(serde::Deserialize)]
    struct Hello {
        heartbeat_interval: u64,
    }
    let hello: Option<Hello> = serde_json::from_str(frame.data()).ok();
    Duration::from_millis(hello.map_or(41_250, |h| h.heartbeat_interval.max(FASTEST)))
}

/// A session that can be resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) id: String,
    /// Where to resume; not the address where it began.
    pub(super) url: String,
}

impl Session {
    /// Reads what READY says about it.
    pub(super) fn read(ready: &str) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Ready {
            session_id: String,
            resume_gateway_url: String,
        }
        let ready: Ready = serde_json::from_str(ready).ok()?;
        Some(Self { id: ready.session_id, url: ready.resume_gateway_url })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_opcode_in_every_phase() {
        use Phase::{Greeting, Identifying, Live, Resuming};
        let beat = Duration::from_millis(41_250);
        let after_hello = [Identifying, Resuming, Live];
        let table: [(&str, Act, Act); 10] = [
            (r#"{"op":0,"s":1,"t":"X","d":{}}"#, Act::Ignore, Act::Dispatch),
            (r#"{"op":1,"d":null}"#, Act::Ignore, Act::Beat),
            (r#"{"op":2,"d":{}}"#, Act::Ignore, Act::Ignore),
            (r#"{"op":6,"d":{}}"#, Act::Ignore, Act::Ignore),
            (r#"{"op":7,"d":null}"#, Act::Leave(After::Resume), Act::Leave(After::Resume)),
            (r#"{"op":9,"d":true}"#, Act::Leave(After::Resume), Act::Leave(After::Resume)),
            (r#"{"op":9,"d":false}"#, Act::Leave(After::Identify), Act::Leave(After::Identify)),
            (r#"{"op":10,"d":{"heartbeat_interval":41250}}"#, Act::Greet(beat), Act::Ignore),
            (r#"{"op":11}"#, Act::Ignore, Act::Heard),
            (r#"{"op":200,"d":{}}"#, Act::Ignore, Act::Ignore),
        ];
        for (text, greeting, later) in table {
            let frame = Frame::read(text).unwrap();
            assert_eq!(act(Greeting, &frame), greeting, "{text}");
            for phase in after_hello {
                assert_eq!(act(phase, &frame), later, "{text} while {phase:?}");
            }
        }
    }
}
