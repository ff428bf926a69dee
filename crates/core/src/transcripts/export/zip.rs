//! An archive with an HTML file and its files, written without going back: lengths and checksums follow what they
//! are of. Source: APPNOTE.TXT 6.3.10, 4.3.9 ("Data descriptor").

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::vec::IntoIter;

use ::zip::write::{SimpleFileOptions, StreamWriter};
use ::zip::{CompressionMethod, DateTime, ZipWriter};
use bytes::Bytes;
use domain::ids::AttachmentId;
use futures::stream::{self, BoxStream, StreamExt as _};
use storage::StorageError;

use super::super::TranscriptError;
use super::run::Run;
use super::source::Source;

/// The document's name in the archive.
const INDEX: &str = "index.html";
/// Bytes that are gathered before they are passed on.
const ENOUGH: usize = 32 * 1024;

/// Where the archive's bytes wait for the reader.
#[derive(Clone, Default)]
struct Outlet(Arc<Mutex<Vec<u8>>>);

impl Outlet {
    fn take(&self, at_least: usize) -> Option<Bytes> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (waiting.len() >= at_least.max(1)).then(|| std::mem::take(&mut *waiting).into())
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum At {
    Start,
    Document,
    Files(IntoIter<(AttachmentId, String)>),
    File(IntoIter<(AttachmentId, String)>, BoxStream<'static, Result<Bytes, StorageError>>),
    End,
}

/// An archive under way.
pub(super) struct Zip<S> {
    run: Run<S>,
    writer: Option<ZipWriter<StreamWriter<Outlet>>>,
    outlet: Outlet,
    at: At,
}

impl<S: Source> Zip<S> {
    /// One around a document whose files are beside it.
    pub(super) fn new(run: Run<S>) -> Self {
        let outlet = Outlet::default();
        let writer = Some(ZipWriter::new_stream(outlet.clone()));
        Self { run, writer, outlet, at: At::Start }
    }

    pub(super) fn into_stream(self) -> BoxStream<'static, Result<Bytes, TranscriptError>> {
        stream::try_unfold(self, |mut zip| async move {
            Ok(zip.next().await?.map(|bytes| (bytes, zip)))
        })
        .boxed()
    }

    async fn next(&mut self) -> Result<Option<Bytes>, TranscriptError> {
        loop {
            if let Some(bytes) = self.outlet.take(ENOUGH) {
                return Ok(Some(bytes));
            }
            if matches!(self.at, At::End) {
                return Ok(self.outlet.take(1));
            }
            self.step().await?;
        }
    }

    async fn step(&mut self) -> Result<(), TranscriptError> {
        self.at = match std::mem::replace(&mut self.at, At::End) {
            At::Start => {
                self.begin(INDEX, CompressionMethod::Deflated)?;
                At::Document
            }
            At::Document => match self.run.next().await? {
                Some(bytes) => {
                    self.write(&bytes)?;
                    At::Document
                }
                None => At::Files(self.run.take_files().into_iter()),
            },
            At::Files(mut files) => {
                if let Some((id, path)) = files.next() {
                    let bytes = self.run.source.bytes(id).await?;
                    // Pictures and films are small already.
                    self.begin(&path, CompressionMethod::Stored)?;
                    At::File(files, bytes)
                } else {
                    if let Some(writer) = self.writer.take() {
                        writer.finish().map_err(unwritable)?;
                    }
                    At::End
                }
            }
            At::File(files, mut bytes) => match bytes.next().await {
                Some(part) => {
                    self.write(&part?)?;
                    At::File(files, bytes)
                }
                None => At::Files(files),
            },
            At::End => At::End,
        };
        Ok(())
    }

    fn begin(&mut self, path: &str, method: CompressionMethod) -> Result<(), TranscriptError> {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            // When it was made stands in the document.
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        match &mut self.writer {
            Some(writer) => writer.start_file(path, options).map_err(unwritable),
            None => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), TranscriptError> {
        match &mut self.writer {
            Some(writer) => writer.write_all(bytes).map_err(unwritable),
            None => Ok(()),
        }
    }
}

fn unwritable<E>(_: E) -> TranscriptError {
    StorageError::Corrupt("export").into()
}
