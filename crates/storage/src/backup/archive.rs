//! A backup's file, written and read by a thread of its own: compression and encryption wait for nobody.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::BackupProblem;
use super::cipher::{Identities, Recipient};
use super::frames::Frame;
use super::seal::{Hashed, Proof, SealKey};
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
    /// With a key, what is written is sealed with it.
    pub(super) fn create(
        path: &Path,
        recipient: &Recipient,
        seal: Option<SealKey>,
    ) -> Result<Self, StorageError> {
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
        Ok(Self::write_to(file, part, path, recipient, seal))
    }

    /// Writes into a file that is there, which is called `part` until it is whole.
    fn write_to(
        file: File,
        part: PathBuf,
        path: &Path,
        recipient: &Recipient,
        seal: Option<SealKey>,
    ) -> Self {
        let (frames, mut given) = mpsc::channel::<Frame>(WAITING);
        let (path, recipient) = (path.to_owned(), recipient.clone());
        let task = tokio::task::spawn_blocking(move || {
            let written = write(file, &recipient, seal.as_ref(), &mut given).and_then(|length| {
                publish(&part, &path)?;
                Ok(length)
            });
            if written.is_err() {
                let _ = std::fs::remove_file(&part);
            }
            written
        });
        Self { frames, task }
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

/// Gives a whole file its name, unless something has it, and makes that last.
fn publish(part: &Path, path: &Path) -> Result<(), StorageError> {
    name(part, path)?;
    let folder = File::open(folder_of(path)).map_err(StorageError::Files)?;
    folder.sync_all().map_err(StorageError::Files)
}

fn name(part: &Path, path: &Path) -> Result<(), StorageError> {
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

/// Writes what is given, up to the end, and answers its length.
fn write(
    file: File,
    recipient: &Recipient,
    seal: Option<&SealKey>,
    given: &mut mpsc::Receiver<Frame>,
) -> Result<u64, StorageError> {
    let files = StorageError::Files;
    let recipients = std::iter::once(&recipient.0 as &dyn age::Recipient);
    let encryptor =
        age::Encryptor::with_recipients(recipients).map_err(|_| BackupProblem::Recipient)?;
    let encrypted = encryptor.wrap_output(BufWriter::new(file)).map_err(files)?;
    let out = zstd::stream::write::Encoder::new(encrypted, LEVEL).map_err(files)?;
    let mut out = Hashed::new(out);
    let mut whole = false;
    while let Some(frame) = given.blocking_recv() {
        frame.write(&mut out)?;
        whole = matches!(frame, Frame::End(_));
    }
    if !whole {
        return Err(StorageError::Source);
    }
    let (mut out, digest) = out.end();
    if let Some(key) = seal {
        out.write_all(&key.proof_of(&digest)).map_err(files)?;
    }
    let encrypted = out.finish().map_err(files)?;
    let mut file = encrypted.finish().map_err(files)?;
    file.flush().map_err(files)?;
    let file = file.into_inner().map_err(|error| files(error.into_error()))?;
    file.sync_all().map_err(files)?;
    Ok(file.metadata().map_err(files)?.len())
}

/// A backup that is being read.
pub(super) struct Reader {
    frames: mpsc::Receiver<Result<Frame, StorageError>>,
    proof: oneshot::Receiver<Result<Proof, StorageError>>,
}

impl Reader {
    pub(super) fn open(path: &Path, identities: Identities) -> Self {
        let (give, frames) = mpsc::channel(WAITING);
        let (prove, proof) = oneshot::channel();
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || match read(&path, &identities, &give) {
            Ok(Some(end)) => drop(prove.send(end)),
            // Nobody wants to know the rest.
            Ok(None) => {}
            Err(error) => drop(give.blocking_send(Err(error))),
        });
        Self { frames, proof }
    }

    /// The next frame. After [`Frame::End`] none may be asked for.
    pub(super) async fn next(&mut self) -> Result<Frame, StorageError> {
        let frame = self.frames.recv().await;
        frame.unwrap_or_else(|| Err(BackupProblem::Damaged("it is cut short").into()))
    }

    /// What follows [`Frame::End`].
    pub(super) async fn proof(self) -> Result<Proof, StorageError> {
        self.proof.await.map_err(|_| BackupProblem::Damaged("it is cut short"))?
    }
}

/// Reads frames up to the end, and what follows it; `None`: nobody takes them any more.
fn read(
    path: &PathBuf,
    identities: &Identities,
    give: &mpsc::Sender<Result<Frame, StorageError>>,
) -> Result<Option<Result<Proof, StorageError>>, StorageError> {
    let file = File::open(path).map_err(StorageError::Files)?;
    let readable = |_| BackupProblem::NotReadable;
    let decryptor = age::Decryptor::new_buffered(BufReader::new(file)).map_err(readable)?;
    let all = identities.0.iter().map(|one| &**one as &dyn age::Identity);
    let decrypted = decryptor.decrypt(all).map_err(readable)?;
    let from = zstd::stream::read::Decoder::new(decrypted).map_err(StorageError::Files)?;
    let mut from = Hashed::new(from);
    loop {
        let frame = Frame::read(&mut from)?;
        let last = matches!(frame, Frame::End(_));
        if give.blocking_send(Ok(frame)).is_err() {
            return Ok(None);
        }
        if last {
            let (rest, digest) = from.end();
            return Ok(Some(Proof::read(rest, digest)));
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::backup::make_identity;

    /// Linux's own file of a full disk.
    #[tokio::test]
    async fn a_full_disk_is_told_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let recipient = make_identity(&folder.path().join("id.txt")).unwrap();
        let (part, path) = (folder.path().join("one.age.part"), folder.path().join("one.age"));
        std::fs::write(&part, "what was written before the disk was full").unwrap();
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let writer = Writer::write_to(full, part.clone(), &path, &recipient, None);
        let mut stopped = None;
        for _ in 0..1000 {
            let bytes = Bytes::from(crate::keys::random::<16_384>().to_vec());
            if let Err(error) = writer.put(Frame::Piece(bytes)).await {
                stopped = Some(error);
                break;
            }
        }
        assert!(matches!(stopped, Some(StorageError::Source)), "{stopped:?}");
        let why = writer.finish().await;
        assert!(
            matches!(&why, Err(StorageError::Files(e)) if e.kind() == io::ErrorKind::StorageFull),
            "{why:?}"
        );
        assert!(!part.exists() && !path.exists());
    }
}
