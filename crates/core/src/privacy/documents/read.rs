//! Documents as files: what stands at their head, and the text below it.

use std::collections::BTreeMap;

use domain::locale::Locale;
use domain::time::Millis;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Document, DocumentKind, DocumentVersion, Documents, Wording, text};

/// The documents that come with the program.
const SHIPPED: &[(&str, &str)] = &[
    ("privacy/1.0.en.md", include_str!("../../../../../documents/privacy/1.0.en.md")),
    ("privacy/1.0.de.md", include_str!("../../../../../documents/privacy/1.0.de.md")),
    ("terms/1.0.en.md", include_str!("../../../../../documents/terms/1.0.en.md")),
    ("terms/1.0.de.md", include_str!("../../../../../documents/terms/1.0.de.md")),
];
/// Bytes of one file at most.
const LIMIT: usize = 256 * 1024;
/// What stands around the head of a file.
const FENCE: &str = "+++\n";

/// What stands at the head of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    /// The day on which it takes effect, as `2026-12-01`; its first moment in UTC.
    effective: jiff::civil::Date,
    /// Whether people are told and asked.
    material: bool,
    /// What is new in it, in a sentence or two.
    summary: String,
}

struct File {
    kind: DocumentKind,
    version: DocumentVersion,
    locale: Locale,
    effective: Millis,
    material: bool,
    wording: Wording,
    digest: [u8; 32],
}

