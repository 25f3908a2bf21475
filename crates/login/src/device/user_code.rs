//! The code that a person reads off a device and types into a browser (RFC 8628, §6.1).

use std::fmt;

/// Consonants: no word comes of them, and no letter is taken for another. 20 to the 8th are 2.6e10 codes.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;
/// Bytes from here on would make some letters likelier than others.
const FAIR: u8 = 240;

/// Eight letters, written in two groups of four.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserCode(String);

impl UserCode {
    /// One of these random bytes; `None` when too few of them are fair, which happens once in 10^17.
    pub(super) fn draw(random: &[u8; 32]) -> Option<Self> {
        let letters: String = random
            .iter()
            .filter(|byte| **byte < FAIR)
            .filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()))
            .take(LENGTH)
            .map(|letter| char::from(*letter))
            .collect();
        (letters.len() == LENGTH).then_some(Self(letters))
    }

    /// What somebody typed: in any case, with or without dashes and spaces.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.len() > 40 {
            return None;
        }
        let letters: String = typed
            .chars()
            .filter(|it| !matches!(it, '-' | ' '))
            .map(|it| it.to_ascii_uppercase())
            .collect();
        let is_letter = |byte: u8| LETTERS.contains(&byte);
        (letters.len() == LENGTH && letters.bytes().all(is_letter)).then_some(Self(letters))
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at_checked(LENGTH / 2).unwrap_or_default();
        write!(f, "{first}-{second}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = UserCode::draw(&[0; 32]).unwrap();
        assert_eq!(code.to_string(), "BBBB-BBBB");
        for typed in ["BBBB-BBBB", "bbbbbbbb", " bb bb - bb bb "] {
            assert_eq!(UserCode::read(typed).as_ref(), Some(&code), "{typed}");
        }
        for typed in [
            "BBBB-BBB",
            "BBBB-BBBBB",
            "ABBB-BBBB",
            "BBBB_BBBB",
            "",
            "ÄBBBBBB",
        ] {
            assert_eq!(UserCode::read(typed), None, "{typed}");
        }
    }

    #[test]
    fn bytes_that_would_favour_a_letter_are_passed_over() {
        assert_eq!(UserCode::draw(&[255; 32]), None);
        let mut mixed = [250; 32];
        for (place, byte) in mixed.iter_mut().skip(3).take(8).enumerate() {
            *byte = u8::try_from(place).unwrap() + 20;
        }
        assert_eq!(UserCode::draw(&mixed).unwrap().to_string(), "BCDF-GHJK");
    }
}
