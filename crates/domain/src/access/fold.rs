//! Refused paths folded to what a route could say, so that an owner sees addresses and not whom they were about.

/// More segments than any route that somebody would write.
const MOST_SEGMENTS: usize = 12;

/// A longer segment is no name that an application gave.
const LONGEST_NAME: usize = 40;

/// What the end of a file's name looks like.
const FILES: [&str; 18] = [
    "css", "csv", "gif", "htm", "html", "ico", "jpg", "js", "json", "map", "pdf", "php", "png",
    "svg", "txt", "wasm", "woff", "xml",
];

/// A method and a folded path, as a line of `routes` writes them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FoldedRoute {
    pub method: String,
    pub path: String,
}

impl std::fmt::Display for FoldedRoute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Folds a request that was refused: HEAD counts as GET, no query, and `*` for every segment that does not look
/// like a name the application gave: what has digits (but `v2`), signs or codes, what is long, written in capitals
/// or hexadecimal. A word that is somebody's name cannot be told from one that is not; whoever reads the folded
/// list may read the paths themselves. `None` for a method that no route could have.
pub fn folded(method: &str, path: &str) -> Option<FoldedRoute> {
    let method = if method == "HEAD" { "GET" } else { method };
    let is_method = |b: u8| b.is_ascii_uppercase() || b == b'-';
    if method.is_empty() || method.len() > 20 || !method.bytes().all(is_method) {
        return None;
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut text = String::new();
    let mut segments = path.split('/').filter(|it| !it.is_empty());
    for segment in segments.by_ref().take(MOST_SEGMENTS) {
        text.push('/');
        text.push_str(if is_name(segment) { segment } else { "*" });
    }
    if segments.next().is_some() {
        text.push_str("/**");
    } else if text.is_empty() {
        text.push('/');
    }
    Some(FoldedRoute {
        method: method.to_owned(),
        path: text,
    })
}

/// Whether an application would call a part of its addresses so.
fn is_name(segment: &str) -> bool {
    if segment.len() > LONGEST_NAME {
        return false;
    }
    let is_version = segment.len() <= 3
        && segment
            .strip_prefix('v')
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    if is_version {
        return true;
    }
    let word = match segment.rsplit_once('.') {
        Some((name, end)) if FILES.contains(&end) => name,
        Some(("", _)) => segment.trim_start_matches('.'),
        _ => segment,
    };
    let is_word = |b: u8| b.is_ascii_alphabetic() || b == b'-' || b == b'_';
    let has_small = word.bytes().any(|b| b.is_ascii_lowercase());
    let is_hexadecimal = word.len() >= 8 && word.bytes().all(|b| b.is_ascii_hexdigit());
    !word.is_empty()
        && word.bytes().all(is_word)
        && has_small
        && !is_hexadecimal
        && !is_jumbled(word)
}

/// Whether small and capital letters change as they do in a token and not as in `getInvoice`.
fn is_jumbled(word: &str) -> bool {
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
    capitals.saturating_mul(3) > word.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(method: &str, path: &str) -> String {
        folded(method, path).map_or_else(String::new, |it| it.to_string())
    }

    #[test]
    fn r22_what_names_somebody_or_something_is_folded_to_a_star() {
        for (path, expected) in [
            ("/", "GET /"),
            ("/invoices", "GET /invoices"),
            ("/invoices/", "GET /invoices"),
            ("/invoices/INV-7", "GET /invoices/*"),
            ("/invoices/7/resend", "GET /invoices/*/resend"),
            ("/api/v2/getInvoice", "GET /api/v2/getInvoice"),
            ("/users/kim@customer.example", "GET /users/*"),
            ("/users/kim%40customer.example/pay", "GET /users/*/pay"),
            ("/u/Kim.Miller", "GET /u/*"),
            ("/o/deadbeefdeadbeef", "GET /o/*"),
            ("/o/550e8400-e29b-41d4-a716-446655440000", "GET /o/*"),
            ("/t/dQwWgXcQ", "GET /t/*"),
            ("/t/ACME", "GET /t/*"),
            ("/static/app.js", "GET /static/app.js"),
            ("/static/app.3f2a9c.js", "GET /static/*"),
            (
                "/.well-known/change-password",
                "GET /.well-known/change-password",
            ),
            ("/search?q=kim", "GET /search"),
            ("/payouts;id=7", "GET /*"),
            ("/größe", "GET /*"),
            ("//a", "GET /a"),
        ] {
            assert_eq!(fold("GET", path), expected, "{path}");
        }
        let deep = "/a".repeat(50);
        assert_eq!(fold("GET", &deep), format!("GET {}/**", "/a".repeat(12)));
        assert_eq!(fold("HEAD", "/a"), "GET /a");
        assert_eq!(fold("get it", "/a"), "");
    }

    #[test]
    fn r22_what_is_folded_reads_as_a_route() {
        for path in [
            "/", "/a/7", "/../a", "/a//b", "/a*b", "/%2e/x", "/a b", "/.", "/..", "/.x/y",
        ] {
            let line = fold("POST", path);
            assert!(
                crate::access::RoutePattern::parse(&line).is_ok(),
                "{path}: {line}"
            );
        }
    }
}
