//! Compression of what the gateway sends.

use std::io::Write;

use axum::extract::ws::Message;
use flate2::write::ZlibEncoder;
use flate2::{Compress, Compression, FlushCompress};

/// Payloads below this many bytes are sent as text even when a client asked for compressed payloads;
/// Discord compresses "some events".
const SMALL: usize = 1_024;

/// How frames leave.
pub(super) enum Encoding {
    /// Text.
    Plain,
    /// Each large payload a zlib stream of its own (`"compress": true` in IDENTIFY).
    Payload,
    /// One zlib stream over the whole connection (`?compress=zlib-stream`).
    Stream(Box<Compress>),
}

impl Encoding {
    pub fn stream() -> Self {
        Self::Stream(Box::new(Compress::new(Compression::fast(), true)))
    }

    /// The frame of a payload.
    pub fn frame(&mut self, text: &str) -> Message {
        match self {
            Self::Payload if text.len() >= SMALL => {
                let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
                match packed.write_all(text.as_bytes()).and_then(|()| packed.finish()) {
                    Ok(packed) => Message::Binary(packed.into()),
                    // Writing to memory does not fail.
                    Err(_) => Message::Text(text.into()),
                }
            }
            Self::Plain | Self::Payload => Message::Text(text.into()),
            Self::Stream(stream) => {
                let mut packed = Vec::with_capacity(text.len() / 2 + 64);
                let mut rest = text.as_bytes();
                loop {
                    packed.reserve(text.len() / 2 + 64);
                    let before = stream.total_in();
                    let done = stream.compress_vec(rest, &mut packed, FlushCompress::Sync);
                    let taken = usize::try_from(stream.total_in() - before).unwrap_or(rest.len());
                    rest = &rest[taken..];
                    if done.is_err() || rest.is_empty() && packed.len() < packed.capacity() {
                        break;
                    }
                }
                Message::Binary(packed.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Decompress, FlushDecompress};

    #[test]
    fn one_stream_carries_many_payloads() {
        let mut encoding = Encoding::stream();
        let mut stream = Decompress::new(true);
        for text in ["{}".to_owned(), "x".repeat(100_000), "y".into()] {
            let Message::Binary(packed) = encoding.frame(&text) else { panic!("not binary") };
            assert!(packed.ends_with(&[0, 0, 0xFF, 0xFF]));
            let mut out = Vec::with_capacity(200_000);
            stream.decompress_vec(&packed, &mut out, FlushDecompress::Sync).unwrap();
            assert_eq!(out, text.as_bytes());
        }
    }
}
