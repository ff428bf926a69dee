//! Large objects: content-addressed, sealed, checksummed.
//!
//! An object is addressed by an HMAC of its plain bytes under the data key of its scope: the same
//! picture sent twice by one person is kept once, and an address tells nothing about the content.
//!
//! Form: `WDB2` (4), key id (16), nonce prefix (16), then frames of 64 KiB plain text, each sealed
//! with XChaCha20-Poly1305 under nonce prefix ‖ counter (7 bytes) ‖ last flag (1 byte), then an HMAC of
//! nonce prefix ‖ address (32). Counter and flag make a missing, repeated, swapped or cut-off frame fail to
//! open; the HMAC, which is checked before the first frame, makes one object in another's place fail. The
//! address is known only when all frames are written, so it cannot be their associated data.

mod address;
mod depot;
mod frames;
mod s3;
mod sealed;

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use domain::ids::GuildId;
use domain::time::Millis;
use futures::stream::{BoxStream, Stream, StreamExt as _, TryStreamExt as _};
use hmac::{Hmac, Mac as _};
use object_store::{GetOptions, GetRange, ObjectStoreExt as _};
use sha2::Sha256;
use zeroize::Zeroizing;

pub use address::{AddressProblem, BlobsAddress, Bucket};
use depot::{Depot, IfThere, Upload};
use frames::Frames;
pub use s3::S3Keys;
pub(crate) use sealed::Placing;

use crate::errors::{SealError, StorageError};
use crate::keys::{DataKey, KeyScope, Keys, new_mac};

const MAGIC: &[u8; 4] = b"WDB2";
const PREFIX: usize = 16;
const HEAD: usize = 4 + 16 + PREFIX;
/// Bytes of the HMAC that binds an object to its address.
const BINDING: usize = 32;
/// Plain bytes of a frame.
const FRAME: usize = 64 * 1024;
/// Bytes the seal adds to a frame.
const TAG: usize = 16;

/// Where a stored object is and how long its plain text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRef {
    /// The address within its scope: 64 hexadecimal digits.
    pub address: String,
    /// Length of the plain text in bytes.
    pub length: u64,
}

/// The object store. A cheap handle.
#[derive(Clone)]
pub struct Blobs {
    depot: Depot,
    keys: Keys,
}

impl Blobs {
    /// Opens what an address names (see [`BlobsAddress`]); a folder is made if it is not there.
    pub(crate) fn open(
        url: &str,
        s3_keys: Option<&S3Keys>,
        keys: Keys,
    ) -> Result<Self, StorageError> {
        let address = BlobsAddress::parse(url).map_err(|_| StorageError::UnknownAddress)?;
        Ok(Self { depot: Depot::open(&address, s3_keys)?, keys })
    }

    /// Whether the store takes an object and lets it be removed, as the settings say that it does.
    pub async fn probe(&self) -> Result<(), StorageError> {
        self.depot.probe().await
    }

    /// Stores what the stream gives, at most `limit` bytes; fails with [`StorageError::TooLarge`]
    /// past them, leaving nothing behind. Memory use does not depend on the length.
    pub async fn put(
        &self,
        scope: &KeyScope,
        source: impl Stream<Item = Result<Bytes, StorageError>> + Send + Unpin,
        limit: u64,
    ) -> Result<BlobRef, StorageError> {
        self.put_with(scope, source, limit, IfThere::Keep).await
    }

    /// Like [`Blobs::put`], where the object that is there may be damaged.
    pub async fn put_again(
        &self,
        scope: &KeyScope,
        source: impl Stream<Item = Result<Bytes, StorageError>> + Send + Unpin,
        limit: u64,
    ) -> Result<BlobRef, StorageError> {
        self.put_with(scope, source, limit, IfThere::Replace).await
    }

