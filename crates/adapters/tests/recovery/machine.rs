//! A simulated machine: a drive, the locks that its programs hold, the memory that they share, and a clock.
//! All of it but the drive's disk is gone after a cut.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adapters::files::{Access, Begun, Files};
use simulation::disk::{Class, Disk, Drive, Failure, FileId, Op, folder_of};

/// The name by which SQLite knows simulated machines.
pub(crate) const VFS: &str = "simulated";

/// Locks on a database, weakest first, as SQLite numbers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    #[default]
    None,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

/// One open file of one connection.
pub(crate) type Holder = u64;

/// What one connection holds of the eight locks on a log's index.
#[derive(Clone, Copy, Default)]
struct Held {
    shared: u8,
    exclusive: u8,
}

/// The index of one write-ahead log.
#[derive(Default)]
struct Index {
    regions: Vec<Box<[UnsafeCell<u8>]>>,
    held: BTreeMap<Holder, Held>,
}

thread_local! {
    /// Microseconds that have passed on a test's machines: SQLite does not say on which of them somebody sleeps.
    static PASSED: Cell<i64> = const { Cell::new(0) };
}

/// Lets simulated time pass.
pub(crate) fn pass(microseconds: i64) {
    PASSED.set(PASSED.get() + microseconds);
}

/// Simulated time, in microseconds.
pub(crate) fn clock() -> i64 {
    PASSED.get()
}

type Hook = Box<dyn FnMut() + Send>;

/// What happens inside a sync, once: the disk stands still for so long, and somebody looks.
pub(crate) struct Stall {
    pub(crate) microseconds: i64,
    pub(crate) meanwhile: Hook,
}

#[derive(Default)]
pub(crate) struct Machine {
    pub(crate) drive: Drive,
    pub(crate) stall: Option<Stall>,
    holders: Holder,
    levels: BTreeMap<(FileId, Holder), Level>,
    indices: BTreeMap<FileId, Index>,
}

impl Machine {
    pub(crate) fn holder(&mut self) -> Holder {
        self.holders += 1;
        self.holders
    }

    fn others(&self, file: FileId, holder: Holder) -> impl Iterator<Item = Level> {
        let of_file = self.levels.range((file, 0)..=(file, Holder::MAX));
        of_file.filter(move |((_, other), _)| *other != holder).map(|(_, level)| *level)
    }

    /// Raises a lock; false where another connection is in the way.
    pub(crate) fn lock(&mut self, file: FileId, holder: Holder, wanted: Level) -> bool {
        let strongest = self.others(file, holder).max().unwrap_or_default();
        let (granted, level) = match wanted {
            Level::Shared => (strongest < Level::Pending, Level::Shared),
            Level::Exclusive if strongest < Level::Reserved => match strongest {
                Level::None => (true, Level::Exclusive),
                _ => (false, Level::Pending),
            },
            _ => (strongest < Level::Reserved, wanted),
        };
        if granted || level == Level::Pending {
            let held = self.levels.entry((file, holder)).or_default();
            *held = level.max(*held);
        }
        granted
    }

    pub(crate) fn unlock(&mut self, file: FileId, holder: Holder, level: Level) {
        if level == Level::None {
            self.levels.remove(&(file, holder));
        } else {
            self.levels.insert((file, holder), level);
        }
    }

    pub(crate) fn is_reserved(&self, file: FileId) -> bool {
        self.others(file, 0).any(|level| level >= Level::Reserved)
    }

    /// The shared memory of a log's index, region by region of `size` bytes; none where it is not there and not wanted.
    pub(crate) fn region(
        &mut self,
        file: FileId,
        holder: Holder,
        number: usize,
        size: usize,
        extend: bool,
    ) -> Option<*mut u8> {
        let index = self.indices.entry(file).or_default();
        index.held.entry(holder).or_default();
        while index.regions.len() <= number {
            if !extend {
                return None;
            }
            index.regions.push((0..size).map(|_| UnsafeCell::new(0)).collect());
        }
        index.regions[number].first().map(UnsafeCell::get)
    }

    /// Takes locks on a log's index; false where another connection is in the way.
    pub(crate) fn lock_index(&mut self, file: FileId, holder: Holder, mask: u8, exclusive: bool) -> bool {
        let index = self.indices.entry(file).or_default();
        let others = index.held.iter().filter(|(other, _)| **other != holder);
        let taken = others.fold(0, |all, (_, h)| all | h.exclusive | if exclusive { h.shared } else { 0 });
        if taken & mask != 0 {
            return false;
        }
        let held = index.held.entry(holder).or_default();
        if exclusive {
            held.exclusive |= mask;
        } else {
            held.shared |= mask;
        }
        true
    }

    pub(crate) fn unlock_index(&mut self, file: FileId, holder: Holder, mask: u8) {
        if let Some(held) = self.indices.get_mut(&file).and_then(|index| index.held.get_mut(&holder)) {
            held.shared &= !mask;
            held.exclusive &= !mask;
        }
    }

    /// Forgets an index when its last connection leaves it.
    pub(crate) fn leave_index(&mut self, file: FileId, holder: Holder) {
        if let Some(index) = self.indices.get_mut(&file) {
            index.held.remove(&holder);
            if index.held.is_empty() {
                self.indices.remove(&file);
            }
        }
    }
}

