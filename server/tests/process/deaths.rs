//! A program that dies where a test says, by `kill -9`'s twin: it aborts at a failpoint, nothing is flushed, and
//! nothing is given back.

use std::os::unix::process::ExitStatusExt as _;

use crate::desk::Desk;
use crate::program::Program;

/// The signal of a process that aborted.
const ABORTED: i32 = 6;

/// A place to die at, after it was passed some times.
#[derive(Debug, Clone, Copy)]
pub struct Armed {
    /// One of `wardesk_core::failpoints`.
    pub point: &'static str,
    /// How often it is passed before.
    pub passes: usize,
}

impl Armed {
    /// What `FAILPOINTS` says of it.
    pub fn setting(self) -> String {
        let Self { point, passes } = self;
        match passes {
            0 => format!("{point}=panic"),
            _ => format!("{point}={passes}*off->panic"),
        }
    }

    /// Fails unless a program has died there.
    pub async fn was_met(self, program: &Program, about: &str) {
        let status = program.end().await;
        let words = format!("failpoint {} panic", self.point);
        let died = status.signal() == Some(ABORTED) && program.log().contains(&words);
        assert!(died, "{about}: it did not die at {self:?}: {status}\n{}", program.log());
    }
}

/// Starts a desk's program, which may die before it serves. The leases of the one that died are over.
pub async fn start(desk: &Desk, settings: &[(&str, &str)], armed: Option<Armed>) -> Program {
    desk.let_leases_end().await;
    let points = armed.map(Armed::setting);
    let mut all = settings.to_vec();
    all.extend(points.as_deref().map(|points| ("FAILPOINTS", points)));
    let program = Program::begin(desk.store.folder.path(), &desk.settings(&all)).await;
    assert!(armed.is_some() || !program.has_ended(), "it does not serve:\n{}", program.log());
    program
}

/// Kills a program, unless it is dead already.
pub async fn kill(program: &Program) {
    if !program.has_ended() && program.try_signal(crate::program::Signal::Kill).await {
        program.end().await;
    }
}
