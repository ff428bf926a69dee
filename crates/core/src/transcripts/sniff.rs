//! What a file is, by its first bytes. What its sender or its name says is not believed.

/// Bytes that are enough to tell.
pub(super) const ENOUGH: usize = 64;

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
    } else if at(4, b"ftyp") {
        of_brand(head.get(8..12)?)
    } else if at(0, b"\x1a\x45\xdf\xa3") && is_webm(head) {
        Some("video/webm")
    } else {
        None
    }
}

/// A file of boxes, by its major brand. Source: ISO/IEC 14496-12, 4.3, and the register of brands at mp4ra.org.
fn of_brand(brand: &[u8]) -> Option<&'static str> {
    Some(match brand {
        [b'M', b'4', b'A', _] => "audio/mp4",
        // The last is Apple's word for a film in MP4.
        b"isom" | b"iso2" | b"iso5" | b"iso6" | b"mp41" | b"mp42" | b"avc1" | b"dash" | b"M4V " => {
            "video/mp4"
        }
        b"qt  " => "video/quicktime",
        b"3gp4" | b"3gp5" | b"3gp6" => "video/3gpp",
        _ => return None,
    })
}

/// Whether the header of an EBML file says that it is `WebM`; Matroska says so too, and is none that browsers play.
/// Source: RFC 8794, 11.2.4 (the element `DocType`).
fn is_webm(head: &[u8]) -> bool {
    const DOC_TYPE: &[u8] = b"\x42\x82\x84webm";
    let header = head.get(..ENOUGH).unwrap_or(head);
    header.windows(DOC_TYPE.len()).any(|at| at == DOC_TYPE)
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
    fn films_are_known_by_their_container() {
        for (head, found) in [
            (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41".as_slice(), "video/mp4"),
            (b"\0\0\0\x20ftypM4V \0\0\0\x01", "video/mp4"),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
            (b"\0\0\0\x18ftyp3gp4\0\0\0\0isom3gp4", "video/3gpp"),
            (b"\0\0\0\x18ftyp3gp5", "video/3gpp"),
            (b"\0\0\0\x18ftyp3gp6", "video/3gpp"),
            (b"\0\0\0\x1cftypM4A \0\0\0\0", "audio/mp4"),
        ] {
            assert_eq!(media_type(head), Some(found), "{}", head.escape_ascii());
        }
    }

    /// The header of an EBML file as browsers write it, and as it is with a size of eight bytes.
    fn ebml(doc_type: &[u8]) -> [Vec<u8>; 2] {
        let size = 0x80 | u8::try_from(doc_type.len()).unwrap();
        let before = b"\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82";
        let elements =
            [&before[..], &[size], doc_type, b"\x42\x87\x81\x04\x42\x85\x81\x02"].concat();
        let length = u8::try_from(elements.len()).unwrap();
        [&[0x80 | length][..], &[1, 0, 0, 0, 0, 0, 0, length]]
            .map(|size| [&b"\x1a\x45\xdf\xa3"[..], size, &elements, b"\x18\x53\x80\x67"].concat())
    }

    #[test]
    fn webm_is_told_from_what_has_the_same_beginning() {
        for head in ebml(b"webm") {
            assert_eq!(media_type(&head), Some("video/webm"), "{}", head.escape_ascii());
            // No matter how much of the file there is to look at, so long as it is enough.
            let more = [&head[..], &[0; 5000]].concat();
            assert_eq!(media_type(&more), Some("video/webm"));
            assert!(head.len() <= super::ENOUGH);
        }
        for head in ebml(b"matroska") {
            assert_eq!(media_type(&head), None);
            let later = [&head[..], &[0; 64], b"\x42\x82\x84webm"].concat();
            assert_eq!(media_type(&later), None, "what is in the file says nothing about it");
        }
        assert_eq!(media_type(b"\x42\x82\x84webm"), None);
        assert_eq!(media_type(b"\x1a\x45\xdf\xa3webm"), None);
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
            // As telephones keep pictures, and what Apple keeps books in.
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            b"\0\0\0\x18ftypmif1",
            b"\0\0\0\x18ftypavif",
            b"\0\0\0\x18ftypM4B ",
            b"\0\0\0\x18ftypqt",
            b"\0\0\0\x18ftyp",
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
