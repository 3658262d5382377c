//! SQLite's calls to its file system, answered by a simulated machine (sqlite.org/vfs.html).
//!
//! The one module with `unsafe` code: SQLite calls through C function pointers, and shares memory between connections.
//! What they do is in `machine`; here are only pointers and numbers. A panic in here ends the program.
#![allow(unsafe_code, reason = "SQLite's virtual file system is a C interface")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Once;

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};
use simulation::disk::{Class, Failure, FileId, Op, folder_of};

use super::machine::{Holder, Level, Shared, VFS, locked, machine_of, pass};

/// What SQLite allocates for an open file: its own part, then ours.
#[repr(C)]
struct Handle {
    base: sqlite3_file,
    open: *mut Open,
}

struct Open {
    machine: Shared,
    file: FileId,
    holder: Holder,
    name: String,
    /// The first sync of a log that may be new also syncs its name, as on Unix.
    sync_name: bool,
    remove_at_close: bool,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(map),
    xShmLock: Some(lock_index),
    xShmBarrier: Some(barrier),
    xShmUnmap: Some(unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Makes simulated machines known to SQLite, once a process.
pub(crate) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let name = CString::new(VFS).expect("no zero in it").into_raw();
        let vfs = Box::new(sqlite3_vfs {
            iVersion: 2,
            szOsFile: c_int::try_from(size_of::<Handle>()).expect("a few words"),
            mxPathname: 256,
            pNext: ptr::null_mut(),
            zName: name,
            pAppData: ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_path),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: None,
            xCurrentTimeInt64: Some(current_time_int64),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        });
        // SAFETY: the structure and its name are never freed.
        let answer = unsafe { ffi::sqlite3_vfs_register(Box::into_raw(vfs), 0) };
        assert_eq!(answer, ffi::SQLITE_OK);
    });
}

fn text<'a>(path: *const c_char) -> &'a str {
    // SAFETY: SQLite passes strings that end with a zero and outlive the call.
    unsafe { CStr::from_ptr(path) }.to_str().expect("paths are UTF-8")
}

fn opened<'a>(file: *mut sqlite3_file) -> &'a mut Open {
    // SAFETY: SQLite calls a method only on files that `open` has filled and `close` has not emptied, one at a time.
    unsafe { &mut *(*file.cast::<Handle>()).open }
}

fn code(done: Result<(), Failure>, io: c_int) -> c_int {
    match done {
        Ok(()) => ffi::SQLITE_OK,
        Err(Failure::Full) => ffi::SQLITE_FULL,
        Err(Failure::Io) => io,
    }
}

