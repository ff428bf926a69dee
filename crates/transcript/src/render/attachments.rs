//! Files: pictures, films, sounds, voice messages, everything else.

use super::{Scope, hidden};
use crate::context::{Context, FileCopy, Shows};
use crate::html::{Attr, El, Writer};
use crate::labels::{FileLabels, fill};
use crate::model::Attachment;
use crate::url::LocalPath;

/// The box that a picture is shown in, pixels. Source: Discord's client.
const MAX_WIDTH: u64 = 550;
const MAX_HEIGHT: u64 = 350;

/// A message's files; several pictures stand beside each other.
pub(super) fn list(w: &mut Writer, scope: Scope<'_>, files: &[&Attachment]) {
    if files.is_empty() {
        return;
    }
    w.el(El::Div, &[Attr::Class("t-files")], |w| {
        for file in files {
            one(w, scope, file);
        }
    });
}

/// A file.
pub(super) fn one(w: &mut Writer, scope: Scope<'_>, file: &Attachment) {
    let context = scope.context;
    if file.is_spoiler() {
        let name = fill(&context.labels.file.spoiler, &[("name", name_of(context, file))]);
        hidden(w, &name, |w| shown(w, context, file));
    } else {
        shown(w, context, file);
    }
    if !file.clip_participants.is_empty() {
        let names: Vec<&str> =
            file.clip_participants.iter().take(25).map(|user| scope.named(user)).collect();
        let words = fill(&context.labels.file.clip, &[("names", &names.join(", "))]);
        w.el_text(El::P, &[Attr::Class("t-muted")], &words);
    }
}

fn name_of<'a>(context: &'a Context, file: &'a Attachment) -> &'a str {
    if file.name().is_empty() { &context.labels.file.unnamed } else { file.name() }
}

fn shown(w: &mut Writer, context: &Context, file: &Attachment) {
    let words = &context.labels.file;
    let name = name_of(context, file);
    let (path, shows) = match context.files.get(&file.id).unwrap_or(&FileCopy::Missing) {
        FileCopy::Stored(path, shows) => (path, *shows),
        FileCopy::TooLarge => return absent(w, words, name, file, &words.too_large),
        FileCopy::NoRoom => return absent(w, words, name, file, &words.no_room),
        FileCopy::Pending => return absent(w, words, name, file, &words.pending),
        FileCopy::Missing => return absent(w, words, name, file, &words.missing),
        FileCopy::Erased => return absent(w, words, name, file, &words.erased),
        FileCopy::Damaged => return absent(w, words, name, file, &words.damaged),
    };
    let media_type = file.content_type.split(';').next().unwrap_or_default().trim();
    // A picture or a player only for what is one, whatever its sender says: a browser would show a broken one.
    match (media_type, shows) {
        (
            "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/apng",
            Shows::Picture,
        ) => {
            let alt = if file.description.is_empty() {
                fill(&words.image, &[("name", name)])
            } else {
                file.description.clone()
            };
            picture(w, path, (&alt, file.name()), file.width, file.height);
        }
        ("video/mp4" | "video/webm" | "video/quicktime", Shows::Recording) => {
            let label = fill(&words.video, &[("name", name)]);
            let label = if file.description.is_empty() { &label } else { &file.description };
            w.el(El::Figure, &[Attr::Class("t-media")], |w| {
                video(w, path, label, file.width, file.height);
                w.el(El::Figcaption, &[], |w| link(w, words, path, name, file.size));
            });
        }
        (kind, Shows::Recording) if kind.starts_with("audio/") => {
            let label = match file.duration_secs {
                Some(seconds) if !file.waveform.is_empty() => fill(
                    &words.voice,
                    &[("length", &format!("{}:{:02}", seconds / 60, seconds % 60))],
                ),
                _ => fill(&words.audio, &[("name", name)]),
            };
            w.el(El::Figure, &[Attr::Class("t-media t-media--audio")], |w| {
                waveform(w, &file.waveform, &label);
                w.empty(El::Audio, &[Attr::Controls, Attr::Src(path), Attr::AriaLabel(&label)]);
                w.el(El::Figcaption, &[], |w| {
                    if !file.waveform.is_empty() && file.duration_secs.is_some() {
                        w.text(&label);
                        w.text(" · ");
                    }
                    link(w, words, path, name, file.size);
                });
            });
        }
        _ => w.el(El::P, &[Attr::Class("t-card t-card--file")], |w| {
            link(w, words, path, name, file.size);
            if !file.description.is_empty() {
                w.text(" ");
                w.el_text(El::Span, &[Attr::Class("t-muted")], &file.description);
            }
        }),
    }
}

/// A picture that leads to itself in full size, with its alternative text and the name of its file, if it has one. Its
/// size is known before it loads, so nothing jumps.
pub(super) fn picture(
    w: &mut Writer,
    path: &LocalPath,
    (alt, name): (&str, &str),
    width: Option<u64>,
    height: Option<u64>,
) {
    let (width, height) = fit(width, height);
    let attributes = [Attr::Class("t-picture"), Attr::HrefLocal(path), Attr::Title(name)];
    let attributes = if name.is_empty() { &attributes[..2] } else { &attributes[..] };
    w.el(El::A, attributes, |w| {
        w.empty(
            El::Img,
            &[
                Attr::Src(path),
                Attr::Alt(alt),
                Attr::Width(width),
                Attr::Height(height),
                Attr::Lazy,
            ],
        );
    });
}

