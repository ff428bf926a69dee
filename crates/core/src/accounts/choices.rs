//! A person's language and colours.

use domain::locale::Locale;
use domain::validation::{FieldError, Problem};
use storage::StorageError;

use super::Session;
use crate::Wardesk;

/// What a person chose; `None` leaves it to the browser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// The language of the pages.
    pub locale: Option<Locale>,
    /// `light`, `dark` or `system`.
    pub theme: Option<String>,
}

impl From<storage::accounts::Choices> for Choices {
    fn from(kept: storage::accounts::Choices) -> Self {
        Self { locale: kept.locale.as_deref().and_then(Locale::from_tag), theme: kept.theme }
    }
}

/// Why choices were not saved.
#[derive(Debug, thiserror::Error)]
pub enum ChoicesError {
    /// A field was refused.
    #[error("invalid choices")]
    Invalid(Vec<FieldError>),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What the person chose.
pub async fn get(wardesk: &Wardesk, session: &Session) -> Result<Choices, StorageError> {
    Ok(storage::accounts::choices(wardesk.store().read(), session.user).await?.into())
}

/// Saves what the person chose.
pub async fn save(
    wardesk: &Wardesk,
    session: &Session,
    choices: &Choices,
) -> Result<(), ChoicesError> {
    if choices.theme.as_deref().is_some_and(|t| !matches!(t, "light" | "dark" | "system")) {
        return Err(ChoicesError::Invalid(vec![FieldError::new("theme", Problem::Malformed)]));
    }
    let kept = storage::accounts::Choices {
        locale: choices.locale.map(|l| l.tag().to_owned()),
        theme: choices.theme.clone(),
    };
    let mut tx = wardesk.store().begin().await?;
    storage::accounts::save_choices(tx.conn(), session.user, &kept, wardesk.now()).await?;
    Ok(tx.commit().await?)
}
