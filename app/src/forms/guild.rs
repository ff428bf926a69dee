//! The form of a server's settings.

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::access::Capability;
use domain::guilds::GuildSettings;
use domain::locale::Locale;
use domain::transcripts::Retention;
use domain::validation::{FieldError, Problem};
use wardesk_core::Wardesk;
use wardesk_core::guilds::{self, GuildAccess, GuildError};
use wardesk_core::transcripts::keeping;

use super::fields::Posted;
use super::{Asker, Draft, Fields, authorize, done, draft, guild_failed};

/// The fields of the form.
const KNOWN: [&str; 14] = [
    "revision",
    "retention_confirmed",
    "support_roles",
    "ticket_category",
    "transcript_channel",
    "log_channel",
    "locale",
    "time_zone",
    "reader_roles",
    "members_read",
    "keep_deleted",
    "retention",
    "share_links",
    "opener_shares",
];

/// Reads the form.
pub fn read_settings(fields: &Fields) -> GuildSettings {
    GuildSettings {
        support_roles: fields.ids("support_roles"),
        ticket_category: fields.get("ticket_category").parse().ok(),
        transcript_channel: fields.get("transcript_channel").parse().ok(),
        log_channel: fields.get("log_channel").parse().ok(),
        locale: Locale::from_tag(fields.get("locale")).unwrap_or_default(),
        time_zone: fields.get("time_zone").to_owned(),
        reader_roles: fields.ids("reader_roles"),
        members_read: fields.has("members_read"),
        keep_deleted: fields.has("keep_deleted"),
        retention: Retention::parse(fields.get("retention")).unwrap_or_default(),
        share_links: fields.has("share_links"),
        opener_shares: fields.has("opener_shares"),
    }
}

/// What has to be confirmed first: that transcripts go which are kept now. A person confirms the time that they
/// were asked about.
async fn unconfirmed(
    access: &GuildAccess,
    new: &GuildSettings,
    fields: &Fields,
) -> Result<Option<FieldError>, GuildError> {
    let before = guilds::settings(access).await?.settings.retention;
    if new.retention == before || fields.get("retention_confirmed") == new.retention.as_str() {
        return Ok(None);
    }
    let count = keeping::would_go(access, new.retention).await?;
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    Ok((count > 0).then(|| FieldError::new("retention", Problem::Deletes { count })))
}

/// Saves the settings.
pub async fn settings(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(guild): Path<String>,
    Posted { 0: fields }: Posted,
) -> Response {
    let access = match authorize(&wardesk, &asker, &guild, Capability::Configure).await {
        Ok(access) => access,
        Err(response) => {
            let path = format!("/servers/{guild}/settings");
            return draft::unless_down(&wardesk, &asker, &path, fields, response).await;
        }
    };
    if !fields.are_known(|name| KNOWN.contains(&name)) {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let path = format!("/servers/{guild}/settings");
    let revision = fields.get("revision").parse().unwrap_or(0);
    let new = read_settings(&fields);
    match unconfirmed(&access, &new, &fields).await {
        Ok(None) => {}
        Ok(Some(error)) => {
            let draft = Draft { fields, errors: vec![error], conflict: false };
            return draft::back(&wardesk, &asker, &path, &draft).await;
        }
        Err(error) => {
            let response = guild_failed(&error);
            return draft::unless_down(&wardesk, &asker, &path, fields, response).await;
        }
    }
    let (errors, conflict) = match guilds::save_settings(&access, new, revision).await {
        Ok(()) => return done(&path, "saved"),
        Err(GuildError::Invalid(errors)) => (errors, false),
        Err(GuildError::Conflict) => (Vec::new(), true),
        Err(error) => {
            let response = guild_failed(&error);
            return draft::unless_down(&wardesk, &asker, &path, fields, response).await;
        }
    };
    draft::back(&wardesk, &asker, &path, &Draft { fields, errors, conflict }).await
}
