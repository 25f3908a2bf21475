//! Whether somebody would rather read a page than JSON (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};

const PAGES: [&str; 2] = ["text/html", "application/xhtml+xml"];
const JSON: [&str; 2] = ["application/json", "application/problem+json"];

/// Whether a page is liked at least as well as JSON. Who names a page by its type asks for one; a wildcard counts
/// for JSON only where no page is named, because browsers end their list with `*/*` and programs send nothing else.
pub(crate) fn is_preferred(headers: &HeaderMap) -> bool {
    let ranges: Vec<(String, f32)> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(range)
        .collect();
    let quality = |names: &[&str]| {
        let named = ranges
            .iter()
            .filter(|(range, _)| names.contains(&range.as_str()));
        named.map(|(_, quality)| *quality).reduce(f32::max)
    };
    let json = quality(&JSON);
    match quality(&PAGES) {
        Some(page) => page > 0.0 && page >= json.unwrap_or(0.0),
        None => {
            let json = json.or_else(|| quality(&["application/*"]));
            let json = json.or_else(|| quality(&["*/*"]));
            quality(&["text/*"]).unwrap_or(0.0) > json.unwrap_or(0.0)
        }
    }
}

fn range(text: &str) -> (String, f32) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let quality = parts
        .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
        .map_or(1.0, |text| text.parse().unwrap_or(0.0));
    let is_quality = (0.0..=1.0).contains(&quality);
    (name, if is_quality { quality } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_a_page_and_a_program_does_not() {
        for (accept, expected) in [
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                true,
            ),
            ("text/html", true),
            ("*/*", false),
            ("application/json", false),
            ("application/json, text/html;q=0.5", false),
            ("application/json, text/html", true),
            ("application/json;q=0.5, */*, text/html;q=0.4", false),
            ("text/html, */*", true),
            ("text/html;q=0.4, */*", true),
            ("application/xhtml+xml, */*", true),
            ("TEXT/HTML;Q=0.9, application/json;q=0.8", true),
            ("text/html;q=nan", false),
            ("text/*", true),
            ("text/*, */*", false),
            ("text/*;q=0.9, application/*;q=0.8", true),
            ("text/plain", false),
            ("application/problem+json;q=0.5, text/html", true),
            ("text/html;q=0, */*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(is_preferred(&headers), expected, "{accept}");
        }
        assert!(!is_preferred(&HeaderMap::new()));
    }
}
