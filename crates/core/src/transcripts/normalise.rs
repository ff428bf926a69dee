//! A message object made ready for the archive: without copies of what others said and are called, which
//! would escape the erasure of their own words. The ids that stay lead to the originals.

use domain::ids::{AttachmentId, MessageId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// How someone was named when they were last seen in a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Profile {
    /// What the server shows.
    pub name: String,
    /// The unique user name.
    pub username: String,
    /// Whether it is an app.
    pub bot: bool,
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundFile {
    pub id: AttachmentId,
    pub name: String,
    pub url: String,
    /// Bytes, as Discord says.
    pub size: Option<u64>,
}

/// A message ready for the archive.
#[derive(Debug, Clone)]
pub(super) struct Normalised {
    pub id: MessageId,
    /// 0, or the time of the edit.
    pub version: i64,
    /// Whose words.
    pub subject: Option<UserId>,
    /// The object without copies of others.
    pub body: Value,
    /// Whether nothing in it can be seen: a bot without `MESSAGE_CONTENT` gets all messages so.
    pub blank: bool,
    pub people: Vec<(UserId, Profile)>,
    pub files: Vec<FoundFile>,
}

/// The id in field `key`.
pub(super) fn id_of<T: std::str::FromStr>(object: &Value, key: &str) -> Option<T> {
    object.get(key)?.as_str()?.parse().ok()
}

/// Whether a message names its author; an update may leave out everything that has not changed.
pub(super) fn is_whole(message: &Value) -> bool {
    id_of::<UserId>(message.get("author").unwrap_or(&Value::Null), "id").is_some()
}

/// Puts the fields of an update over the message they belong to.
pub(super) fn merge(mut base: Value, update: Value) -> Value {
    if let (Some(base), Value::Object(update)) = (base.as_object_mut(), update) {
        base.extend(update);
    }
    base
}

/// Makes a message ready. `opener` is whose words an app's message counts as: the bot repeats the
/// opener's answers, and what other apps say in a ticket is said about it. `None` for what is no message.
pub(super) fn normalise(message: Value, opener: UserId) -> Option<Normalised> {
    let id: MessageId = id_of(&message, "id")?;
    let webhook = is_by_webhook(&message);
    let Value::Object(mut body) = message else { return None };
    let mut people = Vec::new();
    let mut files = Vec::new();
    let member = body.get("member").cloned();
    let author = body.get("author").cloned().unwrap_or_default();
    if !webhook {
        people.extend(profile(&author, member.as_ref()));
    }
    strip(&mut body, &mut people, &mut files, 0);
    let edited = body.get("edited_timestamp").and_then(Value::as_str);
    let version = edited
        .and_then(|text| text.parse::<jiff::Timestamp>().ok())
        .map_or(0, jiff::Timestamp::as_millisecond);
    let blank = is_blank(&body);
    let body = Value::Object(body);
    Some(Normalised { id, version, subject: subject_of(&body, opener), blank, body, people, files })
}

/// Whether a message came by a webhook: its author is nobody of the server. Answers of apps to commands come so as well.
pub(super) fn is_by_webhook(message: &Value) -> bool {
    message.get("webhook_id").is_some_and(Value::is_string)
}

/// Whose words a message is: its author's, or the opener's where an app wrote it that is no webhook.
pub(super) fn subject_of(message: &Value, opener: UserId) -> Option<UserId> {
    let author = message.get("author")?;
    let bot = author.get("bot").and_then(Value::as_bool).unwrap_or(false);
    if bot && !is_by_webhook(message) { Some(opener) } else { id_of(author, "id") }
}

fn is_blank(body: &Map<String, Value>) -> bool {
    let said = body.get("content").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let lists = ["attachments", "embeds", "components", "sticker_items", "message_snapshots"];
    let shows = lists
        .iter()
        .any(|key| body.get(*key).and_then(Value::as_array).is_some_and(|list| !list.is_empty()));
    !said && !shows && !body.get("poll").is_some_and(Value::is_object)
}

fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key)?.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// Someone's profile from a user object with, perhaps, their membership. An object that was reduced to
/// its id gives none.
pub(super) fn profile(user: &Value, member: Option<&Value>) -> Option<(UserId, Profile)> {
    let id: UserId = id_of(user, "id")?;
    let username = text(user, "username")?;
    let nick = member.and_then(|member| text(member, "nick"));
    let name = nick.or_else(|| text(user, "global_name")).unwrap_or_else(|| username.clone());
    let bot = user.get("bot").and_then(Value::as_bool).unwrap_or(false);
    Some((id, Profile { name, username, bot }))
}

/// Leaves of a user object its id, and notes the profile.
fn reduce(user: &mut Value, people: &mut Vec<(UserId, Profile)>) {
    people.extend(profile(user, user.get("member")));
    if let Some(id) = user.get("id").cloned() {
        *user = json!({ "id": id });
    }
}

/// Keeps these keys of the object in `field`.
fn keep(body: &mut Map<String, Value>, field: &str, keys: &[&str]) {
    if let Some(Value::Object(map)) = body.get_mut(field) {
        map.retain(|key, _| keys.contains(&key.as_str()));
    }
}

