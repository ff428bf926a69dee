//! Discord's JSON into the facts of the port. Lenient: what is unknown is skipped, not an error.

use domain::ids::{ChannelId, RoleId, UserId};
use domain::permissions::{Overwrite, OverwriteTarget, Permissions};
use serde_json::{Value, json};
use wardesk_core::ports::{ChannelFacts, ChannelKind, GuildMember, RoleFacts};

/// An id of any kind under `key`.
pub(crate) fn id<T: std::str::FromStr>(value: &Value, key: &str) -> Option<T> {
    text(value, key)?.parse().ok()
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

fn owned(value: &Value, key: &str) -> Option<String> {
    text(value, key).map(str::to_owned)
}

fn permissions(value: &Value, key: &str) -> Permissions {
    Permissions(text(value, key).and_then(|t| t.parse().ok()).unwrap_or(0))
}

fn number(value: &Value, key: &str) -> i64 {
    value.get(key).and_then(Value::as_i64).unwrap_or(0)
}

/// The entries of a list under `key` that `read` understands.
pub(crate) fn list<T>(value: &Value, key: &str, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(|l| l.iter().filter_map(read).collect())
        .unwrap_or_default()
}

pub(crate) fn role_ids(value: &Value) -> Vec<RoleId> {
    list(value, "roles", |v| v.as_str()?.parse().ok())
}

pub(crate) fn role(value: &Value) -> Option<RoleFacts> {
    Some(RoleFacts {
        id: id(value, "id")?,
        name: owned(value, "name")?,
        colour: u32::try_from(number(value, "color")).unwrap_or(0),
        position: number(value, "position"),
        permissions: permissions(value, "permissions"),
        managed: value.get("managed") == Some(&Value::Bool(true)),
    })
}

pub(crate) fn channel(value: &Value) -> Option<ChannelFacts> {
    let kind = match value.get("type").and_then(Value::as_u64)? {
        // Text and announcements. Source: Discord API documentation, "Channel Types".
        0 | 5 => ChannelKind::Text,
        4 => ChannelKind::Category,
        other => ChannelKind::Other(u8::try_from(other).unwrap_or(u8::MAX)),
    };
    Some(ChannelFacts {
        id: id(value, "id")?,
        name: owned(value, "name").unwrap_or_default(),
        kind,
        parent: id::<ChannelId>(value, "parent_id"),
        position: number(value, "position"),
        topic: owned(value, "topic"),
        overwrites: list(value, "permission_overwrites", overwrite),
    })
}

fn overwrite(value: &Value) -> Option<Overwrite> {
    let target = match value.get("type").and_then(Value::as_u64)? {
        0 => OverwriteTarget::Role(id(value, "id")?),
        1 => OverwriteTarget::Member(id(value, "id")?),
        _ => return None,
    };
    Some(Overwrite { target, allow: permissions(value, "allow"), deny: permissions(value, "deny") })
}

/// The id and type of an overwrite's target, and its body.
pub(crate) fn overwrite_json(overwrite: &Overwrite) -> (i64, Value) {
    let (target, kind) = match overwrite.target {
        OverwriteTarget::Role(role) => (role.get(), 0),
        OverwriteTarget::Member(user) => (user.get(), 1),
    };
    (target, json!({ "type": kind, "allow": overwrite.allow, "deny": overwrite.deny }))
}

pub(crate) fn member(value: &Value) -> Option<GuildMember> {
    let user = value.get("user")?;
    let username = owned(user, "username")?;
    let display_name = owned(value, "nick").or_else(|| owned(user, "global_name"));
    Some(GuildMember {
        user: id::<UserId>(user, "id")?,
        display_name: display_name.unwrap_or_else(|| username.clone()),
        username,
        roles: role_ids(value),
        avatar: owned(user, "avatar"),
        bot: user.get("bot") == Some(&Value::Bool(true)),
    })
}

pub(crate) fn members(list: &Value) -> Vec<GuildMember> {
    list.as_array().map(|l| l.iter().filter_map(member).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_skipped() {
        let channel = channel(&json!({
            "id": "5", "type": 0, "name": "help", "parent_id": null, "new_field": {"x": 1},
            "permission_overwrites": [
                {"id": "1", "type": 0, "allow": "0", "deny": "1024"},
                {"id": "2", "type": 9, "allow": "0", "deny": "0"},
                {"id": "3", "type": 1, "allow": "1024", "deny": "0"},
            ],
        }));
        let channel = channel.unwrap();
        assert_eq!(channel.kind, ChannelKind::Text);
        assert_eq!(channel.overwrites.len(), 2);
        assert_eq!(
            overwrite_json(&channel.overwrites[1]),
            (3, json!({"type": 1, "allow": "1024", "deny": "0"}))
        );
    }

    #[test]
    fn the_name_shown_is_the_nickname_then_the_display_name() {
        let of = |nick: Value, global: Value| {
            let user = json!({"id": "1", "username": "u", "global_name": global});
            member(&json!({"user": user, "nick": nick, "roles": ["7", 8]})).unwrap()
        };
        assert_eq!(of(json!("N"), json!("G")).display_name, "N");
        assert_eq!(of(Value::Null, json!("G")).display_name, "G");
        let plain = of(Value::Null, Value::Null);
        assert_eq!((plain.display_name.as_str(), plain.roles.len()), ("u", 1));
    }
}
