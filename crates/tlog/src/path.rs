//! Addresses of tiles and entry bundles (C2SP tlog-tiles, "Merkle Tree tiles").

use std::fmt;
use std::str::FromStr;

use crate::tile::FULL_WIDTH;

/// What a path below the log's prefix names: `tile/<L>/<N>[.p/<W>]` or
/// `tile/entries/<N>[.p/<W>]`. `<N>` is written in groups of three digits, all but the last
/// behind an `x`: `x001/x234/067`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TilePath {
    /// Hashes of one level.
    Hashes {
        /// Level in the tiling, 0 to 63.
        level: u8,
        /// Place within the level.
        index: u64,
        /// Hashes in it, 1 to 256.
        width: u16,
    },
    /// The entries below one tile of level 0.
    Entries {
        /// Place of the bundle.
        index: u64,
        /// Entries in it, 1 to 256.
        width: u16,
    },
}

/// Why a path names nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile or an entry bundle")]
pub struct PathError;

const HIGHEST_LEVEL: u8 = 63;

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, width) = match self {
            Self::Hashes {
                level,
                index,
                width,
            } => {
                write!(f, "tile/{level}/")?;
                (*index, *width)
            }
            Self::Entries { index, width } => {
                f.write_str("tile/entries/")?;
                (*index, *width)
            }
        };
        write_index(f, index)?;
        if width < FULL_WIDTH {
            write!(f, ".p/{width}")?;
        }
        Ok(())
    }
}

/// Writes an index in groups of three digits, the highest first.
fn write_index(f: &mut fmt::Formatter<'_>, index: u64) -> fmt::Result {
    let (higher, last) = (index / 1000, index % 1000);
    if higher > 0 {
        write_higher(f, higher)?;
    }
    write!(f, "{last:03}")
}

fn write_higher(f: &mut fmt::Formatter<'_>, groups: u64) -> fmt::Result {
    if groups >= 1000 {
        write_higher(f, groups / 1000)?;
    }
    write!(f, "x{:03}/", groups % 1000)
}

impl FromStr for TilePath {
    type Err = PathError;

    /// Reads the one spelling that [`fmt::Display`] writes, and no other: a path is a cache key.
    fn from_str(text: &str) -> Result<Self, PathError> {
        let rest = text.strip_prefix("tile/").ok_or(PathError)?;
        let (what, rest) = rest.split_once('/').ok_or(PathError)?;
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => (groups, decimal(width)?),
            None => (rest, FULL_WIDTH),
        };
        let mut index: u64 = 0;
        for group in groups.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let value: u64 = decimal(digits)?;
            index = index
                .checked_mul(1000)
                .and_then(|index| index.checked_add(value))
                .ok_or(PathError)?;
        }
        let path = match what {
            "entries" => Self::Entries { index, width },
            level => Self::Hashes {
                level: decimal(level)?,
                index,
                width,
            },
        };
        let is_level_known = !matches!(path, Self::Hashes { level, .. } if level > HIGHEST_LEVEL);
        if is_level_known && (1..=FULL_WIDTH).contains(&width) && path.to_string() == text {
            Ok(path)
        } else {
            Err(PathError)
        }
    }
}

fn decimal<N: FromStr>(digits: &str) -> Result<N, PathError> {
    digits.parse().map_err(|_| PathError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(level: u8, index: u64, width: u16) -> TilePath {
        TilePath::Hashes {
            level,
            index,
            width,
        }
    }

    #[test]
    fn the_paths_of_the_specification_are_written_and_read() {
        let cases = [
            (hashes(0, 1_234_067, 256), "tile/0/x001/x234/067"),
            (hashes(0, 273, 112), "tile/0/273.p/112"),
            (hashes(1, 0, 256), "tile/1/000"),
            (hashes(1, 1, 17), "tile/1/001.p/17"),
            (hashes(2, 0, 1), "tile/2/000.p/1"),
            (hashes(63, 999, 255), "tile/63/999.p/255"),
            (
                TilePath::Entries {
                    index: 1000,
                    width: 256,
                },
                "tile/entries/x001/000",
            ),
            (
                TilePath::Entries {
                    index: 0,
                    width: 44,
                },
                "tile/entries/000.p/44",
            ),
            (
                hashes(0, u64::MAX, 256),
                "tile/0/x018/x446/x744/x073/x709/x551/615",
            ),
        ];
        for (path, text) in cases {
            assert_eq!(path.to_string(), text);
            assert_eq!(text.parse(), Ok(path));
        }
    }

    #[test]
    fn a_second_spelling_of_a_path_is_refused() {
        for text in [
            "",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/00/000",
            "tile/64/000",
            "tile/0/0",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/+1",
            "tile/0/000.p",
            "tile/0/000.p/1/",
            "tile/0/1000",
            "tile/8/0/000",
            "tile/data/000",
            "tile/entries/x01/000",
            "/tile/0/000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
        ] {
            assert_eq!(text.parse::<TilePath>(), Err(PathError), "{text}");
        }
    }
}
