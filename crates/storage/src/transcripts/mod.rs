//! Transcripts and the archive they are made from.
