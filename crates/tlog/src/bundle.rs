//! Entry bundles: up to 256 entries, each behind its length (C2SP tlog-tiles, "Log entries").

use crate::tile::FULL_WIDTH;

/// Why entries and a bundle do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is longer than its length field can say.
    #[error("an entry of {0} bytes is longer than 65535")]
    EntryTooLong(usize),
    /// The bytes end inside an entry or a length.
    #[error("the bundle ends inside entry {0}")]
    Cut(usize),
    /// More entries than a tile has hashes.
    #[error("a bundle holds at most 256 entries")]
    TooMany,
}

/// Writes entries one after the other, each behind its length as two bytes, the high one first.
///
/// # Errors
/// [`BundleError::EntryTooLong`], or [`BundleError::TooMany`] beyond 256 entries.
pub fn encode_bundle<'a>(
    entries: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, BundleError> {
    let mut bundle = Vec::new();
    for (count, entry) in entries.into_iter().enumerate() {
        if count >= usize::from(FULL_WIDTH) {
            return Err(BundleError::TooMany);
        }
        let length =
            u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong(entry.len()))?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Reads what [`encode_bundle`] wrote; the entries borrow from the bundle.
///
/// # Errors
/// [`BundleError::Cut`] when bytes are missing, [`BundleError::TooMany`] beyond 256 entries.
pub fn decode_bundle(bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        if entries.len() >= usize::from(FULL_WIDTH) {
            return Err(BundleError::TooMany);
        }
        let cut = BundleError::Cut(entries.len());
        let (length, after) = rest.split_first_chunk::<2>().ok_or(cut)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(cut)?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stand_behind_their_length_with_the_high_byte_first() {
        let long = vec![7; 258];
        let bundle = encode_bundle([b"ab".as_slice(), b"", &long]).unwrap();
        assert_eq!(bundle[..6], [0, 2, b'a', b'b', 0, 0]);
        assert_eq!(bundle[6..8], [1, 2]);
        assert_eq!(
            decode_bundle(&bundle).unwrap(),
            [b"ab".as_slice(), b"", &long]
        );
        assert_eq!(decode_bundle(b"").unwrap(), Vec::<&[u8]>::new());
    }

    #[test]
    fn a_bundle_cut_anywhere_inside_an_entry_is_refused() {
        let bundle = encode_bundle([b"abc".as_slice(), b"def"]).unwrap();
        for end in (1..5).chain(6..10) {
            assert!(decode_bundle(&bundle[..end]).is_err(), "cut at {end}");
        }
        let cut = BundleError::Cut(1);
        assert_eq!(decode_bundle(&bundle[..9]), Err(cut));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let long = vec![0; 65_536];
        assert_eq!(
            encode_bundle([long.as_slice()]),
            Err(BundleError::EntryTooLong(65_536))
        );
        assert_eq!(
            encode_bundle(std::iter::repeat_n(b"".as_slice(), 257)),
            Err(BundleError::TooMany)
        );
        assert_eq!(decode_bundle(&[0; 514]), Err(BundleError::TooMany));
        assert_eq!(decode_bundle(&[0; 512]).unwrap().len(), 256);
    }
}
