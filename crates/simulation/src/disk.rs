//! A disk that keeps what was synced and, when the power goes, some of the rest.
//!
//! Files are read as they were last written. Beneath them lies what would be left after a cut: every sector that was
//! written since the file's last sync may hold any of the contents that it had meanwhile, or a mixture of two; the
//! file's length may be any that it had; and a file's name, or its disappearance, lasts once the folder was synced. So
//! does a folder, with all that is in it, once the folder around it was.
//! Sectors and names are lost independently of each other, which is more than most file systems would do.
//!
//! [`Drive`] is a disk in use: it keeps the log of what was done, so that a cut can be tried after every entry, fails
//! where it is told to, and can lie about one class of syncs.

mod drive;
mod file;

use std::collections::{BTreeMap, BTreeSet};

use crate::rng::Rng;
use file::File;

pub use drive::{Class, Drive, Failure, Fault, Trouble};

/// Bytes that reach the disk together, or torn at one place.
pub const SECTOR: usize = 512;

/// Which file: its number in the order in which files were created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(usize);

/// One thing done to a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A new, empty file takes a name that is free.
    Create(String),
    /// A new folder takes a name that is free. Folders of which none was made this way have always been there.
    MakeFolder(String),
    /// A name goes; whoever has the file open still has it.
    Remove(String),
    /// A file takes another name, and whatever had that name loses it.
    Rename(String, String),
    /// Bytes are written at a place.
    Write(FileId, usize, Vec<u8>),
    /// The file gets another length.
    Resize(FileId, usize),
    /// What the file holds lasts from now on.
    Sync(FileId),
    /// A sync failed: what it was to write is read back as if it had been written, but no later sync will write it
    /// (Rebello and others, "Can applications recover from fsync failures?", 2020).
    SyncFailed(FileId),
    /// The names in a folder last from now on.
    SyncFolder(String),
}

/// What a cut leaves of all that was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Lost,
    /// Everything.
    Kept,
    /// Each sector and each name its own: kept, lost or torn.
    Mixed,
}

#[derive(Clone, Debug)]
enum Change {
    Folder(String),
    Link(String, usize),
    Unlink(String),
    Rename(String, String, usize),
}

/// What has a name.
#[derive(Clone, Debug, Default)]
struct Names {
    files: BTreeMap<String, usize>,
    folders: BTreeSet<String>,
}

/// Files and their names. Names are whole paths, parted by `/`.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    files: Vec<File>,
    names: Names,
    lasting: Names,
    changes: Vec<Change>,
}

/// The folder that a path lies in.
#[must_use]
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl Change {
    fn folder(&self) -> &str {
        match self {
            Change::Folder(name) | Change::Link(name, _) | Change::Unlink(name) | Change::Rename(_, name, _) => {
                folder_of(name)
            }
        }
    }

    fn make(&self, names: &mut Names) {
        let Names { files, folders } = names;
        match self {
            Change::Folder(name) => {
                folders.insert(name.clone());
            }
            Change::Link(name, file) => {
                files.insert(name.clone(), *file);
            }
            Change::Unlink(name) => {
                files.remove(name);
            }
            Change::Rename(from, to, file) => {
                files.remove(from);
                files.insert(to.clone(), *file);
            }
        }
    }
}

impl Names {
    /// Whether all folders around a name are there, of those that were `made`.
    fn reach(&self, name: &str, made: &BTreeSet<String>) -> bool {
        let mut around = name.match_indices('/').map(|(at, _)| &name[..at]);
        around.all(|folder| self.folders.contains(folder) || !made.contains(folder))
    }
}

