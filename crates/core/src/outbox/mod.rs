//! Effects that follow a commit: carried out, retried, never twice.
