//! A few connections that can only read, lent out one at a time.

use std::sync::{Arc, Mutex, PoisonError};

use locum_control::ports::StoreError;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::fault::Fault;

/// The connections nobody reads with now, and a permit for each.
#[derive(Debug)]
pub(crate) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(connections: Vec<Connection>) -> Self {
        let permits = Arc::new(Semaphore::new(connections.len()));
        Self {
            idle: Arc::new(Mutex::new(connections)),
            permits,
        }
    }

    /// Reads with one of the connections, off the event loop.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = |what: &str| StoreError::Unavailable(what.to_owned());
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| gone("the readers are closed"))?;
        let idle = Arc::clone(&self.idle);
        let reading = tokio::task::spawn_blocking(move || {
            let connection = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut connection) = connection else {
                return Err(gone("a reader was lost"));
            };
            let answer = work(&mut connection);
            idle.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
            // The connection is back before the permit is.
            drop(permit);
            Ok(answer?)
        });
        reading.await.map_err(|_| gone("reading was broken off"))?
    }
}
