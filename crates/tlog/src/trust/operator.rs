//! Who runs a witness: several witnesses of one organisation are one pair of eyes.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::cosigner::Cosignature;

/// The organisation that a key name speaks of: the last two labels of its host, so that
/// `w1.witness.example/a` and `w2.witness.example/b` are one. A name without such a host stands
/// for itself.
///
/// Two organisations below one public suffix of two labels (`a.co.uk` and `b.co.uk`) are taken
/// for one as well: the count may be too low, and is never too high for honest names. The names
/// are those of the reader's own trust policy, not of whoever presents a checkpoint.
#[must_use]
pub fn operator_of(key_name: &str) -> String {
    let host = key_name.split('/').next().unwrap_or(key_name);
    let host = host.rsplit_once(':').map_or(host, |(host, _port)| host);
    let labels: Vec<&str> = host.split('.').filter(|label| !label.is_empty()).collect();
    match labels.as_slice() {
        [.., second, top] if host.parse::<IpAddr>().is_err() => {
            format!("{second}.{top}").to_ascii_lowercase()
        }
        _ => key_name.to_ascii_lowercase(),
    }
}

/// How many organisations beside the ledger's own are behind these cosignatures.
pub(super) fn outside(origin: &str, cosignatures: &[Cosignature]) -> usize {
    let own = operator_of(origin);
    let operators: BTreeSet<String> = cosignatures
        .iter()
        .map(|it| operator_of(&it.cosigner))
        .filter(|operator| *operator != own)
        .collect();
    operators.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosigned(by: &[&str]) -> Vec<Cosignature> {
        by.iter()
            .map(|name| Cosignature {
                cosigner: (*name).to_owned(),
                time: 0,
            })
            .collect()
    }

    #[test]
    fn r24_witnesses_of_one_operator_count_once_and_the_ledgers_own_not_at_all() {
        let count = |by: &[&str]| outside("ledger.acme.example/locum", &cosigned(by));
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&["w1.acme.example"]), 0);
        assert_eq!(count(&["W1.other.example/a", "w2.other.example/b"]), 1);
        assert_eq!(count(&["other.example/w", "w.third.example"]), 2);
    }

    #[test]
    fn a_name_without_a_host_stands_for_itself() {
        for name in ["localhost:9444", "127.0.0.1:9444/w", "oid/1.3.6.1", "w1"] {
            assert_eq!(operator_of(name), name);
        }
    }
}
