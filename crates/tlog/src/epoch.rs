//! Epochs of one ledger.
//!
//! A ledger that lost signed entries for good cannot go on under its origin: whatever it signs next contradicts what it
//! signed before, and whoever kept a later checkpoint could not tell it from a forgery. It goes on under the origin with
//! `/epoch-2`, `/epoch-3`… behind it, the same key, and an entry that says what was lost. To every tool for logs that is
//! a ledger of its own.

const MARK: &str = "/epoch-";

/// The origin of an epoch; the first is that of the ledger itself.
#[must_use]
pub fn epoch_origin(base: &str, number: u32) -> String {
    match number {
        0 | 1 => base.to_owned(),
        later => format!("{base}{MARK}{later}"),
    }
}

/// The ledger's own origin, and which of its epochs this is the origin of.
#[must_use]
pub fn epoch_of(origin: &str) -> (&str, u32) {
    let later = origin.rsplit_once(MARK).and_then(|(base, digits)| {
        let number: u32 = digits.parse().ok().filter(|number| *number > 1)?;
        // One spelling: no sign, no zeros before it.
        (number.to_string() == digits && !base.is_empty()).then_some((base, number))
    });
    later.unwrap_or((origin, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r24_an_epochs_origin_names_its_ledger_and_its_number_in_one_spelling() {
        for number in [1, 2, 3, 10, u32::MAX] {
            let origin = epoch_origin("ledger.example/locum", number);
            assert_eq!(epoch_of(&origin), ("ledger.example/locum", number));
        }
        assert_eq!(epoch_origin("ledger.example", 1), "ledger.example");
        assert_eq!(epoch_origin("ledger.example", 2), "ledger.example/epoch-2");
        for alone in [
            "ledger.example/epoch-",
            "ledger.example/epoch-0",
            "ledger.example/epoch-1",
            "ledger.example/epoch-02",
            "ledger.example/epoch-+2",
            "ledger.example/epoch-2x",
            "ledger.example/epoch-4294967296",
            "/epoch-2",
        ] {
            assert_eq!(epoch_of(alone), (alone, 1));
        }
    }
}
