//! Whether somebody would rather read a page than JSON (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};

/// Whether `text/html` is asked for by name and liked better than JSON.
pub(crate) fn is_preferred(headers: &HeaderMap) -> bool {
    let ranges: Vec<(String, f32)> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(range)
        .collect();
    let quality = |names: &[&str]| {
        names.iter().find_map(|name| {
            ranges
                .iter()
                .find(|(range, _)| range == name)
                .map(|(_, quality)| *quality)
        })
    };
    let html = quality(&["text/html", "text/*"]).unwrap_or(0.0);
    let problem = quality(&["application/problem+json", "application/*", "*/*"]);
    let json = quality(&["application/json"]);
    let json = problem.unwrap_or(0.0).max(json.unwrap_or(0.0));
    html > json
}

fn range(text: &str) -> (String, f32) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let quality = parts
        .find_map(|part| part.strip_prefix("q="))
        .map_or(1.0, |text| text.parse().unwrap_or(0.0));
    (name, quality)
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
