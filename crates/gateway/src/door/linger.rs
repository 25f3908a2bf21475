//! An orderly close: the client gets to read the answer even when it was still sending.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long, and how much, a client that was refused may go on sending before it is closed on.
const LONGEST: Duration = Duration::from_secs(2);
const MOST_BYTES: usize = 1024 * 1024;

/// Says that nothing follows, and reads on until the client has closed too. Closing with unread bytes would
/// make the kernel send a reset that overtakes the answer.
pub(crate) async fn close(socket: &mut TcpStream) {
    if socket.shutdown().await.is_err() {
        return;
    }
    let read_on = async {
        let mut buffer = vec![0; 16 * 1024];
        let mut left = MOST_BYTES;
        while left > 0 {
            match socket.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(count) => left = left.saturating_sub(count),
            }
        }
    };
    // A client that neither closes nor stops is closed on all the same.
    let _ = tokio::time::timeout(LONGEST, read_on).await;
}
