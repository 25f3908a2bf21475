//! Connections to an application, the freshest used first.

use std::io;
use std::sync::Mutex;

use hyper::client::conn::http1::{self, SendRequest};
use tokio::task::AbortHandle;

use crate::request::Upload;

/// What the HTTP layer buffers of an answer before it waits for the client.
const ANSWER_BUFFER: usize = 64 * 1024;

/// One connection. Whoever drops it aborts it, so that nothing that was cut goes on behind it.
pub(crate) struct Held {
    pub(crate) sender: SendRequest<Upload>,
    task: AbortHandle,
}

impl Held {
    pub(crate) async fn over<T>(io: T) -> io::Result<Self>
    where
        T: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    {
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(ANSWER_BUFFER)
            .handshake(io)
            .await
            .map_err(io::Error::other)?;
        // Its error, if any, reaches whoever waits for the answer.
        let task = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        Ok(Self { sender, task })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Idle connections in a few stacks. Nobody waits for a stack: who finds one taken tries the next, and who
/// finds all taken opens a connection or lets one go.
pub(crate) struct Pool {
    stacks: [Mutex<Vec<Held>>; 4],
    most_each: usize,
}

impl Pool {
    pub(crate) fn of(most: usize) -> Self {
        Self {
            stacks: std::array::from_fn(|_| Mutex::new(Vec::new())),
            most_each: most.div_ceil(4),
        }
    }

    /// The freshest idle connection that is still open.
    pub(crate) async fn take(&self) -> Option<Held> {
        loop {
            let mut held = self.pop()?;
            if !held.sender.is_closed() && held.sender.ready().await.is_ok() {
                return Some(held);
            }
        }
    }

    fn pop(&self) -> Option<Held> {
        self.stacks
            .iter()
            .find_map(|stack| stack.try_lock().ok()?.pop())
    }

    pub(crate) fn put(&self, held: Held) {
        if held.sender.is_closed() {
            return;
        }
        for stack in &self.stacks {
            if let Ok(mut stack) = stack.try_lock()
                && stack.len() < self.most_each
            {
                stack.push(held);
                return;
            }
        }
    }
}
