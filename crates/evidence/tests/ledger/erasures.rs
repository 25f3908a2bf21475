//! What was erased.

use locum_domain::{ErasureId, Event, Stream};
use locum_record::Personal;

use super::Ledger;
use super::scenario::person;

impl Ledger {
    /// Everybody's data is erased, and the history of this request says so.
    pub fn erase(&mut self, request: &Stream) {
        let Stream::Request(id) = request else {
            panic!("`{request}` is no request");
        };
        let event = Event::PersonalErased {
            request: id.clone(),
            erasure: ErasureId::from_bytes([1; 16]),
            asked_by: person("paul"),
            confirmed_by: person("carl"),
            at: self.now(),
        };
        self.record(request, &event);
        self.withhold();
    }

    /// The personal values are not there, and nothing says why.
    pub fn withhold(&mut self) {
        for row in &mut self.rows {
            let digest = row.personal.as_ref().map(|it| it.digest().unwrap());
            row.personal = digest.map(Personal::Erased);
        }
    }
}