    async fn put_with(
        &self,
        scope: &KeyScope,
        mut source: impl Stream<Item = Result<Bytes, StorageError>> + Send + Unpin,
        limit: u64,
        if_there: IfThere,
    ) -> Result<BlobRef, StorageError> {
        let key = self.keys.find_or_make(*scope).await?;
        let mut upload = self.depot.upload();
        match write_sealed(&key, &mut source, limit, &mut upload).await {
            Ok(blob) => {
                upload.finish(&location(*scope, &blob.address), if_there).await?;
                Ok(blob)
            }
            Err(error) => {
                // What cannot be given up now is swept later; the reason is of more use.
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    /// The plain bytes of a stored object. One that belongs elsewhere is refused at once; altered or cut-off
    /// ones end in an error, after the good frames before the damage.
    pub async fn get(
        &self,
        scope: &KeyScope,
        address: &str,
    ) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, StorageError> {
        self.read(scope, address, None).await
    }

    /// Like [`Blobs::get`], for a part of the plain bytes: only the frames that hold them are read, and each is
    /// opened whole before anything of it is given out. An object that ends before the part does is taken for damaged:
    /// its length was told when it was stored.
    pub async fn get_range(
        &self,
        scope: &KeyScope,
        address: &str,
        part: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, StorageError> {
        self.read(scope, address, Some(part)).await
    }

    async fn read(
        &self,
        scope: &KeyScope,
        address: &str,
        part: Option<Range<u64>>,
    ) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, StorageError> {
        if address.len() != 64 || !address.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(StorageError::Corrupt("blob address"));
        }
        let key = self.keys.existing(*scope).await?;
        let path = self.depot.path(&location(*scope, address));
        let store = self.depot.store();
        let size = store.head(&path).await?.size;
        let sealed = HEAD as u64..size.saturating_sub(BINDING as u64);
        let frames = Frames::of(&sealed, part).ok_or(SealError::Broken)?;
        let ends = store.get_ranges(&path, &[0..sealed.start, sealed.end..size]).await?;
        let [head, tail] = ends.as_slice() else { return Err(SealError::Broken.into()) };
        let prefix = opened_head(&key, head)?;
        binding(&key, &prefix, address).verify_slice(tail).map_err(|_| SealError::Broken)?;
        let range = Some(GetRange::Bounded(frames.place(&sealed)));
        let object = store.get_opts(&path, GetOptions { range, ..GetOptions::default() }).await?;
        let reader = Reader {
            source: object.into_stream().map_err(StorageError::from).boxed(),
            buffer: BytesMut::new(),
            cipher: XChaCha20Poly1305::new((&*key.key).into()),
            prefix,
            frames,
        };
        let frames = futures::stream::try_unfold((reader, key), |(mut reader, key)| async move {
            Ok(reader.next_frame(&key).await?.map(|frame| (frame, (reader, key))))
        });
        Ok(frames.boxed())
    }

    /// Removes uploads that were begun before `before` and never became whole: their process died.
    /// Answers how many.
    pub async fn remove_abandoned(&self, before: Millis) -> Result<u64, StorageError> {
        self.depot.sweep(before).await
    }

    /// Removes an object; one that is not there is no error.
    pub async fn delete(&self, scope: &KeyScope, address: &str) -> Result<(), StorageError> {
        self.depot.delete(&self.depot.path(&location(*scope, address))).await
    }
}

fn location(scope: KeyScope, address: &str) -> String {
    sealed::name(scope.guild.map_or(0, GuildId::get), address)
}

#[expect(clippy::disallowed_methods, reason = "nonces come from the operating system only")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::RngCore::fill_bytes(&mut rand::rng(), &mut bytes);
    bytes
}

/// A key of its own for addresses, so that the data key serves sealing alone.
fn address_key(key: &DataKey) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(crate::keys::mac(&key.key, &[b"wardesk blob address v1"]))
}

/// What binds an object to its address: nobody without the key can make one for another place.
fn binding(key: &DataKey, prefix: &[u8; PREFIX], address: &str) -> Hmac<Sha256> {
    let key = Zeroizing::new(crate::keys::mac(&key.key, &[b"wardesk blob binding v1"]));
    let mut mac = new_mac(&key);
    mac.update(prefix);
    mac.update(address.as_bytes());
    mac
}

/// The nonce prefix out of an object's first bytes.
fn opened_head(key: &DataKey, head: &[u8]) -> Result<[u8; PREFIX], SealError> {
    if head.len() != HEAD || &head[..4] != MAGIC {
        return Err(SealError::Broken);
    }
    if head[4..20] != key.id {
        return Err(SealError::Destroyed);
    }
    head[20..].try_into().map_err(|_| SealError::Broken)
}

fn nonce(prefix: &[u8; PREFIX], counter: u64, last: bool) -> XNonce {
    let mut bytes = [0; 24];
    bytes[..PREFIX].copy_from_slice(prefix);
    bytes[PREFIX..23].copy_from_slice(&counter.to_be_bytes()[1..]);
    bytes[23] = u8::from(last);
    XNonce::from(bytes)
}

async fn write_sealed(
    key: &DataKey,
    source: &mut (impl Stream<Item = Result<Bytes, StorageError>> + Send + Unpin),
    limit: u64,
    writer: &mut Upload,
) -> Result<BlobRef, StorageError> {
    let prefix = random::<PREFIX>();
    writer.write(MAGIC);
    writer.write(&key.id);
    writer.write(&prefix);
    let cipher = XChaCha20Poly1305::new((&*key.key).into());
    let mut address = new_mac(&address_key(key));
    let (mut length, mut counter) = (0_u64, 0_u64);
    let mut pending = BytesMut::with_capacity(FRAME * 2);
    let mut frame = |plain: &[u8], last: bool, writer: &mut Upload| {
        let sealed = cipher
            .encrypt(&nonce(&prefix, counter, last), Payload { msg: plain, aad: &key.id })
            .map_err(|_| SealError::Broken)?;
        counter += 1;
        writer.write(&sealed);
        Ok::<(), StorageError>(())
    };
    while let Some(bytes) = source.next().await {
        let bytes = bytes?;
        length += bytes.len() as u64;
        if length > limit {
            return Err(StorageError::TooLarge { limit });
        }
        address.update(&bytes);
        pending.extend_from_slice(&bytes);
        // One full frame stays back: the last one must be marked, and only the end tells which it is.
        while pending.len() > FRAME {
            let plain = pending.split_to(FRAME);
            frame(&plain, false, writer)?;
        }
        writer.pass_on().await?;
    }
    frame(&pending, true, writer)?;
    let address: [u8; 32] = address.finalize().into_bytes().into();
    let address = hex(&address);
    writer.write(&binding(key, &prefix, &address).finalize().into_bytes());
    Ok(BlobRef { address, length })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

struct Reader {
    source: BoxStream<'static, Result<Bytes, StorageError>>,
    buffer: BytesMut,
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    frames: Frames,
}

impl Reader {
    /// Reads until the buffer holds `wanted` bytes or the source ends.
    async fn fill(&mut self, wanted: usize) -> Result<(), StorageError> {
        while self.buffer.len() < wanted {
            let Some(bytes) = self.source.next().await else { break };
            self.buffer.extend_from_slice(&bytes?);
        }
        Ok(())
    }

    async fn next_frame(&mut self, key: &DataKey) -> Result<Option<Bytes>, StorageError> {
        let Some(frame) = self.frames.next() else { return Ok(None) };
        self.fill(FRAME + TAG).await?;
        let take = self.buffer.len().min(FRAME + TAG);
        let sealed = self.buffer.split_to(take);
        let nonce = nonce(&self.prefix, frame.counter, frame.is_last);
        let plain = self
            .cipher
            .decrypt(&nonce, Payload { msg: &sealed, aad: &key.id })
            .map_err(|_| SealError::Broken)?;
        let plain = Bytes::from(plain);
        // What opened is as long as it was when it was sealed; an error costs less than a panic all the same.
        let fits = frame.wanted.end <= plain.len();
        Ok(Some(fits.then(|| plain.slice(frame.wanted)).ok_or(SealError::Broken)?))
    }
}

impl std::fmt::Debug for Blobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Blobs")
    }
}
