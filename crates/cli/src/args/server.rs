//! The server that commands speak to, and in whose name.

use std::path::PathBuf;

use clap::Args;
use url::Url;

use crate::failure::Failure;

const USUAL_URL: &str = "http://localhost:8470";

/// The server that commands speak to.
#[derive(Debug, Clone, Args)]
pub struct Server {
    /// The server's public_url.
    #[arg(
        long,
        global = true,
        env = "LOCUM_URL",
        hide_env_values = true,
        default_value = USUAL_URL,
        value_name = "URL"
    )]
    pub url: String,
    /// Your bearer token; that of `locum login` unless told.
    #[arg(
        long,
        global = true,
        env = "LOCUM_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub token: Option<String>,
    /// Where `locum login` keeps its tokens; $XDG_STATE_HOME/locum/logins.json unless told.
    #[arg(
        long,
        global = true,
        env = "LOCUM_LOGINS",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub logins: Option<PathBuf>,
}

impl Server {
    /// The server's address, if it is one. Commands that need no server never ask, so that a wrong one cannot
    /// stop them.
    pub(crate) fn address(&self) -> Result<&str, Failure> {
        let text = match self.url.trim() {
            // A variable that is set to nothing is a variable that is not set.
            "" => USUAL_URL,
            text => text,
        };
        let wrong = |why: &str| Failure::Usage(format!("`{text}` is no server's address: {why}"));
        let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("it begins with neither http:// nor https://"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it has a query or a fragment"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Failure::Usage(
                "the server's address holds a password; a token belongs into LOCUM_TOKEN"
                    .to_owned(),
            ));
        }
        Ok(text)
    }

    /// The bearer token, where there is one.
    pub(crate) fn bearer(&self) -> Result<Option<String>, Failure> {
        let token = self.token.as_deref().unwrap_or_default().trim();
        if token.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err(Failure::Usage(
                "LOCUM_TOKEN (or --token) holds characters that no token has".to_owned(),
            ));
        }
        Ok(Some(token.to_owned()).filter(|token| !token.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str, token: Option<&str>) -> Server {
        Server {
            url: url.to_owned(),
            token: token.map(str::to_owned),
            logins: None,
        }
    }

    #[test]
    fn a_server_is_an_http_address_and_nothing_else() {
        for url in [
            "http://localhost:8470",
            "https://locum.example/",
            "https://example.org/locum",
        ] {
            assert_eq!(server(url, None).address().unwrap(), url);
        }
        assert_eq!(server("", None).address().unwrap(), USUAL_URL);
        for url in [
            "nonsense",
            "localhost:8470",
            "ftp://locum.example",
            "http://",
            "http://locum.example/?a=b",
            "http://ann:secret@locum.example",
        ] {
            let failure = server(url, None).address().unwrap_err();
            assert!(matches!(failure, Failure::Usage(_)), "{url}: {failure}");
            assert!(!failure.to_string().contains("secret"), "{failure}");
        }
    }

    #[test]
    fn an_empty_token_is_none() {
        assert_eq!(server("", None).bearer().unwrap(), None);
        assert_eq!(server("", Some("")).bearer().unwrap(), None);
        assert_eq!(
            server("", Some("ann-token\n")).bearer().unwrap().as_deref(),
            Some("ann-token")
        );
        assert!(matches!(
            server("", Some("a b")).bearer(),
            Err(Failure::Usage(_))
        ));
    }
}
