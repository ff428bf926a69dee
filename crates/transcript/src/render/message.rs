//! A message and its content.

use super::header::{self, Note};
use super::unknown::{self, raw};
use super::{
    Known, Place, Scope, attachments, components, drawn, embeds, emoji, hidden, history, poll,
    rest, system, text, time,
};
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::model::{
    Attachment, Component, Embed, Message, MessageKind, Reaction, SnapshotMessage, Sticker,
};
use crate::{Colour, Context, Entry, TimeStyle, dates};

pub(super) fn entry(
    w: &mut Writer,
    context: &Context,
    known: &Known<'_>,
    entry: &Entry,
    place: Place,
) {
    let message = &entry.message;
    let scope = Scope::of(context, message);
    let said = message.kind.is_said();
    let class = match (said, place.continues, entry.deleted.is_some()) {
        (false, _, false) => "t-msg t-msg--system",
        (false, _, true) => "t-msg t-msg--system t-msg--deleted",
        (true, true, false) => "t-msg t-msg--more",
        (true, true, true) => "t-msg t-msg--more t-msg--deleted",
        (true, false, false) => "t-msg",
        (true, false, true) => "t-msg t-msg--deleted",
    };
    let attributes = [Attr::Class(class), Attr::MessageId(message.id)];
    let attributes = if message.id.is_known() { &attributes[..] } else { &attributes[..1] };
    w.el(El::Article, attributes, |w| {
        if said {
            match header::note(message) {
                Some(Note::Reply(to)) => header::reply(w, scope, known, message, to),
                Some(Note::Command) => header::command(w, scope, message),
                None => {}
            }
            header::header(w, scope, message, place);
            w.el(El::Div, &[Attr::Class("t-body")], |w| body(w, scope, entry));
        } else {
            w.el(El::Div, &[Attr::Class("t-body")], |w| {
                w.el(El::P, &[Attr::Class("t-line")], |w| {
                    system::line(w, scope, message);
                    w.text(" ");
                    header::permalink(w, context, message, place, TimeStyle::ShortTime);
                });
                if matches!(message.kind, MessageKind::Unknown(_)) {
                    content(w, scope, message);
                    raw(w, context, &message.raw);
                } else {
                    brought(w, scope, message);
                    unknown::fields(w, scope, message);
                }
                if !message.reactions.is_empty() {
                    reactions(w, context, &message.reactions);
                }
            });
            history::history(w, scope, entry);
        }
    });
}

/// What the message says, with its history.
fn body(w: &mut Writer, scope: Scope<'_>, entry: &Entry) {
    let message = &entry.message;
    let context = scope.context;
    let words = &context.labels.message;
    if message.is_blank() {
        let starter = message.referenced_message.as_deref();
        if message.kind == MessageKind::ThreadStarter && starter.is_some() {
            if let Some(starter) = starter {
                started(w, scope, starter);
            }
        } else if message.kind == MessageKind::ThreadStarter {
            note(w, &words.thread_starter);
        } else if entry.redacted.is_some_and(|redaction| redaction.whole) {
            note(w, &words.redacted_whole);
        } else if entry.restricted {
            note(w, &words.restricted);
        } else if entry.erased {
            note(w, &words.erased);
        } else if entry.deleted.is_some() {
            note(w, &words.deleted_content);
        } else if message.is_loading() {
            note(w, &words.loading);
        } else if context.content_unavailable {
            note(w, &words.content_unavailable);
        } else {
            note(w, &words.empty);
            raw(w, context, &message.raw);
        }
    } else {
        content(w, scope, message);
    }
    unknown::fields(w, scope, message);
    if message.is_ephemeral() {
        note(w, &words.ephemeral);
    }
    if message.left_roles_out() {
        note(w, &words.roles_not_added);
    }
    if !message.reactions.is_empty() {
        reactions(w, context, &message.reactions);
    }
    history::history(w, scope, entry);
}

fn note(w: &mut Writer, words: &str) {
    w.el_text(El::P, &[Attr::Class("t-note")], words);
}

