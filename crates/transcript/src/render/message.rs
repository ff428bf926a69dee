//! A message: its header, its content, its history.

use std::collections::HashMap;

use super::{
    Scope, attachments, components, embeds, emoji, excerpt, hidden, mentioned_name, person, poll,
    raw, system, template, text, time,
};
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::model::{Message, MessageKind, Reaction, SnapshotMessage, Sticker};
use crate::{Context, Entry, Snowflake, TimeStyle};

/// What stands above a message's header.
pub(super) enum HeaderNote {
    Reply(Snowflake),
    Command,
}

pub(super) fn header_note(message: &Message) -> Option<HeaderNote> {
    if message.kind == MessageKind::Reply {
        return Some(HeaderNote::Reply(
            message.message_reference.as_ref().map_or_else(Default::default, |r| r.message_id),
        ));
    }
    let from_command =
        matches!(message.kind, MessageKind::ChatInputCommand | MessageKind::ContextMenuCommand);
    (from_command && (message.interaction.is_some() || message.interaction_metadata.is_some()))
        .then_some(HeaderNote::Command)
}

pub(super) fn entry(
    w: &mut Writer,
    context: &Context,
    known: &HashMap<Snowflake, &Message>,
    entry: &Entry,
    continues: bool,
) {
    let message = &entry.message;
    let scope = Scope { context, mentions: &message.mentions };
    let said = message.kind.is_said();
    let class = match (said, continues, entry.deleted.is_some()) {
        (false, _, false) => "t-msg t-msg--system",
        (false, _, true) => "t-msg t-msg--system t-msg--deleted",
        (true, true, false) => "t-msg t-msg--more",
        (true, true, true) => "t-msg t-msg--more t-msg--deleted",
        (true, false, false) => "t-msg",
        (true, false, true) => "t-msg t-msg--deleted",
    };
    let mut attributes = vec![Attr::Class(class)];
    if message.id.is_known() {
        attributes.push(Attr::MessageId(message.id));
    }
    w.el(El::Article, &attributes, |w| {
        if said {
            match header_note(message) {
                Some(HeaderNote::Reply(to)) => reply(w, scope, known, message, to),
                Some(HeaderNote::Command) => command(w, scope, message),
                None => {}
            }
            header(w, scope, message, continues);
            w.el(El::Div, &[Attr::Class("t-body")], |w| body(w, scope, entry));
        } else {
            w.el(El::Div, &[Attr::Class("t-body")], |w| {
                w.el(El::P, &[Attr::Class("t-line")], |w| {
                    system::line(w, scope, message);
                    w.text(" ");
                    permalink(w, context, message, TimeStyle::ShortTime);
                });
                if matches!(message.kind, MessageKind::Unknown(_)) {
                    content(w, scope, message);
                    raw(w, context, &message.raw);
                } else {
                    system::extras(w, scope, message);
                }
            });
            history(w, scope, entry);
        }
    });
}

/// The author's name and colour.
fn author_name<'a>(scope: Scope<'a>, message: &'a Message) -> &'a str {
    let Some(author) = &message.author else { return &scope.context.labels.message.unknown_user };
    let known = scope
        .context
        .people
        .get(&author.id)
        .filter(|p| !p.name.is_empty() && !message.webhook_id.is_known());
    if let Some(person) = known {
        return &person.name;
    }
    let nick = message.member.as_ref().map_or("", |member| &member.nick);
    [nick, &author.global_name, &author.username]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or(&scope.context.labels.message.unknown_user)
}

fn header(w: &mut Writer, scope: Scope<'_>, message: &Message, continues: bool) {
    let context = scope.context;
    let words = &context.labels.message;
    let id = message.author.as_ref().map(|author| author.id).unwrap_or_default();
    let known = context.people.get(&id);
    let name = author_name(scope, message);
    if !continues {
        if let Some(path) = known.and_then(|person| person.avatar.as_ref()) {
            w.empty(
                El::Img,
                &[
                    Attr::Class("t-avatar"),
                    Attr::Src(path),
                    Attr::Alt(""),
                    Attr::Width(40),
                    Attr::Height(40),
                    Attr::Lazy,
                ],
            );
        } else {
            let initial: String = name
                .chars()
                .find(|c| c.is_alphanumeric())
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            w.el_text(El::Span, &[Attr::Class("t-avatar"), Attr::AriaHidden], &initial);
        }
    }
    // A message that continues a run has its name for those who hear the page.
    w.el(El::Div, &[Attr::Class("t-head")], |w| {
        let colour = known.and_then(|person| person.colour);
        w.el_text(El::Strong, &[Attr::Coloured("t-name", colour)], name);
        let tag = match &message.author {
            Some(author) if author.system => Some(&words.official),
            Some(_) if message.webhook_id.is_known() => Some(&words.webhook),
            Some(author) if author.bot => Some(&words.app),
            _ => known.filter(|person| person.bot).map(|_| &words.app),
        };
        if let Some(tag) = tag {
            w.text(" ");
            w.el_text(El::Span, &[Attr::Class("t-tag")], tag);
        }
        w.text(" ");
        permalink(
            w,
            context,
            message,
            if continues { TimeStyle::ShortTime } else { TimeStyle::ShortDateTime },
        );
        if message.pinned {
            w.text(" ");
            w.el_text(El::Span, &[Attr::Class("t-mark")], &words.pinned);
        }
    });
}

