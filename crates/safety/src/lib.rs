//! The place of the detection pipeline for messages and links. Empty so far: tickets need none of it.
