//! Where an application is.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::pool::Held;

/// Why an upstream cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    #[error("`{0}` is no upstream: write `http://host:port` or `unix:/path`")]
    Malformed(String),
    #[error("`{0}`: upstreams over TLS are not supported yet")]
    Https(String),
    #[error("`{0}`: an upstream has no path; its routes begin at `/`")]
    Path(String),
}

pub(crate) enum Address {
    Tcp {
        host: String,
        port: u16,
    },
    #[cfg(unix)]
    Unix(PathBuf),
}

impl Address {
    /// Parses an upstream of the catalog; answers the authority for `Host` too.
    pub(crate) fn parse(upstream: &str) -> Result<(Self, String), UpstreamError> {
        let malformed = || UpstreamError::Malformed(upstream.to_owned());
        #[cfg(unix)]
        if let Some(path) = upstream.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if !path.starts_with('/') {
                return Err(malformed());
            }
            return Ok((Self::Unix(PathBuf::from(path)), "localhost".to_owned()));
        }
        let url = url::Url::parse(upstream).map_err(|_| malformed())?;
        match url.scheme() {
            "http" => {}
            "https" => return Err(UpstreamError::Https(upstream.to_owned())),
            _ => return Err(malformed()),
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(UpstreamError::Path(upstream.to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(malformed());
        }
        let host = url.host_str().ok_or_else(malformed)?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let port = url.port_or_known_default().ok_or_else(malformed)?;
        Ok((Self::Tcp { host, port }, authority))
    }

    /// A fresh connection.
    pub(crate) async fn connect(&self, timeout: Duration) -> io::Result<Held> {
        let connecting = async {
            match self {
                Self::Tcp { host, port } => {
                    let socket = TcpStream::connect((host.as_str(), *port)).await?;
                    let options = socket2::SockRef::from(&socket);
                    options.set_tcp_nodelay(true)?;
                    // However this connection ends, what was not delivered is not delivered later: a cut
                    // reaches the application as a reset.
                    options.set_linger(Some(Duration::ZERO))?;
                    Held::over(TokioIo::new(socket)).await
                }
                #[cfg(unix)]
                Self::Unix(path) => {
                    Held::over(TokioIo::new(UnixStream::connect(path).await?)).await
                }
            }
        };
        tokio::time::timeout(timeout, connecting)
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_an_origin_or_a_socket() {
        assert_eq!(
            Address::parse("http://127.0.0.1:9101").unwrap().1,
            "127.0.0.1:9101"
        );
        assert_eq!(
            Address::parse("http://[::1]:9101/").unwrap().1,
            "[::1]:9101"
        );
        assert_eq!(
            Address::parse("http://app.internal").unwrap().1,
            "app.internal"
        );
        assert_eq!(Address::parse("unix:/run/app.sock").unwrap().1, "localhost");
        for (text, error) in [
            ("https://app", UpstreamError::Https("https://app".into())),
            ("http://app/x", UpstreamError::Path("http://app/x".into())),
            ("ftp://app", UpstreamError::Malformed("ftp://app".into())),
            (
                "http://a:b@app",
                UpstreamError::Malformed("http://a:b@app".into()),
            ),
            ("unix:run", UpstreamError::Malformed("unix:run".into())),
        ] {
            assert_eq!(Address::parse(text).map(|_| ()).unwrap_err(), error);
        }
    }
}
