//! What both targets draw with.

use transcript::{Context, Labels};

/// English words at a fixed time, with nothing else known.
pub fn context() -> Context {
    let labels: Labels = serde_json::from_str(include_str!("../../locales/en/transcript.json"))
        .unwrap_or_else(|error| panic!("the words are incomplete: {error}"));
    Context::new(labels, 1_773_482_400_000)
}
