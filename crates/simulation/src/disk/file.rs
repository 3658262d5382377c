//! One file: as it is read, and as it may be found.

use std::collections::BTreeMap;

use super::SECTOR;
use crate::rng::Rng;

type Sector = [u8; SECTOR];

/// Contents that a sector had since it was last known to be on the disk, in order.
type Versions = BTreeMap<usize, Vec<Sector>>;

#[derive(Clone, Debug, Default)]
pub(super) struct File {
    now: Vec<u8>,
    kept: Vec<u8>,
    unsynced: Versions,
    /// What a failed sync was to write: no later sync will, unless it is written again.
    stuck: Versions,
    lengths: Vec<usize>,
}

fn sector(bytes: &[u8], number: usize) -> Sector {
    let mut out = [0; SECTOR];
    let start = (number * SECTOR).min(bytes.len());
    let part = &bytes[start..bytes.len().min(start + SECTOR)];
    out[..part.len()].copy_from_slice(part);
    out
}

/// Puts a sector into bytes that may end before it does.
fn put(bytes: &mut [u8], number: usize, content: &Sector) {
    let start = (number * SECTOR).min(bytes.len());
    let end = bytes.len().min(start + SECTOR);
    bytes[start..end].copy_from_slice(&content[..end - start]);
}

impl File {
    /// A file that was there before anything began.
    pub(super) fn lasting(content: Vec<u8>) -> File {
        File { now: content.clone(), kept: content, ..File::default() }
    }

    pub(super) fn content(&self) -> &[u8] {
        &self.now
    }

    pub(super) fn kept(&self) -> &[u8] {
        &self.kept
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        let before = self.now.len();
        if end > before {
            self.now.resize(end, 0);
            self.lengths.push(end);
        }
        self.now[at..end].copy_from_slice(bytes);
        self.touch(at.min(before), end);
    }

    pub(super) fn resize(&mut self, length: usize) {
        let (from, to) = (self.now.len().min(length), self.now.len().max(length));
        self.now.resize(length, 0);
        self.lengths.push(length);
        self.touch(from, to);
    }

    fn touch(&mut self, from: usize, to: usize) {
        for number in from / SECTOR..to.div_ceil(SECTOR) {
            self.unsynced.entry(number).or_default().push(sector(&self.now, number));
        }
    }

    pub(super) fn sync(&mut self) {
        self.kept.resize(self.now.len(), 0);
        for number in std::mem::take(&mut self.unsynced).into_keys() {
            put(&mut self.kept, number, &sector(&self.now, number));
            self.stuck.remove(&number);
        }
        self.lengths.clear();
    }

    pub(super) fn fail_sync(&mut self) {
        for (number, versions) in std::mem::take(&mut self.unsynced) {
            self.stuck.entry(number).or_default().extend(versions);
        }
    }

    /// The file with each unsynced sector kept as written last with a chance of `keen` in 256, and otherwise as it was
    /// at any earlier time, or torn between two times.
    pub(super) fn torn(&self, keen: usize, rng: &mut Rng) -> Vec<u8> {
        let mut out = self.kept.clone();
        let length = match self.lengths.last() {
            Some(last) if rng.below(256) < keen => *last,
            Some(_) => *self.lengths.get(rng.below(self.lengths.len() + 1)).unwrap_or(&self.kept.len()),
            None => self.kept.len(),
        };
        out.resize(length, 0);
        let none = Vec::new();
        let mut numbers: Vec<usize> = self.stuck.keys().chain(self.unsynced.keys()).copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let versions: Vec<&Sector> = [&self.stuck, &self.unsynced]
                .into_iter()
                .flat_map(|versions| versions.get(&number).unwrap_or(&none))
                .collect();
            if rng.below(256) < keen {
                put(&mut out, number, versions[versions.len() - 1]);
                continue;
            }
            let at = rng.below(versions.len() + 1);
            let mut content = if at == 0 { sector(&self.kept, number) } else { *versions[at - 1] };
            if let Some(next) = versions.get(at).filter(|_| rng.below(4) == 0) {
                let torn = rng.below(SECTOR);
                content[..torn].copy_from_slice(&next[..torn]);
            }
            put(&mut out, number, &content);
        }
        out
    }
}
