//! A client's socket under the gateway's rule: read through the scanner, bounded in what the kernel still
//! holds, watched for a client that is gone, and reset when it is cut.
//!
//! What a client may still read after a cut. The close is a reset with `SO_LINGER` 0: the kernel throws away
//! everything it has not sent and everything it has sent and not seen acknowledged, and no byte is written
//! after the cut. What remains is what the client's own kernel had accepted before the cut, and that is as much
//! as the client's receive buffer holds beyond what it had read. A client that stopped reading can therefore
//! read at most its receive buffer: up to 64 KiB where that buffer is (or the system's default gives) no more,
//! about 128 KiB with Linux's default of 131072 bytes, and up to `tcp_rmem`'s third value where reading fast
//! had let the buffer grow before. No socket option of the sender bounds this: a receiver acknowledges what its
//! kernel has, not what its program read, so unread bytes there cannot be told from read ones, and
//! `TCP_WINDOW_CLAMP` and `SO_RCVBUF` bound only the own receiving side. The window that the client advertises
//! (`TCP_INFO`) would show it; reading that needs code that this workspace forbids itself. On our side of the
//! wire at most [`UNSENT_BYTES`] and one write of [`WRITE_BYTES`], together under 64 KiB, wait to be sent at
//! any moment; of these nobody gets any after a cut.
//!
//! A client that closes its sending side has said everything and waits: it gets its answer. One that is gone
//! altogether sends the same, so it is told by what it sends when it is spoken to: by the reset with which it
//! answers the next bytes or, once its kernel has forgotten the connection (a minute on Linux), a keep-alive
//! probe; by its silence to those probes; or by the reset of a program that was killed in the middle. Then the
//! connection ends, and what was under way is recorded as abandoned.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use super::scan::{Scan, Step};
use super::{Malformed, Wire};

/// Unsent bytes that the kernel may hold before a write waits.
const UNSENT_BYTES: u32 = 16 * 1024;

/// What one write hands over at most.
const WRITE_BYTES: usize = 32 * 1024;

/// A client that is silent for so long is asked whether it is there, so often, and is gone without an answer.
const SILENCE: Duration = Duration::from_secs(15);
const ASKED_EVERY: Duration = Duration::from_secs(5);
const ASKED_TIMES: u32 = 3;

/// The head that the HTTP layer sees in place of one that was refused; HTTP/1.0, so that the answer closes.
const STAND_IN: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// One client connection's bytes.
pub(crate) struct GovernedIo {
    socket: TcpStream,
    wire: Arc<Wire>,
    scan: Scan,
    /// An incomplete head.
    kept: Vec<u8>,
    /// Judged bytes that did not fit the reader yet.
    judged: Vec<u8>,
    refused: Option<Malformed>,
    /// After the client has closed its side: resolves when it is gone altogether.
    gone: Option<BoxFuture<'static, ()>>,
}

impl GovernedIo {
    /// Takes an accepted socket.
    ///
    /// # Errors
    /// When the kernel refuses the options; then the socket is not governed and must not be served.
    pub(crate) fn over(
        socket: TcpStream,
        wire: Arc<Wire>,
        longest_head: usize,
    ) -> io::Result<Self> {
        let options = socket2::SockRef::from(&socket);
        options.set_tcp_nodelay(true)?;
        let keepalive = socket2::TcpKeepalive::new()
            .with_time(SILENCE)
            .with_interval(ASKED_EVERY)
            .with_retries(ASKED_TIMES);
        options.set_tcp_keepalive(&keepalive)?;
        #[cfg(any(target_os = "android", target_os = "linux"))]
        options.set_tcp_notsent_lowat(UNSENT_BYTES)?;
        #[cfg(not(any(target_os = "android", target_os = "linux")))]
        options.set_send_buffer_size(usize::try_from(UNSENT_BYTES).unwrap_or(usize::MAX))?;
        Ok(Self {
            socket,
            wire,
            scan: Scan::new(longest_head),
            kept: Vec::new(),
            judged: Vec::new(),
            refused: None,
            gone: None,
        })
    }

    /// The socket itself, for an orderly close.
    pub(crate) fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    pub(crate) fn wire(&self) -> &Arc<Wire> {
        &self.wire
    }

