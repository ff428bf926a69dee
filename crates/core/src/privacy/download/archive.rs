//! A ZIP archive that is written piece by piece: no more than a piece waits in memory.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use ::zip::write::{SimpleFileOptions, StreamWriter};
use ::zip::{CompressionMethod, DateTime, ZipWriter};
use bytes::Bytes;
use futures::SinkExt as _;
use futures::channel::mpsc::Sender;
use storage::StorageError;

/// Bytes that are gathered before they are passed on.
const ENOUGH: usize = 32 * 1024;

#[derive(Clone, Default)]
struct Outlet(Arc<Mutex<Vec<u8>>>);

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive under way. Its bytes go to whoever stores them, who may be slower.
pub(super) struct Archive {
    writer: ZipWriter<StreamWriter<Outlet>>,
    outlet: Outlet,
    to: Sender<Result<Bytes, StorageError>>,
}

fn unwritable<E>(_: E) -> StorageError {
    StorageError::Corrupt("download")
}

impl Archive {
    pub(super) fn new(to: Sender<Result<Bytes, StorageError>>) -> Self {
        let outlet = Outlet::default();
        Self { writer: ZipWriter::new_stream(outlet.clone()), outlet, to }
    }

    /// Begins a file; `small`: its bytes are small already.
    pub(super) fn begin(&mut self, path: &str, small: bool) -> Result<(), StorageError> {
        let method = if small { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .large_file(small)
            // When it was made stands in the document.
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        self.writer.start_file(path, options).map_err(unwritable)
    }

    /// Writes on.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        self.writer.write_all(bytes).map_err(unwritable)?;
        self.pass_on(ENOUGH).await
    }

    /// Ends the archive.
    pub(super) async fn end(mut self) -> Result<(), StorageError> {
        self.writer.finish().map_err(unwritable)?;
        let rest =
            std::mem::take(&mut *self.outlet.0.lock().unwrap_or_else(PoisonError::into_inner));
        self.to.send(Ok(rest.into())).await.map_err(|_| StorageError::Source)
    }

    async fn pass_on(&mut self, at_least: usize) -> Result<(), StorageError> {
        let waiting = {
            let mut waiting = self.outlet.0.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() < at_least {
                return Ok(());
            }
            std::mem::take(&mut *waiting)
        };
        self.to.send(Ok(waiting.into())).await.map_err(|_| StorageError::Source)
    }
}
