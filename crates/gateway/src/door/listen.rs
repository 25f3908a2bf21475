//! A listener: accepts, governs and serves connections until it is told to stop.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::governed_io::GovernedIo;
use super::{Wire, linger};
use crate::gateway::{Gateway, Inner};
use crate::ports::Listener;
use crate::request::Door;

/// A full file table empties; accepting is tried again after this.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);
/// How long requests under way may take after the listener was told to stop.
const DRAIN: Duration = Duration::from_secs(5);
/// How long connections may take to close after that; longer than a refused client is listened to.
const CLOSE: Duration = Duration::from_secs(3);
/// What one connection buffers of an answer before it waits for the client.
const ANSWER_BUFFER: usize = 32 * 1024;

/// How far a listener is with stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stopping {
    Serving,
    /// What is under way may finish.
    Draining,
    /// What is still under way is cut.
    Cutting,
}

impl Gateway {
    /// Serves one listener until `shutdown` resolves. Requests under way get a few seconds to finish; whatever
    /// takes longer is cut like at the end of its session, by a reset and with a record that says so. The first
    /// listener also keeps the time by which sessions expire.
    pub async fn serve(
        &self,
        listener: TcpListener,
        which: Listener,
        shutdown: impl Future<Output = ()>,
    ) {
        crate::watch::watch(&self.0);
        let door = Arc::new(Door::new(self.0.clone(), which));
        let room = Arc::new(Semaphore::new(self.0.settings.limits.connections));
        let mut connections = JoinSet::new();
        let (stop, stopped) = watch::channel(Stopping::Serving);
        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = async {
                let place = room.clone().acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => continue,
                accepted = accepted => accepted,
            };
            match accepted {
                Ok((socket, peer)) => {
                    let door = door.clone();
                    let stopped = stopped.clone();
                    let wire = Wire::to(peer.ip());
                    connections.spawn(async move {
                        connection(door, socket, wire, stopped).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                }
            }
        }
        drop(listener);
        // Nobody listens when there are no connections.
        for (stage, patience) in [(Stopping::Draining, DRAIN), (Stopping::Cutting, CLOSE)] {
            let _ = stop.send(stage);
            let closed = async { while connections.join_next().await.is_some() {} };
            if tokio::time::timeout(patience, closed).await.is_ok() {
                break;
            }
        }
    }
}

async fn connection(
    door: Arc<Door>,
    socket: TcpStream,
    wire: Arc<Wire>,
    stopped: watch::Receiver<Stopping>,
) {
    let limits = door.gateway.settings.limits;
    let io = match GovernedIo::over(socket, wire.clone(), limits.head_bytes) {
        Ok(io) => io,
        Err(error) => {
            tracing::warn!(%error, "a connection could not be governed");
            return;
        }
    };
    let served = wire.clone();
    let service = hyper::service::service_fn(move |request| {
        let (door, wire) = (door.clone(), served.clone());
        Box::pin(async move { Ok::<_, std::convert::Infallible>(door.answer(request, wire).await) })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        // A client that has said everything may close its side and still gets its answer; `GovernedIo` notices
        // one that is gone.
        .half_close(true)
        .max_buf_size(ANSWER_BUFFER.max(limits.head_bytes))
        .serve_connection(TokioIo::new(io), service);
    let (mut draining, mut cutting) = (stopped.clone(), stopped);
    let mut draining = pin!(draining.wait_for(|it| *it >= Stopping::Draining));
    let mut cutting = pin!(cutting.wait_for(|it| *it >= Stopping::Cutting));
    let mut is_draining = false;
    let ended = poll_fn(|cx| {
        wire.watch(cx.waker());
        if wire.is_cut() {
            return Poll::Ready(false);
        }
        if !is_draining && draining.as_mut().poll(cx).is_ready() {
            is_draining = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        if is_draining && cutting.as_mut().poll(cx).is_ready() {
            wire.break_off();
            return Poll::Ready(false);
        }
        connection
            .poll_without_shutdown(cx)
            .map(|result| result.is_ok())
    })
    .await;
    if !ended {
        return;
    }
    let mut io = connection.into_parts().io.into_inner();
    if !io.wire().is_cut() {
        linger::close(io.socket()).await;
    }
}

impl Inner {
    /// Waits until something falls due, at most a quarter of a second, since a sleeping machine's timers sleep
    /// with it while the boot clock goes on.
    pub(crate) async fn wait_until(&self, next_ms: Option<u64>) {
        let now_ms = self.ports.clock.boot_ms();
        let left = next_ms.map_or(250, |next| next.saturating_sub(now_ms).clamp(1, 250));
        let changed = self.timetable.changed.notified();
        // Which of the two came first does not matter: what is due is looked up again.
        let _ = tokio::time::timeout(Duration::from_millis(left), changed).await;
    }
}
