//! Headers that no client may bring: those that say who somebody is, that redirect a request behind the back
//! of the check, or that belong to one connection.

use std::collections::HashSet;

use http::HeaderMap;
use http::header::CONNECTION;

/// Whole names, with every character that is no letter or digit written `-`.
const NAMES: [&str; 41] = [
    // Who somebody is.
    "authorization",
    "cookie",
    "forwarded",
    "txn-token",
    "client-cert",
    "client-cert-chain",
    "x-client-cert",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "user",
    "x-user",
    "x-username",
    "x-token-subject",
    "x-redmine-switch-user",
    "x-gitlab-sudo",
    "sudo",
    "x-consumer-username",
    "x-consumer-id",
    "x-consumer-custom-id",
    "x-authenticated-userid",
    "x-authentik-username",
    "x-vouch-user",
    // Which request this is, to whoever believes more than the request line.
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-rewrite-url",
    "x-script-name",
    "script-name",
    "x-host",
    "x-sendfile-type",
    "proxy",
    "expect",
    // What belongs to the connection (RFC 9110 §7.6.1).
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
];

/// Beginnings of names, written likewise.
const PREFIXES: [&str; 34] = [
    "locum-",
    "remote-",
    "x-remote-",
    "x-forwarded-",
    "x-auth-",
    "x-user-",
    "x-email",
    "oidc-",
    "shib-",
    "x-shib-",
    // As CGI and its heirs name headers: `HTTP_REMOTE_USER`.
    "http-",
    "x-goog-",
    "x-pomerium-",
    "cf-access-",
    "x-amzn-oidc-",
    "x-ms-client-principal",
    "x-ms-token-",
    "x-webauth-",
    "x-authentik-",
    "x-authelia-",
    "x-vouch-idp-",
    "tailscale-",
    "x-tailscale-",
    "impersonate-",
    "x-impersonate-",
    "x-appwrite-impersonate-",
    "x-original-",
    "x-accel-",
    "x-ssl-",
    "ssl-",
    "x-spiffe-",
    "x-jwt-",
    "x-sudo",
    "proxy-auth",
];

/// What is removed from the requests to one application.
#[derive(Debug, Clone, Default)]
pub(crate) struct StripList {
    names: HashSet<Vec<u8>>,
    prefixes: Vec<Vec<u8>>,
}

/// No listed name is longer; what is longer is judged by its beginning.
const LONGEST_NAME: usize = 96;

impl StripList {
    /// The built-in list and these names; one that ends in `*` is a beginning.
    pub(crate) fn with<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut list = Self {
            names: NAMES.iter().map(|name| name.as_bytes().to_vec()).collect(),
            prefixes: PREFIXES.iter().map(|it| it.as_bytes().to_vec()).collect(),
        };
        for name in names {
            let mut normal = [0; LONGEST_NAME];
            match name.strip_suffix('*') {
                Some(prefix) => list.prefixes.push(normalised(prefix, &mut normal).to_vec()),
                None => drop(list.names.insert(normalised(name, &mut normal).to_vec())),
            }
        }
        list
    }

    /// Whether a header of this name never reaches the application. Web servers hand headers on as variables
    /// in which case, `-`, `_` and other marks are lost, so names that differ only in those are one name.
    pub(crate) fn has(&self, name: &str) -> bool {
        let mut normal = [0; LONGEST_NAME];
        let normal = normalised(name, &mut normal);
        self.names.contains(normal) || self.prefixes.iter().any(|it| normal.starts_with(it))
    }
}

fn normalised<'b>(name: &str, normal: &'b mut [u8; LONGEST_NAME]) -> &'b [u8] {
    for (to, from) in normal.iter_mut().zip(name.bytes()) {
        *to = if from.is_ascii_alphanumeric() {
            from.to_ascii_lowercase()
        } else {
            b'-'
        };
    }
    normal
        .get(..name.len().min(LONGEST_NAME))
        .unwrap_or_default()
}

/// The names that `Connection` lists: they belong to the connection too.
pub(crate) fn connection_names(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}
