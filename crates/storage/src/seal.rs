//! The sealed form of small things: XChaCha20-Poly1305 under a data key.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::errors::SealError;

const VERSION: u8 = 1;
const KEY_ID: usize = 16;
const NONCE: usize = 24;
const HEAD: usize = 1 + KEY_ID + NONCE;

/// Sealed bytes: version (1), key id (16), nonce (24), ciphertext with tag.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes bytes from the database. Whether they open is told when they are opened.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// For the database.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For the database.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn key_id(&self) -> Result<[u8; KEY_ID], SealError> {
        if self.0.first() != Some(&VERSION) {
            return Err(SealError::Broken);
        }
        self.0.get(1..=KEY_ID).and_then(|id| id.try_into().ok()).ok_or(SealError::Broken)
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Seals `plain` under `key`. The same `aad` must be given to open it.
pub(crate) fn seal(
    key: &[u8; 32],
    key_id: [u8; KEY_ID],
    nonce: [u8; NONCE],
    aad: &[u8],
    plain: &[u8],
) -> Result<Sealed, SealError> {
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad })
        .map_err(|_| SealError::Broken)?;
    let mut bytes = Vec::with_capacity(HEAD + sealed.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&key_id);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed);
    Ok(Sealed(bytes))
}

/// Opens what [`seal`] made.
pub(crate) fn open(
    key: &[u8; 32],
    aad: &[u8],
    sealed: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if sealed.0.len() < HEAD {
        return Err(SealError::Broken);
    }
    let nonce = XNonce::from_slice(&sealed.0[1 + KEY_ID..HEAD]);
    XChaCha20Poly1305::new(key.into())
        .decrypt(nonce, Payload { msg: &sealed.0[HEAD..], aad })
        .map(Zeroizing::new)
        .map_err(|_| SealError::Broken)
}