pub(crate) type Shared = Arc<Mutex<Machine>>;

pub(crate) fn locked(machine: &Shared) -> MutexGuard<'_, Machine> {
    machine.lock().unwrap_or_else(PoisonError::into_inner)
}

type Mounts = BTreeMap<String, Shared>;

thread_local! {
    /// Machines by the first part of the paths on their disks: a test sees its own.
    static OWN: RefCell<Mounts> = const { RefCell::new(BTreeMap::new()) };
}

/// Those that other threads of a test see.
static COMMON: Mutex<Mounts> = Mutex::new(BTreeMap::new());

/// The machine whose disk a path lies on.
pub(crate) fn machine_of(path: &str) -> Option<Shared> {
    let mount = path.strip_prefix('/')?.split('/').next()?;
    let own = OWN.with_borrow(|mounts| mounts.get(mount).cloned());
    own.or_else(|| COMMON.lock().unwrap_or_else(PoisonError::into_inner).get(mount).cloned())
}

/// A machine with its disk mounted as `/mount`, in the place of the one before.
#[derive(Clone)]
pub(crate) struct Mounted {
    pub(crate) machine: Shared,
}

impl Mounted {
    pub(crate) fn new(mount: &str, disk: Disk) -> Mounted {
        super::vfs::register();
        let machine = Machine { drive: Drive::new(disk), ..Machine::default() };
        let machine = Arc::new(Mutex::new(machine));
        OWN.with_borrow_mut(|mounts| mounts.insert(mount.to_owned(), Arc::clone(&machine)));
        Mounted { machine }
    }

    /// The same for every thread of this process, under a name that no other test has.
    pub(crate) fn for_all_threads(self, mount: &str) -> Mounted {
        let machine = Arc::clone(&self.machine);
        COMMON.lock().unwrap_or_else(PoisonError::into_inner).insert(mount.to_owned(), machine);
        self
    }

    fn file(&self, path: &Path) -> io::Result<(String, FileId)> {
        let name = path.to_str().ok_or(io::ErrorKind::InvalidFilename)?.to_owned();
        let found = locked(&self.machine).drive.disk().find(&name).ok_or(io::ErrorKind::NotFound)?;
        Ok((name, found))
    }
}

fn kind(failure: Failure) -> io::Error {
    match failure {
        Failure::Full => io::ErrorKind::StorageFull.into(),
        Failure::Io => io::Error::other("input/output error"),
    }
}

fn said(done: Result<(), Failure>) -> io::Result<()> {
    done.map_err(kind)
}

/// A file that was begun on a simulated machine.
struct Open {
    machine: Shared,
    file: FileId,
    class: Class,
    at: usize,
}

impl io::Write for Open {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        said(locked(&self.machine).drive.perform(Op::Write(self.file, self.at, bytes.to_vec())))?;
        self.at += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Begun for Open {
    fn sync(&mut self) -> io::Result<()> {
        said(locked(&self.machine).drive.sync(self.file, self.class))
    }
}

impl Files for Mounted {
    fn vfs(&self) -> Option<&str> {
        Some(VFS)
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        let (_, file) = self.file(path)?;
        Ok(Some(locked(&self.machine).drive.disk().content(file).len() as u64))
    }

    fn start(&self, path: &Path, count: usize) -> io::Result<Vec<u8>> {
        let (_, file) = self.file(path)?;
        let machine = locked(&self.machine);
        let content = machine.drive.disk().content(file);
        Ok(content[..count.min(content.len())].to_vec())
    }

    fn begin(&self, path: &Path, _access: Access<'_>) -> io::Result<Box<dyn Begun>> {
        let name = path.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
        let mut machine = locked(&self.machine);
        let file = machine.drive.open(name).map_err(kind)?;
        if !machine.drive.disk().content(file).is_empty() {
            said(machine.drive.perform(Op::Resize(file, 0)))?;
        }
        Ok(Box::new(Open { machine: Arc::clone(&self.machine), file, class: Class::of(name), at: 0 }))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let name = path.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
        let drive = &mut locked(&self.machine).drive;
        let is_mount = folder_of(name).is_empty();
        if is_mount || drive.disk().folders().any(|folder| folder == name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        said(drive.perform(Op::MakeFolder(name.to_owned())))
    }

    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.file(to).is_ok() { Err(io::ErrorKind::AlreadyExists.into()) } else { self.rename(from, to) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let (name, _) = self.file(path)?;
        said(locked(&self.machine).drive.perform(Op::Remove(name)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, _) = self.file(from)?;
        let to = to.to_str().ok_or(io::ErrorKind::InvalidFilename)?.to_owned();
        said(locked(&self.machine).drive.perform(Op::Rename(from, to)))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let (name, file) = self.file(path)?;
        said(locked(&self.machine).drive.sync(file, Class::of(&name)))
    }

    fn renew(&self, path: &Path) -> io::Result<()> {
        let (name, file) = self.file(path)?;
        let drive = &mut locked(&self.machine).drive;
        let held = drive.disk().content(file).to_vec();
        said(drive.perform(Op::Write(file, 0, held)).and_then(|()| drive.sync(file, Class::of(&name))))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let folder = folder_of(path.to_str().ok_or(io::ErrorKind::InvalidFilename)?);
        said(locked(&self.machine).drive.sync_folder(folder))
    }
}
