//! A path cut into segments as the gateway compares them: decoded, without query, doubled slashes merged.

/// One segment.
pub(super) enum Piece {
    Text(String),
    /// The slash at the end.
    Empty,
}

/// The segments of a path; `Err` for one that no route can name: its code is broken, or it hides a slash or a dot
/// segment.
pub(super) fn pieces(path: &str) -> impl Iterator<Item = Result<Piece, ()>> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.strip_prefix('/').unwrap_or(path);
    let count = path.split('/').count();
    let has_end = path.ends_with('/');
    path.split('/').enumerate().filter_map(move |(at, raw)| {
        if raw.is_empty() {
            let is_end = at + 1 == count && has_end;
            return is_end.then_some(Ok(Piece::Empty));
        }
        Some(decoded(raw).map(Piece::Text))
    })
}

fn decoded(raw: &str) -> Result<String, ()> {
    if !raw.contains('%') {
        return Ok(raw.to_owned());
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |it: Option<u8>| char::from(it.unwrap_or_default()).to_digit(16);
                let (high, low) = (digit(rest.next()).ok_or(())?, digit(rest.next()).ok_or(())?);
                u8::try_from(high * 16 + low).map_err(|_| ())?
            }
            byte => byte,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| ())?;
    if text.contains(['/', '\\', '%']) || text == "." || text == ".." {
        return Err(());
    }
    Ok(text)
}
