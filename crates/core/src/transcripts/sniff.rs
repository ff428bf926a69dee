//! What a file is, by its first bytes. What its sender or its name says is not believed.

/// Bytes that are enough to tell.
pub(super) const ENOUGH: usize = 32;

/// The media type of a file that may be shown in a page. Everything else is handed out as a download only;
/// so are SVG, HTML, XML and PDF, which could run something.
pub(super) fn media_type(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, bytes: &[u8]| {
        head.get(offset..).is_some_and(|rest| rest.starts_with(bytes))
    };
    if at(0, b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if at(0, b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        Some("image/gif")
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        Some("image/webp")
    } else if at(0, b"RIFF") && at(8, b"WAVE") {
        Some("audio/wav")
    } else if at(0, b"OggS") {
        Some("audio/ogg")
    } else if at(0, b"fLaC") {
        Some("audio/flac")
    } else if at(0, b"ID3") || at(0, b"\xff\xfb") || at(0, b"\xff\xf3") || at(0, b"\xff\xf2") {
        Some("audio/mpeg")
    } else if at(4, b"ftypM4A") {
        Some("audio/mp4")
    } else if ["isom", "iso2", "iso5", "iso6", "mp41", "mp42", "avc1", "dash"]
        .iter()
        .any(|brand| at(4, b"ftyp") && at(8, brand.as_bytes()))
    {
        Some("video/mp4")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn pictures_and_sound_are_known() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(media_type(b"\0\0\0\x18ftypmp42\0\0"), Some("video/mp4"));
        assert_eq!(media_type(b"OggS\0"), Some("audio/ogg"));
    }

    #[test]
    fn what_could_run_is_a_download() {
        for bytes in [
            b"<svg xmlns=\"http://www.w3.org/2000/svg\">".as_slice(),
            b"<!DOCTYPE html>",
            b"<?xml",
            b"%PDF-1.7",
            b"GIF",
            b"",
            b"RIFF",
            b"\x89PNG",
            b"PK\x03\x04",
            b"#!/bin/sh",
            b"\0\0\0\x18ftypqt  ",
            // With a mark of the byte order, white space or a comment before it, and in other encodings.
            b"\xef\xbb\xbf<svg",
            b" \n\t<html>",
            b"<!-- --><script>",
            b"\xff\xfe<\0h\0",
            b"+ADw-script+AD4-",
            b"\x1f\x8b\x08",
            b"BZh9",
            b"7z\xbc\xaf\x27\x1c",
            b"Rar!\x1a\x07",
            b"MZ\x90\0",
            b"\x7fELF",
            b"\0asm\x01",
            b"CWS\x0a",
            b"{\\rtf1",
            b"%!PS-Adobe",
            b"MIME-Version: 1.0",
            b"From: <Saved by",
            // Nearly a picture.
            b"GIF88a",
            b"GIF89b",
            b"\x89PNG\n\x1a\n",
            b"\xff\xd8<svg",
            b"RIFF\0\0\0\0AVI ",
            b"RIFF\0\0\0\0<svg",
            b"xRIFF\0\0\0\0WEBP",
            b" \x89PNG\r\n\x1a\n",
            b"\0\0\0\x18ftyphtml",
        ] {
            assert_eq!(media_type(bytes), None, "{bytes:?}");
        }
    }
}
