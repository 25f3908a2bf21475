//! Names taken apart: `APIKeys`, `api-keys` and `api_keys` are the same two words.

/// Words that end in `s` and are no plural.
const NO_PLURAL: [&str; 14] = [
    "address", "aws", "bus", "css", "dns", "gps", "https", "js", "news", "os", "series", "sms",
    "tls", "tos",
];

/// Parts of a path that say how it is spoken to, not about what.
const TECHNICAL: [&str; 11] = [
    "ajax", "api", "apis", "backend", "gateway", "internal", "json", "public", "rest", "rpc",
    "services",
];

/// The words of a name in small letters, each in the singular. Letters beyond ASCII separate: what is looked for is
/// English, and what is written out is an id.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in name.split(|it: char| !it.is_ascii_alphanumeric()) {
        let letters: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (at, letter) in letters.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| letters.get(at));
            let after = letters.get(at + 1);
            // `invoiceId` begins a word at its capital, `APIKey` at the last one of a row, and `2FA` none.
            let begins = letter.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    before.is_ascii_lowercase() || after.is_some_and(char::is_ascii_lowercase)
                });
            if begins && !word.is_empty() {
                found.push(singular(&std::mem::take(&mut word)));
            }
            word.push(letter.to_ascii_lowercase());
        }
        if !word.is_empty() {
            found.push(singular(&word));
        }
    }
    one_word(found)
}

/// `OAuth` and `WebAuthn` are written as two words and are one.
fn one_word(words: Vec<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        match found.last_mut() {
            Some(before) if matches!(before.as_str(), "o" | "web") && word.starts_with("auth") => {
                before.push_str(&word);
            }
            _ => found.push(word),
        }
    }
    found
}

/// The name as part of an operation's id: small words joined by hyphens, in the singular at the end.
pub(super) fn slug(name: &str) -> String {
    /// Bytes; an id has 200 for all of its parts.
    const LONGEST: usize = 40;
    let mut slug = words(name).join("-");
    slug.truncate(LONGEST);
    slug.trim_end_matches('-').to_owned()
}

/// The word without its plural.
pub(super) fn singular(word: &str) -> String {
    let ends = |ending: &str| word.strip_suffix(ending).filter(|stem| stem.len() > 1);
    if NO_PLURAL.contains(&word) || !is_plural(word) {
        return word.to_owned();
    }
    if let Some(stem) = ends("ies").filter(|stem| stem.len() > 2) {
        return match stem {
            "cook" | "mov" => format!("{stem}ie"),
            stem => format!("{stem}y"),
        };
    }
    for ending in ["sses", "shes", "ches", "xes", "zzes", "uses"] {
        if ends(ending).is_some_and(|stem| stem.len() > 2 || ending != "uses") {
            return ends("es").unwrap_or(word).to_owned();
        }
    }
    ends("s").unwrap_or(word).to_owned()
}

/// Whether a segment names many of something, as `invoices` does.
pub(super) fn is_plural(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.len() > 2
        && word.ends_with('s')
        && !NO_PLURAL.contains(&word.as_str())
        && !["ss", "us", "is"]
            .iter()
            .any(|ending| word.ends_with(ending))
}

/// Whether a segment says how it is spoken to: `api`, `v1`, `2024-10`.
pub(super) fn is_technical(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    let is_number = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
    };
    TECHNICAL.contains(&lower.as_str()) || is_number(&lower) || is_version(&lower)
}

/// `v1`, `v2.1`, `v1beta1`.
pub(super) fn is_version(lower: &str) -> bool {
    let Some(rest) = lower.strip_prefix('v') else {
        return false;
    };
    let numbers: String = ["alpha", "beta", "rc"]
        .iter()
        .fold(rest.to_owned(), |rest, word| rest.replace(word, ""));
    rest.starts_with(|it: char| it.is_ascii_digit())
        && numbers.len() <= 6
        && numbers.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart_however_it_is_written() {
        for name in [
            "APIKeys", "api-keys", "api_key", "apiKeys", "api/keys", "API Key",
        ] {
            assert_eq!(words(name), ["api", "key"], "{name}");
        }
        assert_eq!(words("createInvoiceV2"), ["create", "invoice", "v2"]);
        assert_eq!(words("Zoë's 2FA"), ["zo", "s", "2fa"]);
        assert_eq!(words("OAuth2/WebAuthn"), ["oauth2", "webauthn"]);
        assert!(words("…").is_empty());
    }

    #[test]
    fn a_word_loses_its_plural_and_nothing_else() {
        for (many, one) in [
            ("invoices", "invoice"),
            ("parties", "party"),
            ("cookies", "cookie"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("branches", "branch"),
            ("statuses", "status"),
            ("status", "status"),
            ("analysis", "analysis"),
            ("access", "access"),
            ("sms", "sms"),
            ("houses", "house"),
            ("s", "s"),
        ] {
            assert_eq!(singular(many), one);
        }
        assert!(is_plural("Users") && !is_plural("status") && !is_plural("me"));
    }

    #[test]
    fn how_it_is_spoken_to_is_not_what_it_is_about() {
        for segment in ["api", "REST", "v1", "v2.1", "v1beta1", "2024-10"] {
            assert!(is_technical(segment), "{segment}");
        }
        for segment in ["invoices", "vat", "v", "version", "2fa", "vip1"] {
            assert!(!is_technical(segment), "{segment}");
        }
    }
}