/// Everything in a message but its history.
pub(super) fn content(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    let context = scope.context;
    if !message.content.is_empty() {
        text::markdown(w, scope, &message.content);
    }
    carried(w, scope, message, 0);
    activity(w, context, message);
    if let Some(thread) = &message.thread {
        w.el(El::P, &[Attr::Class("t-card t-card--thread")], |w| {
            w.text(&context.labels.message.thread);
            w.text(" ");
            w.el_text(El::Strong, &[], &thread.name);
            if let Some(count) = thread.message_count {
                w.text(" ");
                let count =
                    fill(&context.labels.message.thread_messages, &[("count", &count.to_string())]);
                w.el_text(El::Span, &[Attr::Class("t-muted")], &count);
            }
        });
    }
}

/// What stands below a line of the system: what the line cannot say, and parts that are known of other messages only.
fn brought(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    let told = system::extras(w, scope, message);
    carried(w, scope, message, told);
}

/// What a message carries besides its words; the first `told` embeds were drawn already.
fn carried(w: &mut Writer, scope: Scope<'_>, message: &Message, told: usize) {
    forwards(w, scope, message);
    if let Some(asked) = &message.poll {
        poll::poll(w, scope, asked);
    }
    parts(
        w,
        scope,
        &Parts {
            attachments: &message.attachments,
            stickers: &message.sticker_items,
            components: &message.components.0,
            embeds: message.embeds.get(told..).unwrap_or_default(),
            embeds_hidden: message.suppresses_embeds(),
        },
    );
}

/// What a message forwards; seldom anything.
fn forwards(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    if message.message_snapshots.is_empty() {
        return;
    }
    let nothing = SnapshotMessage::default();
    for snapshot in drawn(&message.message_snapshots) {
        forwarded(w, scope, message, snapshot.message.as_ref().unwrap_or(&nothing));
    }
    rest(w, scope.context, &message.message_snapshots);
    unknown::forwarded(w, scope, message);
}

/// What a message and a forwarded one both have.
struct Parts<'a> {
    attachments: &'a [Attachment],
    stickers: &'a [Sticker],
    components: &'a [Component],
    embeds: &'a [Embed],
    embeds_hidden: bool,
}

fn parts(w: &mut Writer, scope: Scope<'_>, parts: &Parts<'_>) {
    let context = scope.context;
    // Layout shows files by name: they stand where it puts them, and nowhere else.
    let apart: Vec<&Attachment> = parts
        .attachments
        .iter()
        .filter(|file| !components::shows(parts.components, file))
        .collect();
    attachments::list(w, scope, drawn(&apart));
    rest(w, context, &apart);
    stickers(w, context, drawn(parts.stickers));
    rest(w, context, parts.stickers);
    if parts.embeds_hidden && !parts.embeds.is_empty() {
        let count = parts.embeds.len().to_string();
        let words = fill(&context.labels.message.hidden_embeds, &[("count", &count)]);
        hidden(w, &words, |w| embeds::list(w, scope, parts.embeds));
    } else {
        embeds::list(w, scope, parts.embeds);
    }
    components::list(w, scope, drawn(parts.components), parts.attachments);
    rest(w, context, parts.components);
}

/// Invitations to activities, and shared looks.
fn activity(w: &mut Writer, context: &Context, message: &Message) {
    let words = &context.labels.message;
    if let Some(activity) = &message.activity {
        let form = match activity.kind {
            Some(2) => &words.activity_watch,
            Some(3) => &words.activity_listen,
            Some(5 | 6) => &words.activity_request,
            _ => &words.activity,
        };
        w.el(El::P, &[Attr::Class("t-card")], |w| {
            w.text(form);
            if let Some(app) = message.application.as_ref().filter(|app| !app.name.is_empty()) {
                w.text(" ");
                w.el_text(El::Strong, &[], &app.name);
            }
        });
    }
    if let Some(theme) = &message.shared_client_theme {
        w.el(El::P, &[Attr::Class("t-card")], |w| {
            w.text(&words.theme);
            for colour in drawn(&theme.colors) {
                w.text(" ");
                let class = Attr::Coloured("t-colour", Colour::parse(colour));
                w.el_text(El::Span, &[class], colour);
            }
        });
    }
}

/// The message that a thread began with, as Discord repeats it there.
fn started(w: &mut Writer, scope: Scope<'_>, starter: &Message) {
    w.el(El::Blockquote, &[Attr::Class("t-forward")], |w| {
        w.el_text(El::P, &[Attr::Class("t-muted")], &scope.context.labels.message.thread_starter);
        if starter.kind.is_said() && starter.message_snapshots.is_empty() {
            content(w, Scope::of(scope.context, starter), starter);
        }
    });
}