fn permalink(w: &mut Writer, context: &Context, message: &Message, style: TimeStyle) {
    let at = message.sent_at_ms();
    if message.id.is_known() {
        w.el(
            El::A,
            &[Attr::Class("t-time"), Attr::HrefMessage(&context.message_link, message.id)],
            |w| {
                time(w, context, at, style);
            },
        );
    } else {
        w.el(El::Span, &[Attr::Class("t-time")], |w| time(w, context, at, style));
    }
}

fn reply(
    w: &mut Writer,
    scope: Scope<'_>,
    known: &HashMap<Snowflake, &Message>,
    message: &Message,
    to: Snowflake,
) {
    let context = scope.context;
    let words = &context.labels.message;
    let here = known.get(&to).copied();
    w.el(El::Div, &[Attr::Class("t-reply")], |w| {
        let (name, content, reachable) = if let Some(quoted) = here {
            (author_name(Scope { context, mentions: &[] }, quoted), quoted.content.as_str(), true)
        } else if let Some(quote) = context.quotes.get(&to) {
            let name = context
                .people
                .get(&quote.author)
                .map_or(quote.author_name.as_str(), |person| &person.name);
            let content = if quote.deleted { "" } else { quote.content.as_str() };
            (if name.is_empty() { &*words.unknown_user } else { name }, content, quote.reachable)
        } else if let Some(quoted) = message.referenced_message.as_deref() {
            // Discord's own copy: whether the transcript holds the message is for the page behind the link to say.
            let reachable = !context.message_link.is_empty();
            (
                author_name(Scope { context, mentions: &[] }, quoted),
                quoted.content.as_str(),
                reachable,
            )
        } else {
            w.el_text(El::Span, &[Attr::Class("t-muted")], &words.reply_missing);
            return;
        };
        template(w, &words.reply_to, |w, _| w.el_text(El::Strong, &[], name));
        w.text(" ");
        let line = excerpt(context, content);
        let line = if line.is_empty() { &*words.reply_media } else { &line };
        if reachable && to.is_known() {
            w.el_text(El::A, &[Attr::HrefMessage(&context.message_link, to)], line);
        } else {
            w.el_text(El::Span, &[], line);
        }
    });
}

fn command(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    let words = &scope.context.labels.message;
    let both = [&message.interaction, &message.interaction_metadata];
    let name = both
        .iter()
        .filter_map(|one| one.as_ref())
        .map(|one| one.name.as_str())
        .find(|name| !name.is_empty());
    let user = both.iter().filter_map(|one| one.as_ref()).find_map(|one| one.user.as_ref());
    w.el(El::Div, &[Attr::Class("t-reply")], |w| {
        let form = if name.is_some() { &words.command } else { &words.command_unnamed };
        template(w, form, |w, place| match (place, user) {
            ("command", _) => {
                let name = format!("/{}", name.unwrap_or_default());
                w.el_text(El::Span, &[Attr::Class("t-mention")], &name);
            }
            (_, Some(user)) if !scope.context.people.contains_key(&user.id) => {
                w.el_text(El::Strong, &[], mentioned_name(user).unwrap_or(&words.unknown_user));
            }
            (_, user) => person(w, scope, user.map(|user| user.id).unwrap_or_default()),
        });
    });
}

