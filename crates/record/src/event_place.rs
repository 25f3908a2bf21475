//! Where an entry stands among the entries of its access event.

use locum_tlog::Hash;

/// What every access event's id begins with.
const PREFIX: &str = "evt_";

/// The largest number that canonical JSON can say (RFC 8785, 3.2.2.3): nobody reaches it.
const MOST: u64 = (1 << 53) - 1;

/// The place of an entry in the chain of its access event: the how manyth it is, and the leaf hash of the one before
/// it. Public, so that anybody who sees some of the chain sees what of it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPlace {
    event: [u8; 16],
    nth: u64,
    previous: Option<Hash>,
}

impl EventPlace {
    /// The place of the filing, with which an access event begins.
    #[must_use]
    pub const fn first(event: [u8; 16]) -> Self {
        Self {
            event,
            nth: 1,
            previous: None,
        }
    }

    /// The place of entry `nth`, behind the entry with this leaf hash. `None` for a number that no later entry has.
    #[must_use]
    pub const fn later(event: [u8; 16], nth: u64, previous: Hash) -> Option<Self> {
        if nth < 2 || nth > MOST {
            return None;
        }
        Some(Self {
            event,
            nth,
            previous: Some(previous),
        })
    }

    /// The event's id without its prefix.
    #[must_use]
    pub const fn event(&self) -> [u8; 16] {
        self.event
    }

    /// 1 for the filing, then 2, 3…
    #[must_use]
    pub const fn nth(&self) -> u64 {
        self.nth
    }

    /// The leaf hash of the event's entry before this one; none before the filing.
    #[must_use]
    pub const fn previous(&self) -> Option<Hash> {
        self.previous
    }

    /// The event's id as entries write it.
    pub(crate) fn id(&self) -> String {
        let nibbles = self.event.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = nibbles.filter_map(|nibble| char::from_digit(u32::from(nibble), 16));
        PREFIX.chars().chain(digits).collect()
    }

    /// The place that an entry's members say, `Err` when they make none.
    pub(crate) fn of(
        event: Option<&str>,
        nth: Option<u64>,
        previous: Option<Hash>,
    ) -> Result<Option<Self>, ()> {
        match (event, nth, previous) {
            (None, None, None) => Ok(None),
            (Some(event), Some(1), None) => Ok(Some(Self::first(parsed(event).ok_or(())?))),
            (Some(event), Some(nth), Some(previous)) => {
                let event = parsed(event).ok_or(())?;
                Self::later(event, nth, previous).map(Some).ok_or(())
            }
            _ => Err(()),
        }
    }
}

fn parsed(id: &str) -> Option<[u8; 16]> {
    let digits = id.strip_prefix(PREFIX)?;
    if digits.len() != 32
        || !digits
            .bytes()
            .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
    {
        return None;
    }
    let mut event = [0; 16];
    for (place, byte) in event.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_entry_of_an_event_has_none_before_it() {
        let (id, hash) = (
            "evt_0102030405060708090a0b0c0d0e0f10",
            Hash::from_bytes([7; 32]),
        );
        let place = |nth, previous| EventPlace::of(Some(id), nth, previous);
        let first = place(Some(1), None).unwrap().unwrap();
        assert_eq!(
            (first.id().as_str(), first.nth(), first.previous()),
            (id, 1, None)
        );
        let later = place(Some(MOST), Some(hash)).unwrap().unwrap();
        assert_eq!((later.nth(), later.previous()), (MOST, Some(hash)));
        let none = [
            (0, None),
            (1, Some(hash)),
            (2, None),
            (0, Some(hash)),
            (MOST + 1, Some(hash)),
        ];
        for (nth, previous) in none {
            assert_eq!(place(Some(nth), previous), Err(()), "{nth} {previous:?}");
        }
        assert_eq!(EventPlace::of(None, None, None), Ok(None));
        assert_eq!(EventPlace::of(None, Some(1), None), Err(()));
        assert_eq!(place(None, None), Err(()));
        for id in [
            "evt_01",
            "req_0102030405060708090a0b0c0d0e0f10",
            "evt_+1+2+3+4+5+6+7+8+9+a+b+c+d+e+f+0",
        ] {
            assert_eq!(EventPlace::of(Some(id), Some(1), None), Err(()), "{id}");
        }
    }
}
