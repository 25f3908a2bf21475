//! Whose address it is, as far as one customer of a provider has one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One household or office: an IPv4 address, or an IPv6 /64, in which one machine has as many addresses as it likes.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    masked(address, 32, 64)
}

/// One provider's region: /16 and /32.
pub(super) fn coarse(address: IpAddr) -> IpAddr {
    masked(address, 16, 32)
}

fn masked(address: IpAddr, v4: u32, v6: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - v4).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - v6).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_machine_does_not_become_many_by_changing_its_address() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        let coarse = |text: &str| coarse(text.parse().unwrap()).to_string();
        assert_eq!(coarse("192.0.2.7"), "192.0.0.0");
        assert_eq!(coarse("2001:db8:1:2::"), "2001:db8::");
    }
}
