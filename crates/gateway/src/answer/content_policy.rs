//! The application's Content Security Policy, opened for the banner's stylesheet and end button and no wider.

use http::{HeaderMap, HeaderValue};

use super::from_application::POLICIES;

/// Lets every policy of an answer allow exactly what the banner needs.
pub(super) fn allow_banner(headers: &mut HeaderMap, origin: &str) {
    for name in POLICIES {
        let lines: Vec<HeaderValue> = headers.get_all(&name).iter().cloned().collect();
        if lines.is_empty() {
            continue;
        }
        headers.remove(&name);
        for line in lines {
            let opened = line
                .to_str()
                .ok()
                .and_then(|line| HeaderValue::try_from(opened(line, origin)).ok());
            headers.append(name.clone(), opened.unwrap_or(line));
        }
    }
}

/// A header's policies, separated by commas, each opened.
fn opened(line: &str, origin: &str) -> String {
    let policies: Vec<String> = line
        .split(',')
        .map(|policy| opened_policy(policy, origin))
        .collect();
    policies.join(", ")
}

fn opened_policy(policy: &str, origin: &str) -> String {
    let stylesheet = format!("{origin}/.well-known/locum/banner.css");
    let end = format!("{origin}/.well-known/locum/end");
    let mut directives: Vec<(String, String)> = policy
        .split(';')
        .map(str::trim)
        .filter(|directive| !directive.is_empty())
        .map(|directive| {
            let (name, sources) = directive.split_once(' ').unwrap_or((directive, ""));
            (name.to_ascii_lowercase(), sources.trim().to_owned())
        })
        .collect();
    // The most specific directive there is decides about a stylesheet (CSP Level 3, §6.8.3).
    let deciding = ["style-src-elem", "style-src", "default-src"]
        .into_iter()
        .find(|wanted| directives.iter().any(|(name, _)| name == wanted));
    match deciding {
        Some("default-src") => {
            let sources = directives
                .iter()
                .find(|(name, _)| name == "default-src")
                .map(|(_, sources)| with(sources, &stylesheet));
            directives.extend(sources.map(|sources| ("style-src".to_owned(), sources)));
        }
        Some(deciding) => widen(&mut directives, deciding, &stylesheet),
        None => {}
    }
    widen(&mut directives, "form-action", &end);
    let directives: Vec<String> = directives
        .into_iter()
        .map(|(name, sources)| format!("{name} {sources}").trim_end().to_owned())
        .collect();
    directives.join("; ")
}

fn widen(directives: &mut [(String, String)], wanted: &str, source: &str) {
    // Only the first of a kind counts.
    if let Some((_, sources)) = directives.iter_mut().find(|(name, _)| name == wanted) {
        *sources = with(sources, source);
    }
}

/// `'none'` stands alone, so it goes when something is added.
fn with(sources: &str, source: &str) -> String {
    if sources.eq_ignore_ascii_case("'none'") || sources.is_empty() {
        source.to_owned()
    } else {
        format!("{sources} {source}")
    }
}

#[cfg(test)]
mod tests {
    use super::opened;

    const CSS: &str = "http://a/.well-known/locum/banner.css";
    const END: &str = "http://a/.well-known/locum/end";

    #[test]
    fn r19_a_strict_policy_lets_the_banner_in_and_nothing_else() {
        assert_eq!(
            opened("default-src 'none'; form-action 'none'", "http://a"),
            format!("default-src 'none'; form-action {END}; style-src {CSS}")
        );
        assert_eq!(
            opened("style-src 'self' x; script-src 'self'", "http://a"),
            format!("style-src 'self' x {CSS}; script-src 'self'")
        );
        assert_eq!(opened("script-src 'self'", "http://a"), "script-src 'self'");
    }
}
