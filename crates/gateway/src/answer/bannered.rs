//! A page on its way: out of its coding, under the banner, piece by piece.

use bytes::Bytes;

use super::banner::{Banner, BannerError};
use super::coding::{CodingError, Unfolding};

/// Why a page broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error("the page could not be unfolded")]
    Coding(#[from] CodingError),
    #[error("the page could not carry its banner")]
    Banner(#[from] BannerError),
}

/// The page.
pub(super) struct Bannered {
    banner: Banner,
    unfolding: Option<Unfolding>,
}

impl Bannered {
    pub(super) fn over(banner: Banner, unfolding: Option<Unfolding>) -> Self {
        Self { banner, unfolding }
    }

    /// Takes a piece as it came. What of it can go on at once is answered, the rest by [`Self::more`].
    pub(super) fn write(&mut self, piece: Bytes) -> Result<Option<Bytes>, PageError> {
        match self.unfolding.as_mut() {
            None => Ok(Some(self.banner.write(&piece)?)),
            Some(unfolding) => {
                unfolding.feed(piece);
                self.more()
            }
        }
    }

    /// What can go on without more having come; `None` when nothing can.
    pub(super) fn more(&mut self) -> Result<Option<Bytes>, PageError> {
        let unfolded = match self.unfolding.as_mut() {
            None => None,
            Some(unfolding) => unfolding.next()?,
        };
        Ok(match unfolded {
            None => None,
            Some(piece) => Some(self.banner.write(&piece)?),
        })
    }

    /// The rest of the page.
    pub(super) fn end(self) -> Result<Bytes, PageError> {
        if let Some(unfolding) = &self.unfolding {
            unfolding.end()?;
        }
        Ok(self.banner.end()?)
    }
}