/// The documents that come with the program.
pub(super) fn shipped() -> Result<Documents, Vec<String>> {
    documents(SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
}

/// Reads files, named like `privacy/1.1.en.md`. Answers everything that is wrong with them at once, each with the
/// name of its file.
pub(super) fn documents(
    files: impl IntoIterator<Item = (String, String)>,
) -> Result<Documents, Vec<String>> {
    let mut problems = Vec::new();
    let mut found: BTreeMap<(DocumentKind, DocumentVersion), Vec<File>> = BTreeMap::new();
    for (name, text) in files {
        match file(&name, &text) {
            Ok(file) => found.entry((file.kind, file.version)).or_default().push(file),
            Err(problem) => problems.push(format!("{name}: {problem}")),
        }
    }
    let mut all = Vec::new();
    for ((kind, version), files) in found {
        match whole(kind, version, files) {
            Ok(document) => all.push(document),
            Err(problem) => problems.push(format!("{}/{version}: {problem}", kind.as_str())),
        }
    }
    if problems.is_empty() { Ok(Documents::new(all)) } else { Err(problems) }
}

fn file(name: &str, text: &str) -> Result<File, String> {
    let (folder, rest) = name.split_once('/').ok_or("is in no folder")?;
    let kind = DocumentKind::parse(folder).ok_or("is neither in privacy nor in terms")?;
    let named = rest.strip_suffix(".md").and_then(|stem| stem.rsplit_once('.'));
    let (version, locale) = named.ok_or("is not named like 1.1.en.md")?;
    let version = version.parse().map_err(|()| "is not named after a version such as 1.1")?;
    let locale = Locale::ALL.into_iter().find(|known| known.tag() == locale);
    let locale = locale.ok_or("is in no language of this program")?;
    if text.len() > LIMIT {
        return Err(format!("is longer than {LIMIT} bytes"));
    }
    let inner = text.strip_prefix(FENCE).and_then(|rest| rest.split_once(FENCE));
    let (head, body) = inner.ok_or("does not begin with a head between two lines of +++")?;
    let head: Head = toml::from_str(head).map_err(|error| error.message().to_owned())?;
    let effective = head.effective.to_zoned(jiff::tz::TimeZone::UTC);
    let effective = effective.map_err(|_| "takes effect on no day that there is")?;
    Ok(File {
        kind,
        version,
        locale,
        effective: Millis(effective.timestamp().as_millisecond()),
        material: head.material,
        wording: Wording { summary: head.summary, body: text::read(body)? },
        digest: Sha256::digest(text.as_bytes()).into(),
    })
}

/// Puts the languages of one version together.
fn whole(
    kind: DocumentKind,
    version: DocumentVersion,
    mut files: Vec<File>,
) -> Result<Document, String> {
    // The digest is of the texts, in whichever order the folder gave them.
    files.sort_by_key(|file| file.locale.tag());
    let mut digest = Sha256::new();
    let mut heads = files.iter().map(|file| (file.effective, file.material));
    let (effective, material) = heads.next().ok_or("has no text")?;
    if heads.any(|head| head != (effective, material)) {
        return Err(
            "its languages do not agree when it takes effect, or whether it is material".into()
        );
    }
    let mut wordings = BTreeMap::new();
    for file in files {
        digest.update(file.digest);
        if wordings.insert(file.locale.tag(), file.wording).is_some() {
            return Err(format!("is there twice in {}", file.locale.tag()));
        }
    }
    let mut wording = |locale: Locale| {
        let missing = || format!("is not there in {}", locale.tag());
        wordings.remove(locale.tag()).ok_or_else(missing)
    };
    let (english, german) = (wording(Locale::En)?, wording(Locale::De)?);
    let digest = digest.finalize().into();
    Ok(Document { kind, version, effective, material, english, german, digest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(effective: &str, more: &str) -> String {
        format!(
            "+++\neffective = \"{effective}\"\nmaterial = true\nsummary = \"New.\"\n{more}+++\n\nHello.\n"
        )
    }

    fn read(files: &[(&str, &str)]) -> Result<Documents, Vec<String>> {
        documents(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
    }

    #[test]
    fn what_comes_with_the_program_can_be_shown() {
        let shipped = shipped().unwrap();
        for kind in DocumentKind::ALL {
            let first = shipped.versions(kind).next().unwrap();
            assert_eq!(first.version.to_string(), "1.0");
            for locale in Locale::ALL {
                assert!(first.wording(locale).body.len() > 10, "{kind:?} {locale:?}");
            }
        }
    }

    /// Both languages of a document have the same parts in the same order.
    #[test]
    fn languages_say_the_same() {
        let outline = |wording: &Wording| -> Vec<String> {
            let part = |block: &text::Block| match block {
                text::Block::Heading { level, .. } => format!("heading {level}"),
                text::Block::Paragraph(_) => "paragraph".to_owned(),
                text::Block::List(items) => format!("list of {}", items.len()),
                text::Block::Table { rows, .. } => format!("table of {}", rows.len()),
            };
            wording.body.iter().map(part).collect()
        };
        for document in shipped().unwrap().all() {
            assert_eq!(outline(&document.english), outline(&document.german), "{document:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_file() {
        let good = text("2026-12-01", "");
        let both = [("privacy/1.1.en.md", good.as_str()), ("privacy/1.1.de.md", good.as_str())];
        let documents = read(&both).unwrap();
        let document = documents.all().next().unwrap();
        assert_eq!(document.effective, Millis(1_796_083_200_000));
        assert_eq!(documents.versions(DocumentKind::Terms).count(), 0);

        let (later, more) = (text("2026-12-02", ""), text("2026-12-01", "colour = 1\n"));
        for (files, wanted) in [
            (&[("privacy/1.1.en.md", good.as_str())][..], "privacy/1.1: is not there in de"),
            (&[both[0], ("privacy/1.1.de.md", &later)], "privacy/1.1: its languages do not agree"),
            (&[("privacy/1.1.en.md", &more)], "privacy/1.1.en.md: unknown field `colour`"),
            (&[("cookies/1.1.en.md", &good)], "cookies/1.1.en.md: is neither"),
            (&[("privacy/one.en.md", &good)], "privacy/one.en.md: is not named after"),
            (&[("privacy/1.1.fr.md", &good)], "privacy/1.1.fr.md: is in no language"),
            (&[("privacy/1.1.en.md", "Hello.")], "privacy/1.1.en.md: does not begin"),
        ] {
            let problems = read(files).unwrap_err();
            assert!(problems.iter().any(|said| said.starts_with(wanted)), "{wanted}: {problems:?}");
        }
    }
}
