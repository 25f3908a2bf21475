//! Where somebody goes on after signing in: a place of this console and nowhere else.

/// The path, if it is a local one; `/` otherwise. What another host could have put there leads to our own front
/// page.
pub fn local_path(asked: Option<&str>) -> &str {
    asked.filter(|path| is_local(path)).unwrap_or("/")
}

fn is_local(path: &str) -> bool {
    let mut bytes = path.bytes();
    let begins_here = bytes.next() == Some(b'/') && bytes.next() != Some(b'/');
    // Browsers read a backslash as a slash, and drop control characters.
    let is_plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let is_a_place = !["/login", "/logout"].iter().any(|it| path.starts_with(it));
    begins_here && is_plain && is_a_place && path.len() <= 2_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r33_a_deep_link_survives_and_another_host_does_not() {
        for here in [
            "/",
            "/requests/req_1",
            "/requests?state=pending&approver=me",
        ] {
            assert_eq!(local_path(Some(here)), here);
        }
        for elsewhere in [
            "//evil.example/",
            "/\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/\t/evil.example",
            "",
            "/login?to=/login",
            "requests",
        ] {
            assert_eq!(
                local_path(Some(elsewhere)),
                "/",
                "{elsewhere:?} was followed"
            );
        }
        assert_eq!(local_path(None), "/");
    }
}