fn strip(
    body: &mut Map<String, Value>,
    people: &mut Vec<(UserId, Profile)>,
    files: &mut Vec<FoundFile>,
    depth: u8,
) {
    // `null` says that the answered message was deleted, and stays.
    if body.get("referenced_message").is_some_and(Value::is_object) {
        body.remove("referenced_message");
    }
    body.remove("resolved");
    for mention in list(body, "mentions") {
        reduce(mention, people);
    }
    for key in ["interaction", "interaction_metadata"] {
        if let Some(interaction) = body.get_mut(key) {
            strip_interaction(interaction, people, 0);
        }
    }
    keep(body, "author", &["id", "username", "global_name", "avatar", "bot", "system"]);
    keep(body, "member", &["nick", "roles", "avatar"]);
    if let Some(Value::Object(thread)) = body.get_mut("thread") {
        thread.remove("member");
    }
    for attachment in list(body, "attachments") {
        files.extend(file(attachment));
        // The addresses expire within a day, and carry a signature while they last.
        if let Some(map) = attachment.as_object_mut() {
            map.remove("url");
            map.remove("proxy_url");
        }
    }
    if depth == 0 {
        for snapshot in list(body, "message_snapshots") {
            if let Some(Value::Object(message)) = snapshot.get_mut("message") {
                strip(message, people, files, 1);
            }
        }
    }
}

fn list<'a>(body: &'a mut Map<String, Value>, key: &str) -> impl Iterator<Item = &'a mut Value> {
    body.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten()
}

fn strip_interaction(interaction: &mut Value, people: &mut Vec<(UserId, Profile)>, depth: u8) {
    for key in ["user", "target_user"] {
        if let Some(user) = interaction.get_mut(key) {
            reduce(user, people);
        }
    }
    if let Some(map) = interaction.as_object_mut() {
        map.remove("member");
    }
    if depth == 0
        && let Some(inner) = interaction.get_mut("triggering_interaction_metadata")
    {
        strip_interaction(inner, people, 1);
    }
}

fn file(attachment: &Value) -> Option<FoundFile> {
    Some(FoundFile {
        id: id_of(attachment, "id")?,
        name: text(attachment, "filename").unwrap_or_else(|| "file".to_owned()),
        url: text(attachment, "url")?,
        size: attachment.get("size").and_then(Value::as_u64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opener() -> UserId {
        UserId::new(5).unwrap()
    }

    fn message() -> Value {
        json!({
            "id": "100", "content": "hi <@8>", "timestamp": "2024-01-01T00:00:00+00:00",
            "edited_timestamp": null, "type": 19,
            "author": { "id": "7", "username": "ann", "global_name": "Ann", "email": "x" },
            "member": { "nick": "Annie", "roles": ["3"], "joined_at": "2020-01-01T00:00:00Z" },
            "mentions": [{ "id": "8", "username": "bob", "member": { "nick": "Bobby" } }],
            "referenced_message": { "id": "90", "content": "a secret of bob",
                                    "author": { "id": "8", "username": "bob" } },
            "interaction_metadata": { "id": "1", "user": { "id": "9", "username": "cy" },
                "triggering_interaction_metadata": { "user": { "id": "10", "username": "dee" } } },
            "resolved": { "users": { "8": { "username": "bob" } } },
            "attachments": [{ "id": "50", "filename": "a.png", "url": "https://cdn/a?ex=1", "size": 3 }],
            "new_field_of_discord": { "kept": true },
        })
    }

    #[test]
    fn nothing_of_others_stays() {
        let done = normalise(message(), opener()).unwrap();
        let body = done.body.to_string();
        for other in ["secret", "bob", "Bobby", "cy", "dee", "ex=1", "email", "joined_at"] {
            assert!(!body.contains(other), "{other}: {body}");
        }
        assert!(body.contains("new_field_of_discord") && body.contains("hi <@8>"));
        assert_eq!(done.subject, Some(UserId::new(7).unwrap()));
        let names: Vec<_> = done.people.iter().map(|(id, p)| (id.get(), p.name.as_str())).collect();
        assert_eq!(names, [(7, "Annie"), (8, "Bobby"), (9, "cy"), (10, "dee")]);
        assert_eq!(done.files[0].url, "https://cdn/a?ex=1");
    }

    #[test]
    fn doing_it_again_changes_nothing() {
        let once = normalise(message(), opener()).unwrap();
        let twice = normalise(once.body.clone(), opener()).unwrap();
        assert_eq!(once.body, twice.body);
        assert_eq!(twice.people.len(), 1);
        assert!(twice.files.is_empty());
    }

    #[test]
    fn an_apps_words_are_the_openers_and_a_webhooks_its_own() {
        let bot = json!({ "id": "1", "content": "x", "author": { "id": "9", "bot": true } });
        assert_eq!(normalise(bot, opener()).unwrap().subject, Some(opener()));
        let hook = json!({ "id": "1", "content": "x", "webhook_id": "9",
                           "author": { "id": "9", "bot": true, "username": "hook" } });
        let hook = normalise(hook, opener()).unwrap();
        assert_eq!(hook.subject, Some(UserId::new(9).unwrap()));
        assert!(hook.people.is_empty());
    }

    #[test]
    fn versions_are_times_of_edits() {
        let mut edited = message();
        edited["edited_timestamp"] = json!("2024-01-01T00:00:01.500000+00:00");
        assert_eq!(normalise(edited, opener()).unwrap().version, 1_704_067_201_500);
        assert_eq!(normalise(message(), opener()).unwrap().version, 0);
    }

    #[test]
    fn withheld_content_is_seen() {
        let blank = json!({ "id": "1", "content": "", "attachments": [], "embeds": [],
                            "author": { "id": "9", "username": "a" } });
        assert!(normalise(blank, opener()).unwrap().blank);
        assert!(!normalise(message(), opener()).unwrap().blank);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for bad in [json!(null), json!([]), json!({}), json!({ "id": "x" }), json!({ "id": 5 })] {
            assert!(normalise(bad, opener()).is_none());
        }
    }
}