/// What the message says, with its history.
fn body(w: &mut Writer, scope: Scope<'_>, entry: &Entry) {
    let message = &entry.message;
    let context = scope.context;
    let words = &context.labels.message;
    if message.is_blank() {
        if entry.erased {
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
    if message.is_ephemeral() {
        note(w, &words.ephemeral);
    }
    if !message.reactions.is_empty() {
        reactions(w, context, &message.reactions);
    }
    history(w, scope, entry);
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
    for snapshot in
        message.message_snapshots.iter().filter_map(|snapshot| snapshot.message.as_ref())
    {
        forwarded(w, scope, snapshot);
    }
    if let Some(asked) = &message.poll {
        poll::poll(w, scope, asked);
    }
    // Layout shows files by name: they stand where it puts them, and nowhere else.
    let layout = &message.components.0;
    attachments::list(
        w,
        context,
        message.attachments.iter().filter(|file| !components::shows(layout, file)),
    );
    stickers(w, context, &message.sticker_items);
    if !message.suppresses_embeds() {
        for embed in &message.embeds {
            embeds::embed(w, scope, embed);
        }
    }
    components::list(w, scope, &message.components.0, &message.attachments);
    if let Some(thread) = &message.thread {
        w.el(El::P, &[Attr::Class("t-card")], |w| {
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

fn forwarded(w: &mut Writer, scope: Scope<'_>, message: &SnapshotMessage) {
    let context = scope.context;
    w.el(El::Blockquote, &[Attr::Class("t-forward")], |w| {
        w.el(El::P, &[Attr::Class("t-muted")], |w| {
            w.text(&context.labels.message.forwarded);
            if let Some(at) = crate::dates::parse_iso_ms(&message.timestamp) {
                w.text(" · ");
                time(w, context, at, TimeStyle::ShortDateTime);
            }
        });
        if !message.content.is_empty() {
            text::markdown(w, scope, &message.content);
        }
        let layout = &message.components.0;
        attachments::list(
            w,
            context,
            message.attachments.iter().filter(|file| !components::shows(layout, file)),
        );
        stickers(w, context, &message.sticker_items);
        for embed in &message.embeds {
            embeds::embed(w, scope, embed);
        }
        components::list(w, scope, &message.components.0, &message.attachments);
    });
}

fn stickers(w: &mut Writer, context: &Context, stickers: &[Sticker]) {
    /// Lottie is an animation that no `img` shows.
    const LOTTIE: u64 = 3;
    for sticker in stickers {
        match context.stickers.get(&sticker.id).filter(|_| sticker.format_type != Some(LOTTIE)) {
            Some(path) => w.empty(
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
            ),
            None => w.el(El::P, &[Attr::Class("t-card")], |w| {
                w.text(&context.labels.message.sticker);
                w.text(" ");
                w.el_text(El::Strong, &[], &sticker.name);
            }),
        }
    }
}

fn reactions(w: &mut Writer, context: &Context, all: &[Reaction]) {
    let words = &context.labels.message;
    w.el(El::Ul, &[Attr::Class("t-reactions"), Attr::AriaLabel(&words.reactions)], |w| {
        for reaction in all {
            let Some(with) = &reaction.emoji else { continue };
            let count = reaction.count.unwrap_or(1).to_string();
            w.el(El::Li, &[], |w| {
                emoji(w, context, with);
                w.text(" ");
                w.el_text(El::Span, &[], &count);
            });
        }
    });
}

/// Edits and deletion.
fn history(w: &mut Writer, scope: Scope<'_>, entry: &Entry) {
    let context = scope.context;
    let words = &context.labels.message;
    if let Some(deletion) = &entry.deleted {
        let form = if deletion.by.is_some() { &words.deleted_by } else { &words.deleted };
        w.el(El::P, &[Attr::Class("t-mark t-mark--deleted")], |w| {
            template(w, form, |w, place| match (place, deletion.by) {
                ("user", Some(by)) => person(w, scope, by),
                ("time", _) => time(w, context, deletion.at_ms, TimeStyle::ShortDateTime),
                _ => {}
            });
        });
    }
    let edited = entry.message.edited_at_ms();
    if entry.earlier.is_empty() {
        if let Some(at) = edited {
            w.el(El::P, &[Attr::Class("t-mark")], |w| {
                w.text(&words.edited);
                w.text(" ");
                time(w, context, at, TimeStyle::ShortDateTime);
            });
        }
        return;
    }
    let count = entry.earlier.len().to_string();
    let summary =
        format!("{} · {}", words.edited, fill(&words.earlier_versions, &[("count", &count)]));
    hidden(w, &summary, |w| {
        w.el(El::Ol, &[Attr::Class("t-versions")], |w| {
            for version in &entry.earlier {
                w.el(El::Li, &[], |w| {
                    time(w, context, version.at_ms, TimeStyle::ShortDateTime);
                    text::markdown(w, scope, &version.content);
                });
            }
        });
    });
}