fn forwarded(w: &mut Writer, scope: Scope<'_>, message: &Message, snapshot: &SnapshotMessage) {
    let context = scope.context;
    let words = &context.labels.message;
    let scope = Scope { mentions: &snapshot.mentions, ..scope };
    w.el(El::Blockquote, &[Attr::Class("t-forward")], |w| {
        w.el(El::P, &[Attr::Class("t-muted")], |w| {
            w.text(&words.forwarded);
            let from = message.message_reference.as_ref().map(|from| from.channel_id);
            if let Some(channel) = from.and_then(|id| context.channels.get(&id)) {
                w.text(" · #");
                w.text(&channel.name);
            }
            if let Some(at) = dates::parse_iso_ms(&snapshot.timestamp) {
                w.text(" · ");
                time(w, context, at, TimeStyle::ShortDateTime);
            }
            if dates::parse_iso_ms(&snapshot.edited_timestamp).is_some() {
                w.text(" · ");
                w.text(&words.edited);
            }
        });
        if !snapshot.content.is_empty() {
            text::markdown(w, scope, &snapshot.content);
        }
        parts(
            w,
            scope,
            &Parts {
                attachments: &snapshot.attachments,
                stickers: &snapshot.sticker_items,
                components: &snapshot.components.0,
                embeds: &snapshot.embeds,
                embeds_hidden: snapshot.suppresses_embeds(),
            },
        );
    });
}

fn stickers(w: &mut Writer, context: &Context, stickers: &[Sticker]) {
    /// Lottie is an animation that no `img` shows.
    const LOTTIE: u64 = 3;
    let words = &context.labels.message;
    for sticker in stickers {
        let lottie = sticker.format_type == Some(LOTTIE);
        let copy = context.stickers.get(&sticker.id);
        if let Some(path) = copy.filter(|_| !lottie) {
            w.empty(
                El::Img,
                &[
                    Attr::Class("t-sticker"),
                    Attr::Src(path),
                    Attr::Alt(&sticker.name),
                    Attr::Title(&sticker.name),
                    Attr::Width(160),
                    Attr::Height(160),
                    Attr::Lazy,
                ],
            );
            continue;
        }
        // The player takes the place of the words. Where none runs, they stay.
        let animation = copy.filter(|_| context.plays_animations).map(Attr::Animation);
        let attributes: &[Attr<'_>] = match animation {
            Some(animation) => {
                &[Attr::Class("t-card t-sticker"), animation, Attr::Title(&sticker.name)]
            }
            None => &[Attr::Class("t-card t-card--sticker")],
        };
        w.el(El::P, attributes, |w| {
            w.text(if lottie { &words.sticker_moving } else { &words.sticker });
            w.text(" ");
            w.el_text(El::Strong, &[], &sticker.name);
        });
    }
}

fn reactions(w: &mut Writer, context: &Context, all: &[Reaction]) {
    let words = &context.labels.message;
    w.el(El::Ul, &[Attr::Class("t-reactions"), Attr::AriaLabel(&words.reactions)], |w| {
        for reaction in drawn(all) {
            let Some(with) = &reaction.emoji else { continue };
            let count = reaction.count.unwrap_or(1).to_string();
            let shining = reaction.count_details.as_ref().and_then(|details| details.burst);
            let content = |w: &mut Writer| {
                emoji(w, context, with);
                w.text(" ");
                w.el_text(El::Span, &[], &count);
            };
            let Some(shining) = shining.filter(|count| *count > 0) else {
                w.el(El::Li, &[], content);
                continue;
            };
            let colour = reaction.burst_colors.first().and_then(|colour| Colour::parse(colour));
            let title = fill(&words.super_reactions, &[("count", &shining.to_string())]);
            w.el(El::Li, &[Attr::Coloured("t-burst", colour), Attr::Title(&title)], |w| {
                content(w);
                w.el_text(
                    El::Span,
                    &[Attr::Class("t-burst__mark"), Attr::AriaLabel(&title), Attr::RoleImg],
                    "✦",
                );
            });
        }
    });
    rest(w, context, all);
}
