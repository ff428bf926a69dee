//! A backup's file, written and read by a thread of its own: compression and encryption wait for nobody.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::BackupProblem;
use super::cipher::{Identities, Recipient};
use super::frames::Frame;
use crate::errors::StorageError;

/// Frames on their way to the file or from it.
const WAITING: usize = 64;
/// Of zstd: more costs much time and saves little, since most of it is sealed.
const LEVEL: i32 = 3;
/// The end of the name of a file that is not whole.
pub(super) const PART: &str = ".part";

/// A backup that is being written. It gets its name when it is whole; dropped before, it leaves nothing.
pub(super) struct Writer {
    frames: mpsc::Sender<Frame>,
    task: JoinHandle<Result<u64, StorageError>>,
}

impl Writer {
    pub(super) fn create(path: &Path, recipient: &Recipient) -> Result<Self, StorageError> {
        if path.exists() {
            return Err(BackupProblem::Exists(path.display().to_string()).into());
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(PART);
        let part = path.with_file_name(name);
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(&part).map_err(StorageError::Files)?;
        let (frames, mut given) = mpsc::channel::<Frame>(WAITING);
        let (path, recipient) = (path.to_owned(), recipient.clone());
        let task = tokio::task::spawn_blocking(move || {
            let written = write(file, &part, &path, &recipient, &mut given);
            if written.is_err() {
                let _ = std::fs::remove_file(&part);
            }
            written
        });
        Ok(Self { frames, task })
    }

    pub(super) async fn put(&self, frame: Frame) -> Result<(), StorageError> {
        // A closed channel means that writing failed; `finish` says why.
        self.frames.send(frame).await.map_err(|_| StorageError::Source)
    }

    /// Waits until everything is in the file and the file in its place. Answers its length.
    pub(super) async fn finish(self) -> Result<u64, StorageError> {
        drop(self.frames);
        self.task.await.map_err(|_| StorageError::Source)?
    }
}

fn write(
    file: File,
    part: &Path,
    path: &Path,
    recipient: &Recipient,
    given: &mut mpsc::Receiver<Frame>,
) -> Result<u64, StorageError> {
    let files = StorageError::Files;
    let recipients = std::iter::once(&recipient.0 as &dyn age::Recipient);
    let encryptor =
        age::Encryptor::with_recipients(recipients).map_err(|_| BackupProblem::Recipient)?;
    let encrypted = encryptor.wrap_output(BufWriter::new(file)).map_err(files)?;
    let mut out = zstd::stream::write::Encoder::new(encrypted, LEVEL).map_err(files)?;
    let mut whole = false;
    while let Some(frame) = given.blocking_recv() {
        frame.write(&mut out)?;
        whole = matches!(frame, Frame::End(_));
    }
    if !whole {
        return Err(StorageError::Source);
    }
    let encrypted = out.finish().map_err(files)?;
    let mut file = encrypted.finish().map_err(files)?;
    file.flush().map_err(files)?;
    let file = file.into_inner().map_err(|error| files(error.into_error()))?;
    file.sync_all().map_err(files)?;
    let length = file.metadata().map_err(files)?.len();
    std::fs::rename(part, path).map_err(files)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(files)?;
    folder.sync_all().map_err(files)?;
    Ok(length)
}

/// A backup that is being read.
pub(super) struct Reader {
    frames: mpsc::Receiver<Result<Frame, StorageError>>,
}

impl Reader {
    pub(super) fn open(path: &Path, identities: Identities) -> Self {
        let (give, frames) = mpsc::channel(WAITING);
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = read(&path, &identities, &give) {
                let _ = give.blocking_send(Err(error));
            }
        });
        Self { frames }
    }

    /// The next frame. After [`Frame::End`] none may be asked for.
    pub(super) async fn next(&mut self) -> Result<Frame, StorageError> {
        let frame = self.frames.recv().await;
        frame.unwrap_or_else(|| Err(BackupProblem::Damaged("it is cut short").into()))
    }
}

fn read(
    path: &PathBuf,
    identities: &Identities,
    give: &mpsc::Sender<Result<Frame, StorageError>>,
) -> Result<(), StorageError> {
    let file = File::open(path).map_err(StorageError::Files)?;
    let readable = |_| BackupProblem::NotReadable;
    let decryptor = age::Decryptor::new_buffered(BufReader::new(file)).map_err(readable)?;
    let all = identities.0.iter().map(|one| &**one as &dyn age::Identity);
    let decrypted = decryptor.decrypt(all).map_err(readable)?;
    let mut from = zstd::stream::read::Decoder::new(decrypted).map_err(StorageError::Files)?;
    loop {
        let frame = Frame::read(&mut from)?;
        let last = matches!(frame, Frame::End(_));
        if give.blocking_send(Ok(frame)).is_err() || last {
            return Ok(());
        }
    }
}
