//! Reading typed values from rows of either engine.

use sqlx::Row as _;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::StorageError;

/// Reads columns by name; what does not fit its type is [`StorageError::Corrupt`].
pub(crate) trait Columns {
    /// A BIGINT.
    fn int(&self, name: &'static str) -> Result<i64, StorageError>;
    /// A BIGINT that may be NULL.
    fn int_opt(&self, name: &'static str) -> Result<Option<i64>, StorageError>;
    /// A TEXT.
    fn text(&self, name: &'static str) -> Result<String, StorageError>;
    /// A TEXT that may be NULL.
    fn text_opt(&self, name: &'static str) -> Result<Option<String>, StorageError>;
    /// BYTES that may be NULL.
    fn bytes_opt(&self, name: &'static str) -> Result<Option<Vec<u8>>, StorageError>;

    /// A snowflake, made by its `new`.
    fn id<T, E>(
        &self,
        name: &'static str,
        new: fn(i64) -> Result<T, E>,
    ) -> Result<T, StorageError> {
        new(self.int(name)?).map_err(|_| StorageError::Corrupt(name))
    }

    /// A snowflake that may be NULL.
    fn id_opt<T, E>(
        &self,
        name: &'static str,
        new: fn(i64) -> Result<T, E>,
    ) -> Result<Option<T>, StorageError> {
        self.int_opt(name)?.map(|v| new(v).map_err(|_| StorageError::Corrupt(name))).transpose()
    }

    /// An id of our own.
    fn uuid<T>(&self, name: &'static str, new: fn(Uuid) -> T) -> Result<T, StorageError> {
        Uuid::try_parse(&self.text(name)?).map(new).map_err(|_| StorageError::Corrupt(name))
    }

    /// An id of our own that may be NULL.
    fn uuid_opt<T>(
        &self,
        name: &'static str,
        new: fn(Uuid) -> T,
    ) -> Result<Option<T>, StorageError> {
        let Some(text) = self.text_opt(name)? else { return Ok(None) };
        Uuid::try_parse(&text).map(|v| Some(new(v))).map_err(|_| StorageError::Corrupt(name))
    }
}

impl Columns for AnyRow {
    fn int(&self, name: &'static str) -> Result<i64, StorageError> {
        Ok(self.try_get(name)?)
    }

    fn int_opt(&self, name: &'static str) -> Result<Option<i64>, StorageError> {
        Ok(self.try_get(name)?)
    }

    fn text(&self, name: &'static str) -> Result<String, StorageError> {
        Ok(self.try_get(name)?)
    }

    fn text_opt(&self, name: &'static str) -> Result<Option<String>, StorageError> {
        Ok(self.try_get(name)?)
    }

    fn bytes_opt(&self, name: &'static str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.try_get(name)?)
    }
}
