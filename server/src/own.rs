//! What this process asks of the system for itself.

use rustix::fs::Mode;
use rustix::process::{Resource, getrlimit, setrlimit, umask};

/// Files that it makes are its account's alone: database, keys, files that people sent, backups. And it takes as many open
/// files as it may have, since every connection is one; 1,024, which is where systemd begins, are fewer than it serves.
pub fn claim() {
    umask(Mode::RWXG | Mode::RWXO);
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where that is refused it works with fewer.
    let _ = setrlimit(Resource::Nofile, limit);
}
