//! The parts of the program that run as long as it does, watched: without one of them it would look alive and
//! lose what that part is there for.

use std::collections::HashMap;
use std::future::Future;

use tokio::task::{Id, JoinError, JoinSet};

/// What runs.
#[derive(Debug, Default)]
pub struct Tasks {
    all: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

impl Tasks {
    /// Starts a part, which is not to end before it is told to.
    pub fn spawn(&mut self, name: &'static str, part: impl Future<Output = ()> + Send + 'static) {
        let id = self.all.spawn(part).id();
        self.names.insert(id, name);
    }

    /// Waits for the first part that ends or panics, and answers its name. Never returns when there are none.
    pub async fn first_end(&mut self) -> &'static str {
        match self.all.join_next_with_id().await {
            Some(ended) => self.name_of(&ended),
            None => std::future::pending().await,
        }
    }

    /// Waits for the rest, after they were told to end.
    pub async fn end(mut self) {
        while let Some(ended) = self.all.join_next_with_id().await {
            if ended.is_err() {
                let part = self.name_of(&ended);
                tracing::error!(part, "a part of the program did not end well");
            }
        }
    }

    fn name_of(&self, ended: &Result<(Id, ()), JoinError>) -> &'static str {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        self.names.get(&id).copied().unwrap_or("unknown")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_one_that_ends_is_named() {
        let mut tasks = Tasks::default();
        tasks.spawn("lasts", std::future::pending());
        tasks.spawn("returns", async {});
        assert_eq!(tasks.first_end().await, "returns");
        tasks.spawn("panics", async { panic!("on purpose") });
        assert_eq!(tasks.first_end().await, "panics");
    }
}
