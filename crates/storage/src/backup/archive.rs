//! A backup's file, written and read by a thread of its own: compression and encryption wait for nobody.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
/// A file that is not whole and was not written to for so long is of a process that died.
const DEAD_AFTER: Duration = Duration::from_hours(24);

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
        // A name of its own: two that make the same backup at once do not write into each other's.
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}{PART}", crate::blobs::hex(&crate::keys::random::<8>())));
        let part = path.with_file_name(name);
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        let file = options.open(&part).map_err(StorageError::Files)?;
        remove_dead(path, &file);
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

/// The folder that a path is in.
fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Removes what processes left that died while they made the backup at `path`. `new` was made just now: its time is the
/// present one, by the clock that the other files have theirs from. What cannot be removed is in nobody's way.
fn remove_dead(path: &Path, new: &File) {
    let Ok(now) = new.metadata().and_then(|new| new.modified()) else { return };
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
    let Ok(entries) = std::fs::read_dir(folder_of(path)) else { return };
    for entry in entries.flatten() {
        let entry_name = entry.file_name();
        let of_this = entry_name
            .to_str()
            .and_then(|entry| entry.strip_prefix(name))
            .is_some_and(is_end_of_part);
        let changed = entry.metadata().and_then(|entry| entry.modified());
        let age = changed.ok().and_then(|changed| now.duration_since(changed).ok());
        if of_this && age.is_some_and(|age| age >= DEAD_AFTER) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether that follows the name of a backup in the name of one that is not whole: 16 hexadecimal digits and
/// [`PART`]; of an earlier version [`PART`] alone.
pub(super) fn is_end_of_part(end: &str) -> bool {
    let Some(unique) = end.strip_suffix(PART) else { return false };
    let Some(digits) = unique.strip_prefix('.') else { return unique.is_empty() };
    digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Gives a whole file its name, unless something has it.
fn publish(part: &Path, path: &Path) -> Result<(), StorageError> {
    let exists = || StorageError::from(BackupProblem::Exists(path.display().to_string()));
    match std::fs::hard_link(part, path) {
        Ok(()) => {
            // The file has its name; another one that stays is removed with those of the dead.
            let _ = std::fs::remove_file(part);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists || path.exists() => {
            Err(exists())
        }
        // A file system without links: there somebody may take the name in this moment.
        Err(_) => std::fs::rename(part, path).map_err(StorageError::Files),
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
    publish(part, path)?;
    let folder = File::open(folder_of(path)).map_err(files)?;
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
