//! The archive of ticket channels and the transcripts made from it.