impl Disk {
    /// The file of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<FileId> {
        self.names.files.get(name).copied().map(FileId)
    }

    /// The names of all files, rising.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.files.keys().map(String::as_str)
    }

    /// The folders that were made, rising.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.names.folders.iter().map(String::as_str)
    }

    /// What a file holds, as its readers see it.
    #[must_use]
    pub fn content(&self, file: FileId) -> &[u8] {
        self.files[file.0].content()
    }

    /// Does one thing. A name that is not there makes it do nothing.
    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::Create(name) => {
                let file = self.files.len();
                self.files.push(File::default());
                self.change(Change::Link(name.clone(), file));
            }
            Op::MakeFolder(name) => self.change(Change::Folder(name.clone())),
            Op::Remove(name) => {
                if self.names.files.contains_key(name) {
                    self.change(Change::Unlink(name.clone()));
                }
            }
            Op::Rename(from, to) => {
                if let Some(file) = self.names.files.get(from).copied() {
                    self.change(Change::Rename(from.clone(), to.clone(), file));
                }
            }
            Op::Write(file, at, bytes) => self.files[file.0].write(*at, bytes),
            Op::Resize(file, length) => self.files[file.0].resize(*length),
            Op::Sync(file) => self.files[file.0].sync(),
            Op::SyncFailed(file) => self.files[file.0].fail_sync(),
            Op::SyncFolder(folder) => {
                let (synced, rest) = std::mem::take(&mut self.changes).into_iter().partition(|c| c.folder() == folder);
                let synced: Vec<Change> = synced;
                synced.iter().for_each(|change| change.make(&mut self.lasting));
                self.changes = rest;
            }
        }
    }

    fn change(&mut self, change: Change) {
        change.make(&mut self.names);
        self.changes.push(change);
    }

    /// The disk as it is found after the power went now.
    #[must_use]
    pub fn cut(&self, fate: Fate, rng: &mut Rng) -> Disk {
        let mut left = self.lasting.clone();
        let ordered = rng.next_u64().is_multiple_of(2);
        let upto = rng.below(self.changes.len() + 1);
        for (at, change) in self.changes.iter().enumerate() {
            let lasts = match fate {
                Fate::Lost => false,
                Fate::Kept => true,
                // A file system with a journal of its own keeps the order; one without need not.
                Fate::Mixed if ordered => at < upto,
                Fate::Mixed => rng.next_u64().is_multiple_of(2),
            };
            if lasts {
                change.make(&mut left);
            }
        }
        let keen = [32, 128, 224][rng.below(3)];
        let mut disk = Disk::default();
        let made = &self.names.folders;
        for (name, file) in left.files.iter().filter(|(name, _)| left.reach(name, made)) {
            let file = *file;
            let content = match fate {
                Fate::Lost => self.files[file].kept().to_vec(),
                Fate::Kept => self.files[file].content().to_vec(),
                Fate::Mixed => self.files[file].torn(keen, rng),
            };
            disk.names.files.insert(name.clone(), disk.files.len());
            disk.files.push(File::lasting(content));
        }
        disk.names.folders = left.folders.iter().filter(|name| left.reach(name, made)).cloned().collect();
        disk.lasting = disk.names.clone();
        disk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(disk: &mut Disk, name: &str, at: usize, bytes: &[u8]) -> FileId {
        if disk.find(name).is_none() {
            disk.apply(&Op::Create(name.to_owned()));
        }
        let file = disk.find(name).expect("it was created");
        disk.apply(&Op::Write(file, at, bytes.to_vec()));
        file
    }

    fn found(disk: &Disk, name: &str) -> Option<Vec<u8>> {
        disk.find(name).map(|file| disk.content(file).to_vec())
    }

    #[test]
    fn what_was_synced_lasts_and_the_rest_need_not() {
        let mut disk = Disk::default();
        let file = write(&mut disk, "/a/x", 0, &[1; 700]);
        let mut rng = Rng::new(1);
        assert_eq!(found(&disk.cut(Fate::Lost, &mut rng), "/a/x"), None, "its name was not synced");
        disk.apply(&Op::SyncFolder("/a".to_owned()));
        assert_eq!(found(&disk.cut(Fate::Lost, &mut rng), "/a/x"), Some(vec![]), "its content was not synced");
        disk.apply(&Op::Sync(file));
        write(&mut disk, "/a/x", 600, &[2; 200]);
        assert_eq!(found(&disk.cut(Fate::Lost, &mut rng), "/a/x"), Some(vec![1; 700]));
        let now = found(&disk, "/a/x").unwrap();
        assert_eq!(found(&disk.cut(Fate::Kept, &mut rng), "/a/x"), Some(now.clone()));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2_000 {
            let left = found(&disk.cut(Fate::Mixed, &mut rng), "/a/x").unwrap();
            assert!(left.iter().zip(&now).all(|(l, n)| *l == 1 || l == n || *l == 0), "{left:?}");
            assert!(left[..600] == now[..600] && [700, 800].contains(&left.len()));
            seen.insert(left);
        }
        assert!(seen.len() > 20, "lost, kept, torn, long and short: {}", seen.len());
    }

    #[test]
    fn a_rename_is_whole_or_not_at_all() {
        let mut disk = Disk::default();
        for (name, byte) in [("/a/new", 1), ("/a/old", 2)] {
            let file = write(&mut disk, name, 0, &[byte; 3]);
            disk.apply(&Op::Sync(file));
        }
        disk.apply(&Op::SyncFolder("/a".to_owned()));
        disk.apply(&Op::Rename("/a/new".to_owned(), "/a/old".to_owned()));
        disk.apply(&Op::SyncFolder("/b".to_owned()));
        let mut rng = Rng::new(1);
        for _ in 0..100 {
            let left = disk.cut(Fate::Mixed, &mut rng);
            let both = (found(&left, "/a/new"), found(&left, "/a/old"));
            let (before, after) = ((Some(vec![1; 3]), Some(vec![2; 3])), (None, Some(vec![1; 3])));
            assert!(both == before || both == after, "{both:?}");
        }
    }

    #[test]
    fn a_folder_goes_with_all_that_is_in_it() {
        let mut disk = Disk::default();
        disk.apply(&Op::MakeFolder("/a/b".to_owned()));
        let file = write(&mut disk, "/a/b/x", 0, &[1; 3]);
        disk.apply(&Op::Sync(file));
        disk.apply(&Op::SyncFolder("/a/b".to_owned()));
        let mut rng = Rng::new(1);
        let left = disk.cut(Fate::Lost, &mut rng);
        assert_eq!((found(&left, "/a/b/x"), left.folders().count()), (None, 0), "the folder's own name was not synced");
        let seen: BTreeSet<bool> =
            (0..100).map(|_| found(&disk.cut(Fate::Mixed, &mut rng), "/a/b/x").is_some()).collect();
        assert_eq!(seen.len(), 2, "kept and lost");
        disk.apply(&Op::SyncFolder("/a".to_owned()));
        let left = disk.cut(Fate::Lost, &mut rng);
        assert_eq!((found(&left, "/a/b/x"), left.folders().count()), (Some(vec![1; 3]), 1));
    }

    #[test]
    fn what_a_failed_sync_left_no_later_sync_writes() {
        let mut disk = Disk::default();
        let file = write(&mut disk, "/x", 0, &[1; 600]);
        disk.apply(&Op::SyncFolder(String::new()));
        disk.apply(&Op::SyncFailed(file));
        disk.apply(&Op::Sync(file));
        let mut rng = Rng::new(1);
        assert_eq!(found(&disk, "/x"), Some(vec![1; 600]), "it is read back");
        assert_eq!(found(&disk.cut(Fate::Lost, &mut rng), "/x"), Some(vec![0; 600]), "and gone after a cut");
        write(&mut disk, "/x", 0, &[1; 600]);
        disk.apply(&Op::Sync(file));
        assert_eq!(found(&disk.cut(Fate::Lost, &mut rng), "/x"), Some(vec![1; 600]), "unless it is written again");
    }

    #[test]
    fn a_call_fails_as_planned_and_half_of_it_may_be_done() {
        for (trouble, length) in [(Trouble::Full, 0), (Trouble::Short, 5), (Trouble::Io, 5)] {
            let mut drive = Drive::default();
            drive.fault = Some(Fault { call: 1, trouble, lasts: false });
            let file = drive.open("/x").unwrap();
            assert!(drive.perform(Op::Write(file, 0, vec![1; 10])).is_err());
            assert_eq!(drive.disk().content(file).len(), length);
            assert_eq!(drive.perform(Op::Write(file, 0, vec![1; 10])), Ok(()));
            drive.skipped = Some(Class::File);
            assert_eq!(drive.sync(file, Class::File), Ok(()));
            assert_eq!(drive.log().last(), Some(&Op::Write(file, 0, vec![1; 10])), "no sync was made");
        }
    }
}
