//! New ids: UUID version 7 in hexadecimal, so that ids sort by age.

use locum_domain::Timestamp;

use crate::ports::Entropy;

/// 16 bytes as RFC 9562, section 5.7 lays them out: milliseconds, then randomness.
pub(crate) fn uuid_v7(at: Timestamp, entropy: &dyn Entropy) -> [u8; 16] {
    let random = entropy.bytes();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(random.first_chunk::<16>().unwrap_or(&[0; 16]));
    let [_, _, milliseconds @ ..] = at.as_millisecond().to_be_bytes();
    bytes
        .iter_mut()
        .zip(milliseconds)
        .for_each(|(byte, time)| *byte = time);
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
    *version = (*version & 0x0f) | 0x70;
    *variant = (*variant & 0x3f) | 0x80;
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;
    impl Entropy for Ones {
        fn bytes(&self) -> [u8; 32] {
            [0xff; 32]
        }
    }

    #[test]
    fn an_id_begins_with_its_time_and_says_its_version() {
        let at = Timestamp::from_millisecond(0x0001_0203_0405).unwrap();
        let bytes = uuid_v7(at, &Ones);
        assert_eq!(bytes[..6], [0, 1, 2, 3, 4, 5]);
        assert_eq!((bytes[6] >> 4, bytes[8] >> 6), (7, 2));
    }
}
