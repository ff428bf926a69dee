//! Time and randomness, as parameters: tests own both.

use async_trait::async_trait;
use domain::time::Millis;
use tokio::sync::watch;
use uuid::Uuid;

/// Tells the time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Millis;

    /// Counts the times at which this clock was moved, for those who wait for a time to come; `None` for a clock
    /// that is never moved.
    fn jumps(&self) -> Option<watch::Receiver<u64>> {
        None
    }

    /// Makes a clock that follows another one ask it now.
    async fn refresh(&self) {}
}

/// Makes what must not be guessed.
pub trait Random: Send + Sync {
    /// Fills the buffer from a cryptographically secure source.
    fn fill(&self, buffer: &mut [u8]);

    /// A version 7 UUID for the given time.
    fn uuid(&self, now: Millis) -> Uuid {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        let ms = u64::try_from(now.0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid()
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Millis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Millis(since.ok().and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or(0))
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws randomness")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::RngCore::fill_bytes(&mut rand::rng(), buffer);
    }
}