/// A film that plays here.
pub(super) fn video(
    w: &mut Writer,
    path: &LocalPath,
    label: &str,
    width: Option<u64>,
    height: Option<u64>,
) {
    let (width, height) = fit(width, height);
    w.empty(
        El::Video,
        &[
            Attr::Class("t-video"),
            Attr::Controls,
            Attr::Src(path),
            Attr::AriaLabel(label),
            Attr::Width(width),
            Attr::Height(height),
        ],
    );
}

/// Fits a size into the box, keeping its shape.
fn fit(width: Option<u64>, height: Option<u64>) -> (u64, u64) {
    /// No honest picture is larger, and the products below stay far from overflow.
    const SANE: u64 = 100_000;
    let (Some(width @ 1..=SANE), Some(height @ 1..=SANE)) = (width, height) else {
        return (400, 300);
    };
    if width <= MAX_WIDTH && height <= MAX_HEIGHT {
        (width, height)
    } else if width * MAX_HEIGHT > height * MAX_WIDTH {
        (MAX_WIDTH, (height * MAX_WIDTH / width).max(1))
    } else {
        ((width * MAX_HEIGHT / height).max(1), MAX_HEIGHT)
    }
}

fn link(w: &mut Writer, words: &FileLabels, path: &LocalPath, name: &str, bytes: Option<u64>) {
    let label = fill(&words.download, &[("name", name)]);
    w.el_text(El::A, &[Attr::Download(path), Attr::Title(&label)], name);
    size(w, words, bytes);
}

fn absent(w: &mut Writer, words: &FileLabels, name: &str, file: &Attachment, why: &str) {
    w.el(El::P, &[Attr::Class("t-card t-card--file t-card--absent")], |w| {
        w.el_text(El::Strong, &[], name);
        size(w, words, file.size);
        w.text(" ");
        w.el_text(El::Span, &[Attr::Class("t-muted")], why);
        if !file.description.is_empty() {
            w.text(" ");
            w.el_text(El::Span, &[], &file.description);
        }
    });
}

/// A file's size in words.
pub(super) fn size(w: &mut Writer, words: &FileLabels, bytes: Option<u64>) {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * 1024;
    let Some(bytes) = bytes else { return };
    let tenths = |unit: u64| {
        let tenths = bytes.saturating_mul(10) / unit;
        format!("{}{}{}", tenths / 10, words.decimal, tenths % 10)
    };
    let (form, count) = match bytes {
        0..KIB => (&words.bytes, bytes.to_string()),
        KIB..MIB => (&words.kib, tenths(KIB)),
        _ => (&words.mib, tenths(MIB)),
    };
    w.text(" ");
    w.el_text(El::Span, &[Attr::Class("t-muted")], &fill(form, &[("count", &count)]));
}

/// Bars of a voice message's loudness.
fn waveform(w: &mut Writer, base64: &str, label: &str) {
    /// Discord sends at most 256 points.
    const MAX_BARS: usize = 256;
    let strokes: Vec<(u64, u64, u64)> = decode(base64)
        .take(MAX_BARS)
        .zip(0_u64..)
        .map(|(loudness, index)| {
            let half = 1 + u64::from(loudness) * 15 / 255;
            (index * 4 + 2, 16 - half, 16 + half)
        })
        .collect();
    if strokes.is_empty() {
        return;
    }
    let width = strokes.len() as u64 * 4;
    w.el(
        El::Svg,
        &[Attr::Class("t-wave"), Attr::ViewBox(width, 32), Attr::RoleImg, Attr::AriaLabel(label)],
        |w| {
            w.empty(El::Path, &[Attr::Strokes(&strokes)]);
        },
    );
}

/// Base64 (RFC 4648, section 4); stops at the first byte outside its alphabet.
fn decode(text: &str) -> impl Iterator<Item = u8> + '_ {
    let mut sextets = text.bytes().map_while(|b| {
        Some(match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        })
    });
    let (mut bits, mut held) = (0_u8, 0_u32);
    std::iter::from_fn(move || {
        while bits < 8 {
            held = held << 6 | u32::from(sextets.next()?);
            bits += 6;
        }
        bits -= 8;
        Some((held >> bits & 0xff) as u8)
    })
}

#[cfg(test)]
mod tests {
    use super::{decode, fit};

    #[test]
    fn pictures_keep_their_shape() {
        assert_eq!(fit(Some(1100), Some(700)), (550, 350));
        assert_eq!(fit(Some(100), Some(7000)), (5, 350));
        assert_eq!(fit(Some(10), Some(10)), (10, 10));
        assert_eq!(fit(Some(0), Some(u64::MAX)), (400, 300));
        assert_eq!(fit(Some(100_000), Some(1)), (550, 1));
    }

    #[test]
    fn base64_is_read() {
        assert_eq!(decode("AAH/gA==").collect::<Vec<_>>(), [0, 1, 255, 128]);
        assert_eq!(decode("<script>").count(), 0);
    }
}
