//! In the sandbox one clock drives the stand-ins and this program: the sandbox's, which people can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::time::Millis;
use serde::Deserialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;
use wardesk_core::ports::{Clock, SystemClock};

/// How often the sandbox is asked.
const EVERY: Duration = Duration::from_secs(1);
/// How long an answer may take: it comes from this machine.
const PATIENCE: Duration = Duration::from_secs(2);
/// Both clocks go at the same pace, so what differs by less is only the time that an answer took.
const SAME_MS: i64 = 500;

/// The sandbox's clock, as it is known here.
#[derive(Debug)]
pub struct SandboxClock {
    address: Url,
    client: reqwest::Client,
    /// Milliseconds that the sandbox's clock is ahead of the machine's.
    offset: AtomicI64,
    jumps: watch::Sender<u64>,
}

/// What the sandbox says.
#[derive(Deserialize)]
struct Told {
    now_ms: i64,
}

impl SandboxClock {
    /// A clock that follows the one at `address` once [`SandboxClock::follow`] runs. Fails where there is no TLS.
    pub fn new(address: Url) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .no_proxy()
            // It answers, and sends nobody elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        let (offset, jumps) = (AtomicI64::new(0), watch::Sender::new(0));
        Ok(Self { address, client, offset, jumps })
    }

    /// Asks the sandbox what time it is.
    async fn ask(&self) -> Result<(), reqwest::Error> {
        let answer = self.client.get(self.address.clone()).send().await?.error_for_status()?;
        let told: Told = answer.json().await?;
        self.set(told.now_ms);
        Ok(())
    }

    fn set(&self, now_ms: i64) {
        let offset = now_ms.saturating_sub(SystemClock.now().0);
        let before = self.offset.load(Ordering::SeqCst);
        if offset.saturating_sub(before).abs() < SAME_MS {
            return;
        }
        self.offset.store(offset, Ordering::SeqCst);
        // Whoever waits for a time looks again.
        self.jumps.send_modify(|jumps| *jumps += 1);
    }

    /// Follows the sandbox's clock until `shutdown`.
    pub async fn follow(self: Arc<Self>, shutdown: CancellationToken) {
        let mut reached = true;
        loop {
            match self.ask().await {
                Ok(()) => reached = true,
                Err(_) if reached => {
                    tracing::warn!("the sandbox does not say what time it is; the clock goes on");
                    reached = false;
                }
                Err(_) => {}
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }
}

#[async_trait]
impl Clock for SandboxClock {
    fn now(&self) -> Millis {
        Millis(SystemClock.now().0.saturating_add(self.offset.load(Ordering::SeqCst)))
    }

    fn jumps(&self) -> Option<watch::Receiver<u64>> {
        Some(self.jumps.subscribe())
    }

    async fn refresh(&self) {
        // The time stays as it was known when the sandbox does not answer.
        let _ = self.ask().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> SandboxClock {
        // A second test of this process may have been quicker.
        let _ = rustls::crypto::ring::default_provider().install_default();
        SandboxClock::new("http://127.0.0.1:9/control/clock".parse().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_moved_clock_is_followed_and_told() {
        let clock = clock();
        let jumps = clock.jumps().unwrap();
        let year = 365 * 86_400_000;
        clock.set(SystemClock.now().0 + year);
        assert!(clock.now().since(SystemClock.now()) > year - 1000);
        assert!(jumps.has_changed().unwrap());
    }

    #[tokio::test]
    async fn the_time_that_an_answer_took_moves_nothing() {
        let clock = clock();
        let jumps = clock.jumps().unwrap();
        clock.set(SystemClock.now().0 - 200);
        assert!(!jumps.has_changed().unwrap());
        assert_eq!(clock.offset.load(Ordering::SeqCst), 0);
    }
}
