//! One journal file for many writers: whoever waits for the disk meanwhile is taken along in the next transaction.
//!
//! One thread owns the [`SqliteStore`]. [`GroupStore::submit`] hands it rows and gives a [`Ticket`] that comes true
//! when they are on the disk. The queue is bounded: where the disk stands still and the queue is full, a submission is
//! refused at once and nothing of it is kept.

use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use engine::Row;

use super::{SqliteStore, StoreError, StoreFault};

/// Submissions that share one transaction at most.
const GROUP: usize = 1024;

/// Hears how a submission ended.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

struct Submission {
    rows: Vec<Row>,
    answer: Answer,
}

/// Hands rows to the thread that owns the journal; every writer has a clone of its own.
#[derive(Clone)]
pub struct GroupStore {
    queue: SyncSender<Submission>,
    path: PathBuf,
}

/// The thread that owns the journal.
pub struct GroupThread {
    thread: JoinHandle<SqliteStore>,
}

/// Comes true when what was submitted is on the disk.
#[derive(Debug)]
pub struct Ticket {
    answer: Receiver<Result<(), StoreError>>,
    path: PathBuf,
}

impl fmt::Debug for GroupStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl GroupStore {
    /// Gives the journal to a thread of its own, before which at most `waiting` submissions queue.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub fn start(store: SqliteStore, waiting: usize) -> Result<(GroupStore, GroupThread), StoreError> {
        let path = store.path.clone();
        let (queue, submissions) = sync_channel(waiting);
        let work = move || keep(store, &submissions);
        let thread = thread::Builder::new().name("journal".to_owned()).spawn(work);
        let thread = thread.map_err(|error| StoreFault::from(error).at(&path))?;
        Ok((GroupStore { queue, path }, GroupThread { thread }))
    }

    /// Submits rows that continue their portfolios' journals; they are appended in the order of submission, all or
    /// none.
    ///
    /// # Errors
    /// [`StoreFault::Busy`] if the queue is full, [`StoreFault::Stopped`] if an earlier append failed. Nothing of the
    /// rows will be kept.
    pub fn submit(&self, rows: Vec<Row>) -> Result<Ticket, StoreError> {
        let (answer, told) = sync_channel(1);
        // A writer that no longer waits has nothing to hear.
        self.submit_then(rows, move |end| drop(answer.send(end)))?;
        Ok(Ticket { answer: told, path: self.path.clone() })
    }

    /// As [`Self::submit`], for a thread that waits for many at once: `answer` is called by the journal's thread when
    /// the rows are on the disk, or with the reason why they are not, and must be quick and not panic. It is dropped
    /// uncalled if that thread is gone.
    ///
    /// # Errors
    /// As there; `answer` is not called then.
    pub fn submit_then(
        &self,
        rows: Vec<Row>,
        answer: impl FnOnce(Result<(), StoreError>) + Send + 'static,
    ) -> Result<(), StoreError> {
        match self.queue.try_send(Submission { rows, answer: Box::new(answer) }) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(StoreFault::Busy.at(&self.path)),
            Err(TrySendError::Disconnected(_)) => Err(StoreFault::Stopped.at(&self.path)),
        }
    }
}

impl Ticket {
    /// Waits until the rows are on the disk.
    ///
    /// # Errors
    /// Why they are not.
    pub fn wait(self) -> Result<(), StoreError> {
        self.answer.recv().unwrap_or_else(|_| Err(StoreFault::Stopped.at(&self.path)))
    }
}

impl GroupThread {
    /// Waits until every writer is gone and all that they submitted is answered, and gives the journal back.
    ///
    /// # Panics
    /// If the thread did.
    #[must_use]
    pub fn join(self) -> SqliteStore {
        self.thread.join().expect("appending does not panic")
    }
}

impl runtime::Store for GroupStore {
    type Error = StoreError;

    fn append(&mut self, rows: Vec<Row>) -> Result<(), StoreError> {
        self.submit(rows)?.wait()
    }
}

/// Appends what comes, as much at once as waits, until every writer is gone.
fn keep(mut store: SqliteStore, submissions: &Receiver<Submission>) -> SqliteStore {
    let mut group = Vec::with_capacity(GROUP);
    while let Ok(first) = submissions.recv() {
        group.push(first);
        group.extend(submissions.try_iter().take(GROUP - 1));
        let done = append(&mut store, &mut group);
        for submission in group.drain(..) {
            (submission.answer)(done.clone());
        }
    }
    store
}

fn append(store: &mut SqliteStore, group: &mut [Submission]) -> Result<(), StoreError> {
    match group {
        [only] => store.append(&only.rows),
        many => {
            let rows: Vec<Row> = many.iter_mut().flat_map(|s| std::mem::take(&mut s.rows)).collect();
            store.append(&rows)
        }
    }
}
