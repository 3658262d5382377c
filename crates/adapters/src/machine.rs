//! The machine under a journal: room on its file systems and their kind, who may write where, and whether the clock
//! follows a time server. What cannot be found out is said to be unknown.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// File systems that keep nothing over a restart.
const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];
/// File systems of another machine: locks and syncs on them are what that machine makes of them.
const FAR: [&str; 9] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs"];

/// What is known of a file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// On a disk of this machine, or what looks like one.
    Local(String),
    /// In memory: gone after a restart.
    Memory(String),
    /// Of another machine.
    Far(String),
    /// This system does not say.
    Unknown,
}

/// Bytes that this user may still write on the file system of `path`; none are known where the system does not say.
///
/// # Errors
/// If the path cannot be looked at.
pub fn free(path: &Path) -> io::Result<Option<u64>> {
    #[cfg(unix)]
    {
        let found = rustix::fs::statvfs(path)?;
        Ok(Some(found.f_bavail.saturating_mul(found.f_frsize)))
    }
    #[cfg(not(unix))]
    {
        std::fs::metadata(path).map(|_| None)
    }
}

/// Whether this user may make files in a folder. Nothing is written to find out.
///
/// # Errors
/// Why not.
pub fn may_write(folder: &Path) -> io::Result<()> {
    let found = std::fs::metadata(folder)?;
    if !found.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder"));
    }
    #[cfg(unix)]
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)?;
    Ok(())
}

/// What kind of file system a path lies on.
#[must_use]
pub fn file_system(path: &Path) -> FileSystem {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    kind(&mounts, &whole).map_or(FileSystem::Unknown, |kind| {
        let named = kind.to_owned();
        match kind {
            _ if IN_MEMORY.contains(&kind) => FileSystem::Memory(named),
            _ if FAR.contains(&kind) => FileSystem::Far(named),
            _ => FileSystem::Local(named),
        }
    })
}

/// The type of the mount that holds `path`, from lines as proc(5) describes them: the fifth word is where it is
/// mounted, the word after a lone dash its type. Of two mounts at one place the later hides the earlier.
fn kind<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mount = |line: &'a str| {
        let (front, back) = line.split_once(" - ")?;
        let at = PathBuf::from(unescaped(front.split(' ').nth(4)?));
        let kind = back.split(' ').next()?;
        path.starts_with(&at).then(|| (at.components().count(), kind))
    };
    mounts.lines().filter_map(mount).max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind)
}

/// Spaces and the like stand as a backslash and three octal digits.
fn unescaped(text: &str) -> String {
    let named = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    named.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// Whether the clock follows a time server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follows {
    /// It does.
    Yes,
    /// It runs free.
    No,
    /// Nobody on this machine could be asked.
    Unknown,
}

/// Asks systemd's `timedatectl`, which says what the kernel knows, whichever program sets the clock.
#[must_use]
pub fn clock_follows() -> Follows {
    let asked = Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]).output();
    match asked.ok().filter(|asked| asked.status.success()).map(|asked| asked.stdout) {
        Some(said) if said.trim_ascii() == b"yes" => Follows::Yes,
        Some(said) if said.trim_ascii() == b"no" => Follows::No,
        _ => Follows::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "22 1 8:1 / / rw,relatime shared:1 - ext4 sda1 rw\n\
                          30 22 0:26 / /fast rw,nosuid - tmpfs tmpfs rw\n\
                          31 22 0:27 / /books/two\\040words rw - nfs4 host:/books rw\n\
                          32 30 8:2 / /fast/kept rw master:3 - xfs sdb1 rw\n";

    #[test]
    fn the_deepest_mount_above_a_path_is_its_own() {
        for (path, found) in [
            ("/var/books", "ext4"),
            ("/fast/x", "tmpfs"),
            ("/fastfile", "ext4"),
            ("/fast/kept/x", "xfs"),
            ("/books/two words/x", "nfs4"),
        ] {
            assert_eq!(kind(MOUNTS, Path::new(path)), Some(found), "{path}");
        }
        assert_eq!(kind("", Path::new("/")), None);
    }

    #[test]
    fn a_folder_is_written_to_only_where_it_is_one() {
        let folder = tempfile::tempdir().unwrap();
        assert!(may_write(folder.path()).is_ok());
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(may_write(&file).unwrap_err().to_string(), "it is not a folder");
        assert!(may_write(&folder.path().join("none")).is_err());
        #[cfg(unix)]
        assert!(free(folder.path()).unwrap().is_some());
    }
}
