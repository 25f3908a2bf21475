//! Where personal data is sealed, and under whose key.

use std::collections::HashMap;

use locum_domain::{Aggregate, ERASED, Stream, Whose};
use locum_record::{Personal, PersonalValues};
use rusqlite::Connection;

use crate::fault::Fault;
use crate::vault::{KeyId, SubjectKey, Vault};

/// Whose a stream is, by its own state; a review's is that of its session, which the caller looks up.
pub(crate) fn owner(
    stream: &Stream,
    state: Option<&Aggregate>,
    of_session: impl FnOnce(&Stream) -> Result<Option<Aggregate>, Fault>,
) -> Result<Owner, Fault> {
    let whose = state.map_or(Whose::Nobodys, Aggregate::whose);
    let whose = match whose {
        Whose::OfSession(session) => {
            let session = of_session(&Stream::Session(session))?;
            session.map_or(Whose::Nobodys, |session| session.whose())
        }
        whose => whose,
    };
    Ok(match whose {
        Whose::Subject(subject) if subject.as_str() == ERASED => Owner::Erased,
        Whose::Subject(subject) => Owner::Of(subject.to_string()),
        // Nobody can ask for its erasure, and still it does not stand in clear.
        Whose::OfSession(_) | Whose::Nobodys => Owner::Of(format!("\n{stream}")),
    })
}

/// Under whose key something is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    Of(String),
    /// What is said about somebody after their erasure is erased as it is said.
    Erased,
}

/// The keys of one transaction or one reading, each unwrapped once.
pub(crate) struct Keys<'c> {
    vault: Option<&'c Vault>,
    connection: &'c Connection,
    by_owner: HashMap<String, KeyId>,
    by_id: HashMap<KeyId, Option<SubjectKey>>,
}

/// The place of a payload's personal half.
fn payload_at(position: u64) -> String {
    format!("payload {position}")
}

fn state_at(stream: &str, version: u64) -> String {
    format!("state {stream} {version}")
}

impl<'c> Keys<'c> {
    pub(crate) fn new(vault: Option<&'c Vault>, connection: &'c Connection) -> Self {
        Self {
            vault,
            connection,
            by_owner: HashMap::new(),
            by_id: HashMap::new(),
        }
    }

    fn vault(&self) -> Result<&'c Vault, Fault> {
        let none = "personal data is sealed here and the payload key is not given";
        self.vault.ok_or_else(|| Fault::Unwritable(none.to_owned()))
    }

    /// Seals the personal values of the payload at `position`.
    pub(crate) fn seal_values(
        &mut self,
        owner: &str,
        position: u64,
        values: &PersonalValues,
    ) -> Result<(KeyId, Vec<u8>), Fault> {
        let bytes = values
            .to_bytes()
            .map_err(|error| Fault::Unwritable(error.to_string()))?;
        self.seal(owner, &payload_at(position), &bytes)
    }

    /// Seals the document of a state.
    pub(crate) fn seal_state(
        &mut self,
        owner: &str,
        stream: &str,
        version: u64,
        document: &str,
    ) -> Result<(KeyId, Vec<u8>), Fault> {
        self.seal(owner, &state_at(stream, version), document.as_bytes())
    }

    fn seal(&mut self, owner: &str, place: &str, bytes: &[u8]) -> Result<(KeyId, Vec<u8>), Fault> {
        let vault = self.vault()?;
        let id = match self.by_owner.get(owner) {
            Some(id) => *id,
            None => {
                let key = vault.take(self.connection, owner)?;
                let id = key.id;
                self.by_owner.insert(owner.to_owned(), id);
                self.by_id.insert(id, Some(key));
                id
            }
        };
        match self.by_id.get(&id) {
            Some(Some(key)) => Ok((id, vault.seal_for(key, place, bytes)?)),
            _ => Err(Fault::Unwritable("a subject's key is gone".to_owned())),
        }
    }

    /// The personal half of the payload at `position`: its values, or what is left of them. Without the payload key
    /// nobody sees more than that.
    pub(crate) fn open_values(
        &mut self,
        position: u64,
        digest: [u8; 32],
        sealed: Option<(KeyId, Vec<u8>)>,
    ) -> Result<Personal, Fault> {
        let (Some((id, sealed)), Some(_)) = (sealed, self.vault) else {
            return Ok(Personal::Erased(digest));
        };
        let Some(key) = self.key(id)? else {
            return Ok(Personal::Erased(digest));
        };
        let corrupt = || {
            Fault::Corrupt(format!(
                "the personal values at position {position} are not those that were sealed there"
            ))
        };
        let bytes = key
            .open(&payload_at(position), &sealed)
            .ok_or_else(corrupt)?;
        let values = PersonalValues::parse(&bytes).map_err(|_| corrupt())?;
        Ok(Personal::Known(values))
    }

    /// The document of a state that was sealed.
    pub(crate) fn open_state(
        &mut self,
        stream: &str,
        version: u64,
        id: KeyId,
        sealed: &[u8],
    ) -> Result<String, Fault> {
        self.vault()?;
        let corrupt = || Fault::Corrupt(format!("the state of `{stream}` does not open"));
        let key = self.key(id)?.ok_or_else(corrupt)?;
        let document = key.open(&state_at(stream, version), sealed);
        let document = document.ok_or_else(corrupt)?;
        String::from_utf8(document).map_err(|_| corrupt())
    }

    fn key(&mut self, id: KeyId) -> Result<Option<&SubjectKey>, Fault> {
        if !self.by_id.contains_key(&id) {
            let key = self.vault()?.key(self.connection, id)?;
            self.by_id.insert(id, key);
        }
        Ok(self.by_id.get(&id).and_then(Option::as_ref))
    }
}

/// A key's value as the database has it: one that names a subject, by its keyed hash.
pub(crate) fn key_value(vault: Option<&Vault>, key: &str, value: &str) -> Result<String, Fault> {
    if !Aggregate::names_subject(key, value) {
        return Ok(value.to_owned());
    }
    let none = "subjects are found by keyed hashes and the payload key is not given";
    let vault = vault.ok_or_else(|| Fault::Unwritable(none.to_owned()))?;
    Ok(vault.name(&format!("{key}\n{value}")))
}
