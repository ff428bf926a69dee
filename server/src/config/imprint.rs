//! Who operates the installation, its documents, and where their changes are announced.

use std::path::Path;

use domain::ids::{ChannelId, GuildId};
use wardesk_core::privacy::documents::{DocumentKind, Documents};
use wardesk_core::privacy::imprint::Imprint;

use super::reader::Reader;

/// Characters of a name or an address at most.
const LIMIT: usize = 200;

/// Reads what the installation says about itself. Whom it contacts is found out from the other settings.
pub(super) fn imprint(reader: &mut Reader) -> Imprint {
    Imprint {
        operator: line(reader, "WARDESK_OPERATOR_NAME"),
        contact: line(reader, "WARDESK_PRIVACY_CONTACT"),
        documents: documents(reader),
        announcements: announcements(reader),
        contacts: Vec::new(),
    }
}

fn line(reader: &mut Reader, name: &'static str) -> Option<String> {
    let text = reader.text(name, "");
    if text.chars().count() > LIMIT || text.chars().any(char::is_control) {
        reader.problem(name, &format!("is one line of at most {LIMIT} characters"));
    }
    (!text.is_empty()).then_some(text)
}

/// The documents of a folder; those that come with the program where none is named.
fn documents(reader: &mut Reader) -> Documents {
    let name = "WARDESK_DOCUMENTS_DIR";
    let folder = reader.text(name, "");
    if folder.is_empty() {
        return Documents::default();
    }
    let Ok(files) = files(Path::new(&folder)) else {
        reader.problem(name, &format!("names {folder}, which cannot be read"));
        return Documents::default();
    };
    Documents::read(files).unwrap_or_else(|problems| {
        for problem in problems {
            reader.problem(name, &problem);
        }
        Documents::default()
    })
}

/// The texts in the folders of the documents, by `privacy/1.0.en.md`.
fn files(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    // A folder that is not there at all is a mistake, not an empty one.
    std::fs::read_dir(folder)?;
    for kind in DocumentKind::ALL {
        let entries = match std::fs::read_dir(folder.join(kind.as_str())) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            // What editors and mounts leave beside the texts.
            if entry.file_name().as_encoded_bytes().starts_with(b".") || !entry.path().is_file() {
                continue;
            }
            let name = format!("{}/{}", kind.as_str(), entry.file_name().to_string_lossy());
            all.push((name, std::fs::read_to_string(entry.path())?));
        }
    }
    Ok(all)
}

/// A channel as Discord's "Copy Link" gives it, or server and channel with a slash between.
fn announcements(reader: &mut Reader) -> Option<(GuildId, ChannelId)> {
    let name = "WARDESK_ANNOUNCEMENT_CHANNEL";
    let text = reader.text(name, "");
    let mut parts = text.trim_end_matches('/').rsplit('/');
    let channel = parts.next().and_then(|part| part.parse().ok());
    let server = parts.next().and_then(|part| part.parse().ok());
    let found = server.zip(channel);
    if found.is_none() && !text.is_empty() {
        reader.problem(
            name,
            "is a link to a channel, or the ids of server and channel with / between",
        );
    }
    found
}
