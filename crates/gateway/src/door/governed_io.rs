//! A client's socket under the gateway's rule: read through the scanner, bounded in what the kernel still
//! holds, and reset when it is cut.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::scan::{Scan, Step};
use super::{Malformed, Wire};

/// Unsent bytes that the kernel may hold before a write waits. Together with what one write hands over they
/// stay below the 64 KiB that a reader who stopped reading may get after a cut.
const UNSENT_BYTES: u32 = 16 * 1024;

/// What one write hands over at most.
const WRITE_BYTES: usize = 32 * 1024;

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

    fn drain(&mut self, buf: &mut ReadBuf<'_>) {
        let count = self.judged.len().min(buf.remaining());
        buf.put_slice(self.judged.get(..count).unwrap_or_default());
        self.judged.drain(..count);
    }
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
