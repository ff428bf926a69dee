//! A folder of backups: their names say what they are of and when they were made, and old ones go (P28).

use std::io;
use std::path::{Path, PathBuf};

use domain::time::Millis;

use super::archive::is_end_of_part;
use super::frames::Contents;
use crate::errors::StorageError;

const SECOND: i64 = 1000;
const DAY: i64 = 24 * 3600 * SECOND;
/// How long backups of the content are kept (P28).
const CONTENT_DAYS: i64 = 30;
/// How long backups of the key store are kept: this long a destroyed key is still somewhere.
const KEYS_DAYS: i64 = 7;
/// Digits of the seconds in a name, as [`Folder::place`] writes them.
const DIGITS: usize = 12;

/// When a backup was made, as its name says.
pub type MadeAt = Millis;

/// A folder of backups.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

const fn prefix(contents: Contents) -> &'static str {
    match contents {
        Contents::Content => "wardesk-content-",
        Contents::Keys => "wardesk-keys-",
    }
}

const fn days(contents: Contents) -> i64 {
    match contents {
        Contents::Content => CONTENT_DAYS,
        Contents::Keys => KEYS_DAYS,
    }
}

/// What a file's name says.
#[derive(Debug, Clone, Copy)]
struct Named {
    contents: Contents,
    at: Millis,
    /// Whether it has the name that only a whole one has.
    whole: bool,
}

fn read(name: &str) -> Option<Named> {
    let of = |contents| name.strip_prefix(prefix(contents)).map(|rest| (contents, rest));
    let (contents, rest) = of(Contents::Content).or_else(|| of(Contents::Keys))?;
    let (seconds, end) = rest.split_at_checked(DIGITS)?;
    // Exactly what `place` writes: another name is somebody's own.
    if !seconds.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let end = end.strip_prefix(".age")?;
    if !end.is_empty() && !is_end_of_part(end) {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    Some(Named { contents, at: Millis(seconds.checked_mul(SECOND)?), whole: end.is_empty() })
}

impl Folder {
    /// The folder at this path, made if it is not there.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        std::fs::create_dir_all(path).map_err(StorageError::Files)?;
        Ok(Self(path.to_owned()))
    }

    /// Where a backup of these contents goes that is made now: the name holds the seconds since 1970.
    pub fn place(&self, contents: Contents, now: Millis) -> PathBuf {
        self.0.join(format!("{}{:012}.age", prefix(contents), now.0.div_euclid(SECOND)))
    }

    /// When the newest backup of these contents was made, if not later than now.
    pub fn newest(&self, contents: Contents, now: Millis) -> Result<Option<MadeAt>, StorageError> {
        let all = self.all()?.into_iter().map(|(_, named)| named);
        let whole = all.filter(|one| one.contents == contents && one.whole && one.at.0 <= now.0);
        Ok(whole.map(|one| one.at).max_by_key(|at| at.0))
    }

    /// Removes backups whose time is over, and what processes left that were killed while they made one. Answers how
    /// many files. The last ones go as well when no new ones follow: that nothing is kept longer is a promise (P28).
    pub fn prune(&self, now: Millis) -> Result<u64, StorageError> {
        let mut removed = 0;
        for (path, named) in self.all()? {
            let keep = if named.whole { days(named.contents) * DAY } else { DAY };
            if now.since(named.at) >= keep {
                match std::fs::remove_file(path) {
                    Ok(()) => removed += 1,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(StorageError::Files(error)),
                }
            }
        }
        Ok(removed)
    }

    fn all(&self) -> Result<Vec<(PathBuf, Named)>, StorageError> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(StorageError::Files)? {
            let entry = entry.map_err(StorageError::Files)?;
            if let Some(found) = entry.file_name().to_str().and_then(read) {
                all.push((entry.path(), found));
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_goes_after_30_days_keys_after_7_and_strangers_stay() {
        let folder = tempfile::tempdir().unwrap();
        let backups = Folder::open(folder.path()).unwrap();
        let now = Millis(1_800_000_000_000);
        let write = |path: &Path| std::fs::write(path, "x").unwrap();
        for contents in [Contents::Content, Contents::Keys] {
            for age in [0, 6, 7, 29, 30, 31] {
                write(&backups.place(contents, Millis(now.0 - age * DAY)));
            }
        }
        for name in
            ["wardesk-content-x.age", "wardesk-content-1.age", "wardesk-content-000000000001.tar"]
        {
            write(&folder.path().join(name));
        }
        let part = backups.place(Contents::Content, Millis(now.0 - DAY));
        write(&part.with_extension("age.part"));
        let fresh = backups.place(Contents::Content, Millis(now.0 - 1000));
        write(&fresh.with_extension("age.0123456789abcdef.part"));
        assert_eq!(backups.newest(Contents::Keys, now).unwrap(), Some(now));
        assert_eq!(
            backups.newest(Contents::Keys, Millis(now.0 - 1)).unwrap(),
            Some(Millis(now.0 - 6 * DAY))
        );
        assert_eq!(backups.prune(now).unwrap(), 2 + 4 + 1);
        let ages = |contents| {
            let mut ages: Vec<i64> = backups
                .all()
                .unwrap()
                .into_iter()
                .filter(|(_, one)| one.contents == contents && one.whole)
                .map(|(_, one)| (now.0 - one.at.0) / DAY)
                .collect();
            ages.sort_unstable();
            ages
        };
        assert_eq!(ages(Contents::Content), [0, 6, 7, 29]);
        assert_eq!(ages(Contents::Keys), [0, 6]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4 + 2 + 3 + 1);
        // Long after the last one was made.
        let late = Millis(now.0 + 100 * DAY);
        assert_eq!(backups.prune(late).unwrap(), 4 + 2 + 1);
        assert_eq!(ages(Contents::Content), [0; 0]);
        assert_eq!(ages(Contents::Keys), [0; 0]);
    }
}
