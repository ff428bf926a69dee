//! A new master key takes the place of another, while the service runs. Each step can be stopped anywhere and
//! repeated, and at each moment every data key can be read by whoever has both master keys.

use super::check::{KeyStore, Unreadable};
use crate::errors::{SealError, StorageError};

/// What wrapping anew came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rewrapped {
    /// Data keys that were wrapped anew.
    pub moved: u64,
    /// Those that do not open and stay as they are.
    pub unreadable: Vec<Unreadable>,
}

impl KeyStore {
    /// From now on every process wraps new data keys by the first master key of the file. Those that do not have it
    /// yet read the file again; a file without it keeps them from making data keys.
    pub async fn wrap_by_first(&self) -> Result<(), StorageError> {
        let masters = self.0.0.ring.known();
        let first = masters.first().ok_or(SealError::WrongMasterKey)?;
        let sealed = first.wrap(b"check", super::check::CHECK_TEXT)?;
        let mut tx = self.0.0.database.begin().await?;
        sqlx::query(
            "UPDATE key_check SET sealed = $1, master_id = $2 WHERE id = 1 AND master_id <> $2",
        )
        .bind(sealed.into_bytes())
        .bind(first.id.as_str())
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }

    /// Wraps every data key by the present master key, a batch at a time. One that is destroyed meanwhile stays
    /// destroyed.
    pub async fn rewrap(&self) -> Result<Rewrapped, StorageError> {
        let mut done = Rewrapped::default();
        let mut after = (i64::MIN, i64::MIN);
        loop {
            let rows = self.0.wrapped_after(after).await?;
            let Some(last) = rows.last() else { return Ok(done) };
            after = last.place;
            // Opened before the transaction: an unknown master key makes this wait for the file.
            let mut opened = Vec::with_capacity(rows.len());
            for row in &rows {
                let plain = match row.aad() {
                    Ok(aad) => {
                        self.0.0.ring.unwrap(&row.master, &aad, &row.sealed).await.map(|p| (aad, p))
                    }
                    Err(_) => Err(SealError::Broken),
                };
                match plain {
                    Ok((aad, plain)) => opened.push((row, aad, plain)),
                    Err(_) => done.unreadable.push(row.as_unreadable()),
                }
            }
            let mut wrapping = self.0.begin_wrapping().await?;
            for (row, aad, plain) in opened {
                if row.master == wrapping.master.id {
                    continue;
                }
                let wrapped = wrapping.master.wrap(&aad, plain.as_slice())?;
                let moved = sqlx::query(
                    "UPDATE data_keys SET wrapped = $1, master_id = $2
                     WHERE guild_id = $3 AND subject_id = $4 AND key_id = $5 AND master_id = $6",
                )
                .bind(wrapped.into_bytes())
                .bind(wrapping.master.id.as_str())
                .bind(row.place.0)
                .bind(row.place.1)
                .bind(row.key_id.as_str())
                .bind(row.master.as_str())
                .execute(wrapping.tx.conn())
                .await?;
                done.moved += moved.rows_affected();
            }
            wrapping.tx.commit().await?;
        }
    }

    /// Whether the first master key of the file is the present one, and has wrapped everything: the others can go.
    /// Opens every data key with it.
    pub async fn others_can_go(&self) -> Result<bool, StorageError> {
        let masters = self.0.0.ring.known();
        let first = masters.first().ok_or(SealError::WrongMasterKey)?;
        let present = sqlx::query("SELECT master_id FROM key_check WHERE id = 1")
            .fetch_one(self.0.0.database.read())
            .await?;
        if crate::columns::Columns::text(&present, "master_id")? != first.id {
            return Ok(false);
        }
        let mut after = (i64::MIN, i64::MIN);
        loop {
            let rows = self.0.wrapped_after(after).await?;
            let Some(last) = rows.last() else { return Ok(true) };
            after = last.place;
            for row in &rows {
                if row.master != first.id || first.unwrap(&row.aad()?, &row.sealed).is_err() {
                    return Ok(false);
                }
            }
        }
    }
}
