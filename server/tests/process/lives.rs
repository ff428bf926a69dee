//! Lives of the program that are lived beside each other.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};
use tokio::time::Instant;

/// Lives at once: they wait more than they work.
const AT_ONCE: usize = 6;

/// Runs lives, each with its name, and fails with all that failed.
pub async fn all_end_well<F: Future<Output = ()>>(lives: impl Iterator<Item = (String, F)>) {
    let lives = lives.map(|(name, life)| async move {
        let began = Instant::now();
        let life = AssertUnwindSafe(life).catch_unwind().await;
        eprintln!("{name}: {:.1} s", began.elapsed().as_secs_f64());
        life.err().map(|panic| format!("{name}: {}", words(panic.as_ref())))
    });
    let failed: Vec<String> = stream::iter(lives)
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(failed.is_empty(), "{} lives failed:\n{}", failed.len(), failed.join("\n"));
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked")
}
