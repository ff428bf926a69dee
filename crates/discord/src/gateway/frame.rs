//! Reading the gateway's frames without reading what is inside them.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The most an inflated frame may hold: a server of half a million members is well below.
const MAX_FRAME: u64 = 64 * 1024 * 1024;

/// The envelope of a frame. Source: Discord API documentation, "Gateway Event Payload Structure".
#[derive(Debug, Deserialize)]
pub(super) struct Frame<'a> {
    pub(super) op: u8,
    pub(super) s: Option<u64>,
    #[serde(borrow)]
    pub(super) t: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) d: Option<&'a RawValue>,
}

impl<'a> Frame<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// What the frame carries; `null` if nothing.
    pub(super) fn data(&self) -> &str {
        self.d.map_or("null", RawValue::get)
    }
}

/// The text of a frame.
pub(super) enum Text {
    Plain(Utf8Bytes),
    Inflated(String),
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        match self {
            Self::Plain(text) => text.as_str(),
            Self::Inflated(text) => text,
        }
    }
}

/// Unpacks a binary frame: zlib, one stream per frame, as asked for with `compress`.
pub(super) fn inflate(bytes: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(bytes.len().saturating_mul(4));
    let read = ZlibDecoder::new(bytes).take(MAX_FRAME + 1).read_to_string(&mut text).ok()?;
    (read as u64 <= MAX_FRAME).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;

    #[test]
    fn the_content_is_passed_on_as_it_came() {
        let text = r#"{"t":"MESSAGE_CREATE","s":7,"op":0,"d":{"id":"1","new":  [1.50]}}"#;
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        let text = inflate(&packed.finish().unwrap()).unwrap();
        let frame = Frame::read(&text).unwrap();
        assert_eq!((frame.op, frame.s, frame.t.as_deref()), (0, Some(7), Some("MESSAGE_CREATE")));
        assert_eq!(frame.data(), r#"{"id":"1","new":  [1.50]}"#);
    }

    #[test]
    fn what_is_no_frame_is_none() {
        for text in ["", "{}", "[]", "null", r#"{"op":"0"}"#, r#"{"op":300}"#] {
            assert!(Frame::read(text).is_none(), "{text}");
        }
        assert!(inflate(b"not zlib").is_none());
    }
}
