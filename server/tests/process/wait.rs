//! Waiting for something to be so.

use std::time::Duration;

/// No wait is meant to come near this.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// How often it is looked.
pub const LOOK: Duration = Duration::from_millis(15);

/// Waits until `check` finds something.
pub async fn until<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = check().await {
                return found;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, waiting).await;
    found.unwrap_or_else(|_| panic!("waited in vain until {what}"))
}
