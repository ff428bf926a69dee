//! Sealing and opening what the archive keeps, each under the key of whose words it is.

use domain::ids::{AttachmentId, GuildId, MessageId, TicketId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::transcripts::archive::{self, VersionRow};
use storage::transcripts::reactions::{self, ReactionRow};
use storage::transcripts::{attachments, people};
use storage::{KeyScope, Keys, SealError, Sealed, StorageError};

use super::archive::Of;
use super::normalise::{Normalised, Profile};
use super::reactions::{Change, Told};

/// Name and, while it is to be copied, address of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileDetails {
    pub name: String,
    pub url: Option<String>,
    /// Bytes, as Discord says.
    pub size: Option<u64>,
}

/// The key of `subject`'s words; what no person said is the server's.
pub(super) fn scope(guild: GuildId, subject: Option<UserId>) -> KeyScope {
    subject.map_or(KeyScope::server(guild), |user| KeyScope::person(guild, user))
}

/// Makes `None` of what was erased on purpose. What does not open for another reason is counted and
/// treated the same: one damaged row must not hide or hold up the rest.
pub(super) fn unless_erased<T>(opened: Result<T, StorageError>) -> Result<Option<T>, StorageError> {
    match opened {
        Ok(value) => Ok(Some(value)),
        Err(StorageError::Sealed(SealError::Destroyed)) => Ok(None),
        Err(StorageError::Sealed(SealError::Broken) | StorageError::Corrupt(_)) => {
            metrics::counter!("wardesk_archive_damaged_total").increment(1);
            tracing::error!("a sealed row of the archive does not open");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn to_json(value: &impl Serialize, place: &'static str) -> Result<Vec<u8>, StorageError> {
    serde_json::to_vec(value).map_err(|_| StorageError::Corrupt(place))
}

/// Seals under the key that there is; `None`: it was destroyed, and what it sealed goes.
pub(super) async fn seal_known(
    keys: &Keys,
    scope: KeyScope,
    aad: &[u8],
    plain: &[u8],
) -> Result<Option<Vec<u8>>, StorageError> {
    match keys.seal_known(&scope, aad, plain).await {
        Ok(sealed) => Ok(Some(sealed.into_bytes())),
        Err(StorageError::Sealed(SealError::Destroyed)) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn seal_message(
    keys: &Keys,
    guild: GuildId,
    ticket: TicketId,
    message: &Normalised,
) -> Result<VersionRow, StorageError> {
    let plain = to_json(&message.body, "archive_messages.body")?;
    let aad = archive::body_aad(ticket, message.id, message.version);
    let sealed = keys.seal(&scope(guild, message.subject), &aad, &plain).await?;
    Ok(VersionRow {
        message: message.id,
        version: message.version,
        subject: message.subject,
        body: sealed.into_bytes(),
    })
}

/// The JSON of a version.
pub(super) async fn open_version(
    keys: &Keys,
    guild: GuildId,
    ticket: TicketId,
    row: VersionRow,
) -> Result<Option<String>, StorageError> {
    let aad = archive::body_aad(ticket, row.message, row.version);
    let sealed = Sealed::from_bytes(row.body);
    let opened = keys.open_sealed(&scope(guild, row.subject), &aad, &sealed).await;
    let text = opened.and_then(|plain| {
        String::from_utf8(plain.to_vec())
            .map_err(|_| StorageError::Corrupt("archive_messages.body"))
    });
    unless_erased(text)
}

pub(super) async fn open_body(
    keys: &Keys,
    guild: GuildId,
    ticket: TicketId,
    row: VersionRow,
) -> Result<Option<Value>, StorageError> {
    let text = open_version(keys, guild, ticket, row).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

pub(super) async fn seal_profile(
    keys: &Keys,
    guild: GuildId,
    ticket: TicketId,
    user: UserId,
    profile: &Profile,
) -> Result<Vec<u8>, StorageError> {
    let plain = to_json(profile, "transcript_people.profile")?;
    let aad = people::profile_aad(ticket, user);
    Ok(keys.seal(&KeyScope::person(guild, user), &aad, &plain).await?.into_bytes())
}

pub(super) async fn open_profile(
    keys: &Keys,
    guild: GuildId,
    ticket: TicketId,
    user: UserId,
    profile: Vec<u8>,
) -> Result<Option<Profile>, StorageError> {
    let aad = people::profile_aad(ticket, user);
    let sealed = Sealed::from_bytes(profile);
    let opened = keys.open_sealed(&KeyScope::person(guild, user), &aad, &sealed).await;
    unless_erased(opened.and_then(|plain| {
        serde_json::from_slice(&plain)
            .map_err(|_| StorageError::Corrupt("transcript_people.profile"))
    }))
}

pub(super) async fn seal_details(
    keys: &Keys,
    scope: KeyScope,
    ticket: TicketId,
    file: AttachmentId,
    details: &FileDetails,
) -> Result<Vec<u8>, StorageError> {
    let plain = to_json(details, "attachments.details")?;
    let aad = attachments::details_aad(ticket, file);
    Ok(keys.seal(&scope, &aad, &plain).await?.into_bytes())
}

pub(super) async fn open_details(
    keys: &Keys,
    scope: KeyScope,
    ticket: TicketId,
    file: AttachmentId,
    details: Vec<u8>,
) -> Result<Option<FileDetails>, StorageError> {
    let aad = attachments::details_aad(ticket, file);
    let opened = keys.open_sealed(&scope, &aad, &Sealed::from_bytes(details)).await;
    unless_erased(opened.and_then(|plain| {
        serde_json::from_slice(&plain).map_err(|_| StorageError::Corrupt("attachments.details"))
    }))
}

pub(super) async fn seal_reaction(
    keys: &Keys,
    of: Of,
    told: &Told,
    number: i64,
) -> Result<Vec<u8>, StorageError> {
    let plain = to_json(told.change(), "transcript_reactions.body")?;
    let aad = reactions::body_aad(of.ticket, told.message, number);
    Ok(keys.seal(&scope(of.guild, told.by()), &aad, &plain).await?.into_bytes())
}

pub(super) async fn open_reaction(
    keys: &Keys,
    of: Of,
    row: ReactionRow,
) -> Result<Option<Change>, StorageError> {
    let aad = reactions::body_aad(of.ticket, row.message, row.number);
    let sealed = Sealed::from_bytes(row.body);
    let opened = keys.open_sealed(&scope(of.guild, row.subject), &aad, &sealed).await;
    unless_erased(opened.and_then(|plain| {
        serde_json::from_slice(&plain)
            .map_err(|_| StorageError::Corrupt("transcript_reactions.body"))
    }))
}

/// A message's id and its versions, as stored in a part of a chunk.
pub(super) type PartMessage = (MessageId, Vec<(i64, String)>);
