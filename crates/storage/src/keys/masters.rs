//! Master keys: what wraps the data keys. They are in neither database, but in a file or a variable.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Keys that are taken at once, at most. While one follows another there are two.
const MOST: usize = 8;

/// Why a text holds no master keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyProblem {
    /// Letters that base64 does not have.
    #[error("does not hold base64")]
    NotBase64,
    /// A key of another length.
    #[error("holds {0} bytes; 32 are needed")]
    Length(usize),
    /// Nothing.
    #[error("holds no key")]
    Empty,
    /// More than anybody needs.
    #[error("holds more than {MOST} keys")]
    TooMany,
    /// One key more than once.
    #[error("holds one key twice")]
    Twice,
    /// The file cannot be read.
    #[error("cannot be read")]
    Unreadable,
}

/// The master keys that there are, the present one first, and the file that they come from.
#[derive(Clone)]
pub struct MasterKeys {
    keys: Vec<Zeroizing<[u8; 32]>>,
    file: Option<PathBuf>,
}

impl MasterKeys {
    /// Out of a text: 32 bytes each in base64, with a line end or a comma between.
    pub fn parse(text: &str) -> Result<Self, MasterKeyProblem> {
        let mut keys: Vec<Zeroizing<[u8; 32]>> = Vec::new();
        for part in text.split(['\n', ',']).map(str::trim).filter(|part| !part.is_empty()) {
            let mut bytes = Zeroizing::new(Vec::with_capacity(48));
            STANDARD.decode_vec(part, &mut bytes).map_err(|_| MasterKeyProblem::NotBase64)?;
            let key = <[u8; 32]>::try_from(bytes.as_slice());
            let key = Zeroizing::new(key.map_err(|_| MasterKeyProblem::Length(bytes.len()))?);
            if keys.contains(&key) {
                return Err(MasterKeyProblem::Twice);
            }
            keys.push(key);
        }
        match keys.len() {
            0 => Err(MasterKeyProblem::Empty),
            count if count > MOST => Err(MasterKeyProblem::TooMany),
            _ => Ok(Self { keys, file: None }),
        }
    }

    /// Out of a file, one key in each line. The file is read again when a row names a key that was not in it.
    pub fn read(file: &Path) -> Result<Self, MasterKeyProblem> {
        let text = std::fs::read_to_string(file).map(Zeroizing::new);
        let keys = Self::parse(&text.map_err(|_| MasterKeyProblem::Unreadable)?)?;
        Ok(Self { file: Some(file.to_owned()), ..keys })
    }

    /// One key, from no file.
    pub fn of(key: [u8; 32]) -> Self {
        Self { keys: vec![Zeroizing::new(key)], file: None }
    }

    /// The file that they come from.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// How many there are; one at least.
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// Their names, as rows of the key store have them: they say nothing of the keys.
    pub fn names(&self) -> Vec<String> {
        self.keys.iter().map(|key| super::ring::name(key)).collect()
    }

    pub(crate) fn keys(&self) -> &[Zeroizing<[u8; 32]>] {
        &self.keys
    }

    /// With a key in front of the others.
    pub(crate) fn with_first(mut self, key: Zeroizing<[u8; 32]>) -> Self {
        self.keys.insert(0, key);
        self
    }

    /// The first one alone.
    pub(crate) fn first_alone(mut self) -> Self {
        self.keys.truncate(1);
        self
    }

    /// As a file holds them.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        // Reserved at once: a text that grows leaves copies of itself behind.
        let mut text = Zeroizing::new(String::with_capacity(self.keys.len() * 48));
        for key in &self.keys {
            STANDARD.encode_string(key.as_slice(), &mut text);
            text.push('\n');
        }
        text
    }
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKeys").field("count", &self.keys.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_lines_or_between_commas() {
        let (one, two) = (STANDARD.encode([1; 32]), STANDARD.encode([2; 32]));
        for text in [format!("{one}\n{two}\n"), format!("{one},{two}"), format!(" {one} \r\n{two}")]
        {
            let keys = MasterKeys::parse(&text).unwrap();
            assert_eq!(keys.count(), 2);
            assert_eq!(keys.keys()[0].as_slice(), [1; 32]);
            assert_eq!(MasterKeys::parse(&keys.to_text()).unwrap().count(), 2);
        }
        let wrong = |text: &str| MasterKeys::parse(text).unwrap_err();
        assert_eq!(wrong(""), MasterKeyProblem::Empty);
        assert_eq!(wrong("!"), MasterKeyProblem::NotBase64);
        assert_eq!(wrong("AAAA"), MasterKeyProblem::Length(3));
        assert_eq!(wrong(&format!("{one},{one}")), MasterKeyProblem::Twice);
        let many: Vec<_> = (0..9).map(|n| STANDARD.encode([n; 32])).collect();
        assert_eq!(wrong(&many.join(",")), MasterKeyProblem::TooMany);
        assert!(!format!("{:?}", MasterKeys::of([1; 32])).contains("1, 1"));
    }
}
