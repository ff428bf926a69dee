//! What is in this program's memory (keys, tokens, people's words) must not get into a file when it crashes.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Lets no core dump be made, and lets no other program of the same account read this one's memory or environment.
/// Call it first of all. What the system does not allow is told and changes nothing else.
pub fn forbid() {
    // For good: the upper limit cannot be raised again. A system that hands dumps to a program ignores this limit,
    // and heeds the other call.
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let limited = setrlimit(Resource::Core, none);
    if limited.and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable)).is_err() {
        eprintln!("wardesk: the system does not let core dumps be switched off");
    }
}
