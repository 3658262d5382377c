//! A disk in use.

use super::{Disk, FileId, Op};

/// Classes of syncs, by what a journal of SQLite's uses them for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Of a log: a name that ends with `-wal` or `-journal`.
    Log,
    /// Of any other file: the checkpoint of a database, a file before it is renamed.
    File,
    /// Of a folder's names.
    Folder,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 3] = [Class::Log, Class::File, Class::Folder];

    /// The class of a file by its name.
    #[must_use]
    pub fn of(name: &str) -> Class {
        if name.ends_with("-wal") || name.ends_with("-journal") { Class::Log } else { Class::File }
    }
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No room, and nothing is written.
    Full,
    /// Room for half of it.
    Short,
    /// The device fails; half of it is written.
    Io,
}

impl Trouble {
    /// Every way.
    pub const ALL: [Trouble; 3] = [Trouble::Full, Trouble::Short, Trouble::Io];
}

/// Which call fails, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The call, counted from 0: writes, resizes, syncs and changes of names.
    pub call: usize,
    /// How.
    pub trouble: Trouble,
    /// Whether all later calls fail too.
    pub lasts: bool,
}

/// What a caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No room.
    Full,
    /// The device failed.
    Io,
}

/// A disk, what was done to it, and how it misbehaves.
#[derive(Clone, Debug, Default)]
pub struct Drive {
    disk: Disk,
    log: Vec<Op>,
    calls: usize,
    /// The call that is to fail.
    pub fault: Option<Fault>,
    /// Syncs of this class are acknowledged and not made.
    pub skipped: Option<Class>,
}

impl Drive {
    /// A drive with this disk in it.
    #[must_use]
    pub fn new(disk: Disk) -> Drive {
        Drive { disk, ..Drive::default() }
    }

    /// The disk.
    #[must_use]
    pub const fn disk(&self) -> &Disk {
        &self.disk
    }

    /// What was done, in order.
    #[must_use]
    pub fn log(&self) -> &[Op] {
        &self.log
    }

    /// Calls so far, failed ones too.
    #[must_use]
    pub const fn calls(&self) -> usize {
        self.calls
    }

    /// Creates the file if it is not there, and gives its number.
    ///
    /// # Errors
    /// [`Failure`] if this call is to fail.
    pub fn open(&mut self, name: &str) -> Result<FileId, Failure> {
        if let Some(found) = self.disk.find(name) {
            return Ok(found);
        }
        self.perform(Op::Create(name.to_owned()))?;
        Ok(self.disk.find(name).unwrap_or(FileId(0)))
    }

    /// Syncs a file, unless it is of the class that is skipped.
    ///
    /// # Errors
    /// [`Failure`] if this call is to fail.
    pub fn sync(&mut self, file: FileId, class: Class) -> Result<(), Failure> {
        if self.skipped == Some(class) { Ok(()) } else { self.perform(Op::Sync(file)) }
    }

    /// Syncs a folder, unless folders are skipped.
    ///
    /// # Errors
    /// [`Failure`] if this call is to fail.
    pub fn sync_folder(&mut self, folder: &str) -> Result<(), Failure> {
        if self.skipped == Some(Class::Folder) { Ok(()) } else { self.perform(Op::SyncFolder(folder.to_owned())) }
    }

    /// Does one thing, or fails as planned.
    ///
    /// # Errors
    /// [`Failure`] if this call is to fail.
    pub fn perform(&mut self, op: Op) -> Result<(), Failure> {
        let call = self.calls;
        self.calls += 1;
        let Some(fault) = self.fault.filter(|f| f.call == call || f.lasts && f.call < call) else {
            self.keep(op);
            return Ok(());
        };
        match op {
            Op::Write(file, at, mut bytes) if fault.trouble != Trouble::Full => {
                bytes.truncate(bytes.len() / 2);
                self.keep(Op::Write(file, at, bytes));
            }
            Op::Sync(file) => self.keep(Op::SyncFailed(file)),
            _ => {}
        }
        Err(if fault.trouble == Trouble::Io { Failure::Io } else { Failure::Full })
    }

    fn keep(&mut self, op: Op) {
        self.disk.apply(&op);
        self.log.push(op);
    }
}
