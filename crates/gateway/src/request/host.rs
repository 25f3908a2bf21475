//! `Host`, as far as it says which application is meant.

/// The host of an authority, without its port. An IPv6 address keeps its brackets.
pub(crate) fn host_name(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority
            .find(']')
            .and_then(|end| authority.get(..=end))
            .unwrap_or(authority);
    }
    authority
        .split_once(':')
        .map_or(authority, |(host, _)| host)
}
