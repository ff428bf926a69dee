//! What is wrong with a form, field by field, in codes and numbers: words come from the locale files.

use serde::{Deserialize, Serialize};

/// Why a field was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum Problem {
    /// Nothing where something is needed.
    Required,
    /// Longer than Discord or Wardesk takes. Both numbers count UTF-16 code units for texts shown
    /// in Discord, as Discord does.
    TooLong {
        /// The most that is taken.
        limit: u32,
        /// What was given.
        count: u32,
    },
    /// More entries than are taken.
    TooMany {
        /// The most that is taken.
        limit: u32,
        /// What was given.
        count: u32,
    },
    /// Not of the form the field takes.
    Malformed,
    /// Names a role or a channel that no longer exists.
    Gone,
    /// Names a channel the bot cannot see or write to.
    OutOfReach,
    /// Given twice where once is meant.
    Duplicate,
    /// Longer than the server's plan keeps transcripts.
    PlanKeeps {
        /// For how many days it keeps them at most.
        days: u32,
    },
    /// Would delete so many transcripts, which was not confirmed.
    Deletes {
        /// How many.
        count: u32,
    },
}

/// One refused field. `field` is the name of the form's input, for example `panel_title` or
/// `question_2_label` (counted from 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The name of the input.
    pub field: String,
    /// What is wrong with it.
    #[serde(flatten)]
    pub problem: Problem,
}

impl FieldError {
    /// Says that `field` has `problem`.
    pub fn new(field: impl Into<String>, problem: Problem) -> Self {
        Self { field: field.into(), problem }
    }
}

/// Length as Discord counts it: UTF-16 code units.
pub fn discord_len(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// Checks a text against `limit` (UTF-16 code units) and, if `required`, against emptiness.
pub fn check_text(
    errors: &mut Vec<FieldError>,
    field: &str,
    text: &str,
    required: bool,
    limit: u32,
) {
    let count = discord_len(text);
    if count > limit {
        errors.push(FieldError::new(field, Problem::TooLong { limit, count }));
    } else if required && text.trim().is_empty() {
        errors.push(FieldError::new(field, Problem::Required));
    }
}