fn level(number: c_int) -> Level {
    [Level::None, Level::Shared, Level::Reserved, Level::Pending, Level::Exclusive]
        [usize::try_from(number).unwrap_or(0)]
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    path: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let handle = file.cast::<Handle>();
    // SAFETY: SQLite gives room for `szOsFile` bytes; no methods means that there is nothing to close.
    unsafe { (*handle).base.pMethods = ptr::null() };
    if path.is_null() {
        return ffi::SQLITE_CANTOPEN; // A temporary file, of which a journal needs none.
    }
    let name = text(path).to_owned();
    let Some(machine) = machine_of(&name) else { return ffi::SQLITE_CANTOPEN };
    let mut held = locked(&machine);
    let is_new = held.drive.disk().find(&name).is_none();
    if is_new && flags & ffi::SQLITE_OPEN_CREATE == 0 {
        return ffi::SQLITE_CANTOPEN;
    }
    let Ok(found) = held.drive.open(&name) else { return ffi::SQLITE_CANTOPEN };
    let holder = held.holder();
    drop(held);
    let sync_name = flags & ffi::SQLITE_OPEN_CREATE != 0 && Class::of(&name) == Class::Log;
    let remove_at_close = flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0;
    let open = Box::new(Open { machine, file: found, holder, name, sync_name, remove_at_close });
    // SAFETY: as above; `out` may be null.
    unsafe {
        (*handle).open = Box::into_raw(open);
        (*handle).base.pMethods = &raw const METHODS;
        if !out.is_null() {
            *out = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let handle = file.cast::<Handle>();
    // SAFETY: `open` made the box, and SQLite closes once.
    let open = unsafe { Box::from_raw((*handle).open) };
    let mut machine = locked(&open.machine);
    machine.unlock(open.file, open.holder, Level::None);
    machine.leave_index(open.file, open.holder);
    if open.remove_at_close {
        let _ = machine.drive.perform(Op::Remove(open.name.clone()));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, amount: c_int, at: i64) -> c_int {
    let open = opened(file);
    let machine = locked(&open.machine);
    let content = machine.drive.disk().content(open.file);
    let (at, amount) = (usize::try_from(at).unwrap_or(usize::MAX), usize::try_from(amount).unwrap_or(0));
    let found = &content[at.min(content.len())..at.saturating_add(amount).min(content.len())];
    // SAFETY: SQLite gives room for `amount` bytes, which overlaps nothing of ours.
    unsafe {
        ptr::copy_nonoverlapping(found.as_ptr(), to.cast(), found.len());
        ptr::write_bytes(to.cast::<u8>().add(found.len()), 0, amount - found.len());
    }
    if found.len() < amount { ffi::SQLITE_IOERR_SHORT_READ } else { ffi::SQLITE_OK }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, amount: c_int, at: i64) -> c_int {
    let open = opened(file);
    // SAFETY: SQLite passes `amount` bytes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(amount).unwrap_or(0)) };
    let op = Op::Write(open.file, usize::try_from(at).unwrap_or(0), bytes.to_vec());
    code(locked(&open.machine).drive.perform(op), ffi::SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, length: i64) -> c_int {
    let open = opened(file);
    let op = Op::Resize(open.file, usize::try_from(length).unwrap_or(0));
    code(locked(&open.machine).drive.perform(op), ffi::SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    let open = opened(file);
    let stall = locked(&open.machine).stall.take();
    if let Some(mut stall) = stall {
        pass(stall.microseconds);
        (stall.meanwhile)();
    }
    let mut machine = locked(&open.machine);
    let done = machine.drive.sync(open.file, Class::of(&open.name)).and_then(|()| match open.sync_name {
        true => machine.drive.sync_folder(folder_of(&open.name)),
        false => Ok(()),
    });
    open.sync_name &= done.is_err();
    code(done, ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn size(file: *mut sqlite3_file, out: *mut i64) -> c_int {
    let open = opened(file);
    let length = locked(&open.machine).drive.disk().content(open.file).len();
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *out = i64::try_from(length).unwrap_or(i64::MAX) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, wanted: c_int) -> c_int {
    let open = opened(file);
    let granted = locked(&open.machine).lock(open.file, open.holder, level(wanted));
    if granted { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, wanted: c_int) -> c_int {
    let open = opened(file);
    locked(&open.machine).unlock(open.file, open.holder, level(wanted));
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    let open = opened(file);
    let reserved = locked(&open.machine).is_reserved(open.file);
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *out = c_int::from(reserved) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn control(_: *mut sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

/// What SQLite's Unix file system says.
unsafe extern "C" fn sector_size(_: *mut sqlite3_file) -> c_int {
    4096
}

/// What SQLite's Unix file system says: a write changes no byte beside those written.
unsafe extern "C" fn characteristics(_: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn map(
    file: *mut sqlite3_file,
    number: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    let open = opened(file);
    let (number, size) = (usize::try_from(number).unwrap_or(0), usize::try_from(size).unwrap_or(0));
    let region = locked(&open.machine).region(open.file, open.holder, number, size, extend != 0);
    // SAFETY: SQLite passes a place for the answer. The region stays where it is until the last connection leaves.
    unsafe { *out = region.map_or(ptr::null_mut(), <*mut u8>::cast) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock_index(file: *mut sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    let open = opened(file);
    let mask = u8::try_from(((1u32 << count) - 1) << offset).expect("eight locks");
    let mut machine = locked(&open.machine);
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        machine.unlock_index(open.file, open.holder, mask);
        return ffi::SQLITE_OK;
    }
    let granted = machine.lock_index(open.file, open.holder, mask, flags & ffi::SQLITE_SHM_EXCLUSIVE != 0);
    if granted { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
}

unsafe extern "C" fn barrier(_: *mut sqlite3_file) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

unsafe extern "C" fn unmap(file: *mut sqlite3_file, _delete: c_int) -> c_int {
    let open = opened(file);
    locked(&open.machine).leave_index(open.file, open.holder);
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, path: *const c_char, sync_folder: c_int) -> c_int {
    let name = text(path);
    let Some(machine) = machine_of(name) else { return ffi::SQLITE_IOERR_DELETE };
    let mut machine = locked(&machine);
    if machine.drive.disk().find(name).is_none() {
        return ffi::SQLITE_IOERR_DELETE_NOENT;
    }
    let done = machine.drive.perform(Op::Remove(name.to_owned())).and_then(|()| match sync_folder {
        0 => Ok(()),
        _ => machine.drive.sync_folder(folder_of(name)),
    });
    code(done, ffi::SQLITE_IOERR_DELETE)
}

unsafe extern "C" fn access(_: *mut sqlite3_vfs, path: *const c_char, _flags: c_int, out: *mut c_int) -> c_int {
    let name = text(path);
    let found = machine_of(name).is_some_and(|machine| locked(&machine).drive.disk().find(name).is_some());
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *out = c_int::from(found) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_path(_: *mut sqlite3_vfs, path: *const c_char, room: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite passes a string that ends with a zero.
    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes_with_nul();
    if bytes.len() > usize::try_from(room).unwrap_or(0) {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: SQLite gives `room` bytes, and they are enough.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_: *mut sqlite3_vfs, room: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite gives `room` bytes.
    unsafe { ptr::write_bytes(out, 7, usize::try_from(room).unwrap_or(0)) };
    room
}

/// Whoever waits does so in simulated time.
unsafe extern "C" fn sleep(_: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    pass(i64::from(microseconds));
    microseconds
}

unsafe extern "C" fn current_time(_: *mut sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *out = 2_461_000.5 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_int64(_: *mut sqlite3_vfs, out: *mut i64) -> c_int {
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *out = 212_630_443_200_000 };
    ffi::SQLITE_OK
}
