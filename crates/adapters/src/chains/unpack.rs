//! Bytes out of files and archives, within bounds: a packed file cannot fill the memory.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;

use crate::fault::{DataError, Fault};

/// Largest member of an archive that is read, bytes; the largest seen are a tenth of it.
const MOST_OF_MEMBER: u64 = 8 << 20;
/// Largest file that is read, unpacked, bytes.
const MOST_OF_FILE: u64 = 1 << 30;

/// Whether a file is a tar archive packed by xz, by its name.
pub(super) fn is_archive(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".tar.xz")
}

/// Opens a file of option chains.
pub(super) fn open(path: &Path) -> Result<BufReader<File>, DataError> {
    let file = File::open(path).map_err(|error| unreadable(path, &error, "a file of option chains"))?;
    Ok(BufReader::new(file))
}

/// The bytes of a file, unpacked if its name ends in `.gz`.
pub(super) fn bytes(path: &Path, file: impl Read) -> Result<Vec<u8>, DataError> {
    let packed = path.extension().is_some_and(|e| e == "gz");
    let expected = if packed { "a file packed by gzip" } else { "a file of option chains" };
    let read = if packed { whole(MultiGzDecoder::new(file), MOST_OF_FILE) } else { whole(file, MOST_OF_FILE) };
    read.map_err(|error| unreadable(path, &error, expected))
}

/// Each `.csv` of a tar archive packed by xz: its name for messages, and its bytes.
pub(super) fn tar_xz<E: From<DataError>>(
    archive: &Path,
    file: impl Read,
    mut each: impl FnMut(PathBuf, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let refuse = |error: io::Error| unreadable(archive, &error, "a tar archive packed by xz");
    let mut unpacked = tar::Archive::new(XzReader::new(file, false));
    for entry in unpacked.entries().map_err(refuse)? {
        let entry = entry.map_err(refuse)?;
        let path = entry.path().map_err(refuse)?.into_owned();
        if is_csv(&path) {
            let name = member(archive, &path.to_string_lossy());
            each(name, whole(entry, MOST_OF_MEMBER).map_err(refuse)?)?;
        }
    }
    Ok(())
}

/// Each `.csv` of a zip archive: its name in it, and its bytes.
pub(super) fn zip<E: From<DataError>>(
    archive: &Path,
    file: impl Read + Seek,
    mut each: impl FnMut(String, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let refuse = |error: io::Error| unreadable(archive, &error, "a zip archive");
    let mut unpacked = ::zip::ZipArchive::new(file).map_err(|e| refuse(e.into()))?;
    for index in 0..unpacked.len() {
        let entry = unpacked.by_index(index).map_err(|e| refuse(e.into()))?;
        let name = entry.name().map_err(|e| refuse(e.into()))?.into_owned();
        if is_csv(Path::new(&name)) {
            each(name, whole(entry, MOST_OF_MEMBER).map_err(refuse)?)?;
        }
    }
    Ok(())
}

/// How a member of an archive is called in messages.
pub(super) fn member(archive: &Path, name: &str) -> PathBuf {
    PathBuf::from(format!("{}: {name}", archive.display()))
}

fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "csv")
}

fn whole(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it holds more than {most} bytes")));
    }
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error, expected: &'static str) -> DataError {
    DataError::of_file(path, Fault::Unreadable { reason: error.to_string(), expected: expected.into() })
}