    fn check(&self) -> io::Result<()> {
        if self.wire.is_cut() {
            return Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the session was cut",
            ));
        }
        Ok(())
    }

    /// Judges bytes; answers how many of them may go on, from the front.
    fn judge(&mut self, bytes: &[u8]) -> usize {
        let mut passed = 0;
        while let Some(rest) = bytes.get(passed..).filter(|rest| !rest.is_empty()) {
            match self.scan.step(rest) {
                Step::Pass(count) => passed += count,
                Step::Keep => {
                    self.kept.extend_from_slice(rest);
                    break;
                }
                Step::Refuse(malformed) => {
                    self.refused = Some(malformed);
                    break;
                }
            }
        }
        passed
    }

    /// After a refusal: an error inside a body, else the stand-in, which waits its turn like any request.
    fn poll_refused(
        &mut self,
        malformed: Malformed,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.wire.malformed().is_some() {
            // The stand-in was given; nothing follows it.
            return Poll::Pending;
        }
        if self.scan.is_in_body() {
            self.wire.found_malformed(malformed);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, malformed)));
        }
        self.wire.found_malformed(malformed);
        self.judged.extend_from_slice(STAND_IN);
        self.drain(buf);
        Poll::Ready(Ok(()))
    }

    /// While an answer is owed nobody reads: notices here when the client is gone.
    fn check_client(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.gone.is_none() {
            let owes_an_answer =
                self.wire.carries() && !self.scan.is_in_body() && self.judged.is_empty();
            if !owes_an_answer {
                return Ok(());
            }
            let mut byte = [0];
            // A next request that waits hides what comes after it, until it is read.
            let Poll::Ready(0) = self.socket.poll_peek(cx, &mut ReadBuf::new(&mut byte))? else {
                return Ok(());
            };
            self.gone = Some(gone(&self.socket)?);
        }
        match self.gone.as_mut().map(|gone| gone.as_mut().poll(cx)) {
            Some(Poll::Ready(())) => Err(io::ErrorKind::ConnectionReset.into()),
            _ => Ok(()),
        }
    }

    fn drain(&mut self, buf: &mut ReadBuf<'_>) {
        let count = self.judged.len().min(buf.remaining());
        buf.put_slice(self.judged.get(..count).unwrap_or_default());
        self.judged.drain(..count);
    }
}

/// Resolves when a socket whose other side sends nothing more has failed. The socket's own readiness says only
/// that it was closed, once and for all, so a second handle waits for the error.
fn gone(socket: &TcpStream) -> io::Result<BoxFuture<'static, ()>> {
    let second: std::net::TcpStream = socket2::SockRef::from(socket).try_clone()?.into();
    let second = TcpStream::from_std(second)?;
    Ok(Box::pin(async move {
        // Whatever comes of it, nothing more is to be learned here.
        let _ = second.ready(Interest::ERROR).await;
    }))
}

impl AsyncRead for GovernedIo {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            this.check()?;
            if !this.judged.is_empty() {
                this.drain(buf);
                return Poll::Ready(Ok(()));
            }
            if let Some(malformed) = this.refused {
                return this.poll_refused(malformed, buf);
            }
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.socket).poll_read(cx, buf))?;
            let came = buf.filled().get(before..).unwrap_or_default();
            if came.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if this.kept.is_empty() {
                // The usual case: whole heads and pieces of bodies, judged where they lie.
                let passed = this.judge(came);
                buf.set_filled(before + passed);
                if passed > 0 {
                    return Poll::Ready(Ok(()));
                }
            } else {
                let mut joined = std::mem::take(&mut this.kept);
                joined.extend_from_slice(came);
                buf.set_filled(before);
                let passed = this.judge(&joined);
                joined.truncate(passed);
                this.judged = joined;
            }
        }
    }
}

impl AsyncWrite for GovernedIo {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check()?;
        let piece = buf.get(..WRITE_BYTES).unwrap_or(buf);
        Pin::new(&mut this.socket).poll_write(cx, piece)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check()?;
        this.check_client(cx)?;
        ready!(Pin::new(&mut this.socket).poll_flush(cx))?;
        this.wire.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check()?;
        Pin::new(&mut this.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check()?;
        let mut left = WRITE_BYTES;
        let fitting = bufs
            .iter()
            .take_while(|buf| {
                let fits = buf.len() <= left;
                left = left.saturating_sub(buf.len());
                fits
            })
            .count();
        match (fitting, bufs.get(..fitting), bufs.first()) {
            (0, _, Some(first)) => {
                let piece = first.get(..WRITE_BYTES).unwrap_or(first);
                Pin::new(&mut this.socket).poll_write(cx, piece)
            }
            (_, Some(fitting), _) => Pin::new(&mut this.socket).poll_write_vectored(cx, fitting),
            _ => Poll::Ready(Ok(0)),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}

impl Drop for GovernedIo {
    fn drop(&mut self) {
        if self.wire.is_cut() {
            // A close that discards what was not sent and tells the client by a reset. If the kernel
            // refuses, the close is an orderly one after a broken answer, and the client still sees that.
            let _ = socket2::SockRef::from(&self.socket).set_linger(Some(Duration::ZERO));
        }
        self.wire.gone();
    }
}
