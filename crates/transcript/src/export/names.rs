//! Names of exported files and of the files in an archive. A name that somebody gave never becomes a path, and
//! never makes a file of another kind than what its bytes are.

/// Characters of a name that are kept, at most.
const LONGEST: usize = 60;

/// The ends of names that computers open with a program that only shows.
const QUIET: [&str; 23] = [
    "pdf", "txt", "csv", "json", "zip", "gz", "tar", "doc", "docx", "xls", "xlsx", "ppt", "pptx",
    "odt", "ods", "odp", "rtf", "mp3", "mp4", "webm", "mov", "wav", "ogg",
];

/// The ends of names of plain text that browsers might take for something else.
const PLAIN: [&str; 8] = ["log", "md", "ini", "toml", "yml", "yaml", "conf", "diff"];

/// What stands after the last slash: letters and digits of any script, dashes, dots and underscores; everything
/// else becomes an underscore.
fn harmless(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let fit = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = name.chars().map(fit).collect();
    name.trim_matches('.').chars().take(LONGEST).collect()
}

/// The name of an exported transcript: `ticket-12-example-server.html`.
pub fn of_export(ticket: i64, server: &str, extension: &str) -> String {
    let words: Vec<String> = server
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let server: String = words.join("-").chars().take(LONGEST).collect();
    let dash = if server.is_empty() { "" } else { "-" };
    format!("ticket-{ticket}{dash}{}.{extension}", server.trim_end_matches('-'))
}

/// The place of a file in an archive: within one folder, unique by the file's id, with an end that tells what
/// its bytes are. `media_type` is what they were found to be, `None` for unknown. A page, a drawing or a program that
/// somebody sent ends in `.bin`, so that opening it runs nothing.
pub fn in_archive(id: i64, name: &str, media_type: Option<&str>) -> String {
    let name = harmless(name);
    let (stem, given) = match name.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() => (stem, end.to_ascii_lowercase()),
        _ => (name.as_str(), String::new()),
    };
    let known = media_type.and_then(|media_type| {
        Some(match media_type {
            "image/png" => "png",
            "image/jpeg" => "jpg",
            "image/gif" => "gif",
            "image/webp" => "webp",
            "audio/wav" => "wav",
            "audio/ogg" => "ogg",
            "audio/flac" => "flac",
            "audio/mpeg" => "mp3",
            "audio/mp4" => "m4a",
            "video/mp4" => "mp4",
            "video/webm" => "webm",
            "video/quicktime" => "mov",
            "video/3gpp" => "3gp",
            _ => return None,
        })
    });
    let stem = if stem.is_empty() { "file" } else { stem };
    match known {
        Some(end) => format!("files/{id}-{stem}.{end}"),
        None if QUIET.contains(&given.as_str()) => format!("files/{id}-{stem}.{given}"),
        None if PLAIN.contains(&given.as_str()) => format!("files/{id}-{stem}.{given}.txt"),
        None if given.is_empty() => format!("files/{id}-{stem}.bin"),
        None => format!("files/{id}-{stem}.{given}.bin"),
    }
}

/// A path as an address beside the document: all but letters, digits, `-`, `.`, `_` and `/` by their bytes.
/// Source: RFC 3986, 2.1 and 2.3.
pub(crate) fn address(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::with_capacity(path.len()), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/') {
            all.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(all, "%{byte:02X}");
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_which_ticket_and_where() {
        assert_eq!(of_export(12, "Example Server!", "html"), "ticket-12-example-server.html");
        assert_eq!(of_export(3, "../..\\ \u{202e}", "txt"), "ticket-3.txt");
        assert_eq!(of_export(3, "Köln & Co", "md"), "ticket-3-köln-co.md");
        assert!(of_export(i64::MAX, &"x y ".repeat(900), "json").len() < 120);
    }

    #[test]
    fn nothing_leaves_the_folder() {
        for hostile in [
            "../../etc/passwd",
            "..\\..\\x.png",
            "/etc/passwd",
            "C:\\x.exe",
            "a\0b.png",
            "..",
            ".",
            "",
            "con",
            "x\r\ny.pdf",
            "\u{202e}gnp.exe",
            "a/b/../c.html",
            "....//x",
            &"long".repeat(500),
        ] {
            let place = in_archive(7, hostile, None);
            let rest = place.strip_prefix("files/7-").unwrap();
            assert!(!rest.contains(['/', '\\', ':', '\0', '\n', '\r', '\u{202e}']), "{place}");
            assert!(!rest.starts_with('.') && place.matches('/').count() == 1, "{place}");
            assert!(!rest.is_empty() && place.chars().count() < 100, "{place}");
        }
    }

    #[test]
    fn an_end_tells_what_the_bytes_are() {
        assert_eq!(in_archive(1, "a.png", Some("image/png")), "files/1-a.png");
        assert_eq!(in_archive(1, "../../a b.png", Some("image/png")), "files/1-a_b.png");
        assert_eq!(in_archive(1, "a.html", Some("image/png")), "files/1-a.png");
        assert_eq!(in_archive(1, "clip.mp4", Some("video/quicktime")), "files/1-clip.mov");
        assert_eq!(in_archive(1, "Bericht Mai.PDF", None), "files/1-Bericht_Mai.pdf");
        assert_eq!(in_archive(1, "page.html", None), "files/1-page.html.bin");
        assert_eq!(in_archive(1, "x.svg", None), "files/1-x.svg.bin");
        assert_eq!(in_archive(1, "setup.pdf.exe", None), "files/1-setup.pdf.exe.bin");
        assert_eq!(in_archive(1, "server.log", None), "files/1-server.log.txt");
        assert_eq!(in_archive(1, ".html", None), "files/1-html.bin");
        assert_eq!(in_archive(1, "", None), "files/1-file.bin");
    }

    #[test]
    fn addresses_are_of_plain_characters() {
        assert_eq!(address("files/1-ü%\"'.png"), "files/1-%C3%BC%25%22%27.png");
    }
}
