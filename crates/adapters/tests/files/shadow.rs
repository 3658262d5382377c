//! The files of this system with a simulated disk as their shadow: every call is made on both, so that the real code
//! runs unchanged, and the disk says what would be left if the power went.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adapters::files::{Access, Begun, Files};
use simulation::disk::{Class, Disk, Drive, Failure, FileId, Op, folder_of};

#[derive(Clone)]
pub(crate) struct Shadow {
    root: PathBuf,
    drive: Arc<Mutex<Drive>>,
}

fn said<T>(done: Result<T, Failure>) -> io::Result<T> {
    done.map_err(|failure| match failure {
        Failure::Full => io::Error::from_raw_os_error(28),
        Failure::Io => io::Error::from_raw_os_error(5),
    })
}

impl Shadow {
    /// Of a folder, with what lies in it now.
    pub(crate) fn of(root: &Path) -> Shadow {
        let (mut disk, shadow) = (Disk::default(), Shadow { root: root.to_owned(), drive: Arc::default() });
        for path in walk(root) {
            let name = shadow.name(&path);
            disk.apply(&Op::Create(name.clone()));
            let file = disk.find(&name).expect("it was created");
            disk.apply(&Op::Write(file, 0, fs::read(&path).unwrap()));
            disk.apply(&Op::Sync(file));
            disk.apply(&Op::SyncFolder(folder_of(&name).to_owned()));
        }
        *shadow.drive() = Drive::new(disk);
        shadow
    }

    pub(crate) fn drive(&self) -> MutexGuard<'_, Drive> {
        self.drive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A path as the disk knows it.
    fn name(&self, path: &Path) -> String {
        let within = path.strip_prefix(&self.root).unwrap_or_else(|_| panic!("{}: not in the folder", path.display()));
        format!("/{}", within.display())
    }

    /// A file as the disk knows it; one that SQLite has written is taken over as it is.
    fn file(&self, path: &Path) -> io::Result<FileId> {
        let name = self.name(path);
        let mut drive = self.drive();
        if let Some(found) = drive.disk().find(&name) {
            return Ok(found);
        }
        let content = fs::read(path)?;
        let file = said(drive.open(&name))?;
        said(drive.perform(Op::Write(file, 0, content)))?;
        Ok(file)
    }
}

/// Writes the files and folders of a disk to a folder.
pub(crate) fn found(disk: &Disk, root: &Path) {
    let within = |name: &str| root.join(name.trim_start_matches('/'));
    disk.folders().for_each(|name| fs::create_dir_all(within(name)).unwrap());
    for name in disk.names() {
        let path = within(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, disk.content(disk.find(name).unwrap())).unwrap();
    }
}

/// Every file below a folder, rising.
pub(crate) fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

struct Open {
    shadow: Shadow,
    file: FileId,
    out: File,
    at: usize,
}

impl Write for Open {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.shadow.drive().perform(Op::Write(self.file, self.at, bytes.to_vec()));
        let length = match done {
            Ok(()) => bytes.len(),
            Err(_) => self.shadow.drive().disk().content(self.file).len().saturating_sub(self.at),
        };
        self.out.write_all(&bytes[..length])?;
        self.at += length;
        said(done).map(|()| length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Begun for Open {
    fn sync(&mut self) -> io::Result<()> {
        said(self.shadow.drive().sync(self.file, Class::File))
    }
}

impl Files for Shadow {
    fn vfs(&self) -> Option<&str> {
        None
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        let found = fs::metadata(path)?;
        Ok(found.is_file().then_some(found.len()))
    }

    fn start(&self, path: &Path, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = fs::read(path)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    fn begin(&self, path: &Path, _access: Access<'_>) -> io::Result<Box<dyn Begun>> {
        let name = self.name(path);
        let mut drive = self.drive();
        let file = said(drive.open(&name))?;
        if !drive.disk().content(file).is_empty() {
            said(drive.perform(Op::Resize(file, 0)))?;
        }
        Ok(Box::new(Open { shadow: self.clone(), file, out: File::create(path)?, at: 0 }))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        if path.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if !path.parent().is_some_and(Path::exists) {
            return Err(io::ErrorKind::NotFound.into());
        }
        said(self.drive().perform(Op::MakeFolder(self.name(path))))?;
        fs::create_dir(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if !path.exists() {
            return Err(io::ErrorKind::NotFound.into());
        }
        said(self.drive().perform(Op::Remove(self.name(path))))?;
        fs::remove_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.file(from)?;
        said(self.drive().perform(Op::Rename(self.name(from), self.name(to))))?;
        fs::rename(from, to)
    }

    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()> {
        if to.exists() { Err(io::ErrorKind::AlreadyExists.into()) } else { self.rename(from, to) }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let file = self.file(path)?;
        said(self.drive().sync(file, Class::File))
    }

    fn renew(&self, path: &Path) -> io::Result<()> {
        self.sync(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let name = self.name(path);
        said(self.drive().sync_folder(folder_of(&name)))
    }
}
