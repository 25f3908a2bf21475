//! The one thread that writes, and the queue before it.

use std::sync::mpsc::{self, Sender};
use std::thread::{Builder, JoinHandle};

use locum_control::ports::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::fault::Fault;

/// Something to do with the connection that writes.
type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// What the thread owns.
struct Desk {
    connection: Connection,
    /// A sync failed: nothing is written any more until the database is opened again.
    is_closed: bool,
}

impl Desk {
    fn work<T>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        if self.is_closed {
            return Err(StoreError::Unavailable(
                "a sync failed; restart to read back what is there".to_owned(),
            ));
        }
        work(&mut self.connection).map_err(|fault| {
            if fault.is_failed_sync() {
                self.is_closed = true;
                tracing::error!(%fault, "sync failed, nothing is written any more");
            }
            fault.into()
        })
    }
}

/// Hands jobs to the thread, which does them in order. Dropping it waits for the last one.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                let mut desk = Desk {
                    connection,
                    is_closed: false,
                };
                for job in queue {
                    job(&mut desk);
                }
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Does `work` after everything that was asked for before. Whoever stops waiting does not stop the work.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |desk| {
            // Nobody may be waiting any more; what was written stays written.
            let _ = reply.send(desk.work(work));
        });
        let gone = || StoreError::Unavailable("the writer thread is gone".to_owned());
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(job).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer thread had panicked");
        }
    }
}
