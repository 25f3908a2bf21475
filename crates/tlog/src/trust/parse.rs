//! The text form (C2SP tlog-policy, "Policy file syntax and structure").

use std::collections::BTreeSet;

use super::{Member, Named, TrustPolicy, Witness, WitnessVerifier};
use crate::note_key::{NamedKey, VerifierKeyError};
use crate::verifier_key::VerifierKey;

/// A predefined name: a quorum, and never a member.
const NONE: &str = "none";

/// What is wrong with a policy file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct TrustPolicyError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: TrustPolicyProblem,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustPolicyProblem {
    /// A control character other than tab and newline.
    #[error("a control character other than a tab")]
    Control,
    /// The last line is not ended.
    #[error("the line is not ended by a newline")]
    Unended,
    /// Another first word than the four.
    #[error("`{0}` is none of `log`, `witness`, `group`, `quorum`")]
    Keyword(String),
    /// Too few or too many words.
    #[error("expected `{0}`")]
    Form(&'static str),
    /// No verifier key of the kind that is needed.
    #[error("the verifier key cannot be used: {0}")]
    Key(#[source] VerifierKeyError),
    /// Two lines hold one public key.
    #[error("the public key is on an earlier line already")]
    SameKey,
    /// `none`, or a name that is taken.
    #[error("the name `{0}` is taken")]
    Taken(String),
    /// A name that no preceding line defines.
    #[error("`{0}` is not defined on a preceding line")]
    Undefined(String),
    /// A name that is a member of a group already.
    #[error("`{0}` is a member of a group already")]
    MemberTwice(String),
    /// No number between one and the number of members.
    #[error("`{0}` is neither `all`, `any`, nor a number between 1 and the number of members")]
    Threshold(String),
    /// A second quorum.
    #[error("the quorum is on an earlier line already")]
    SecondQuorum,
    /// The file has no quorum line.
    #[error("a `quorum` line is missing")]
    NoQuorum,
}

const LOG: &str = "log VKEY [URL]";
const WITNESS: &str = "witness NAME VKEY [URL]";
const GROUP: &str = "group NAME all|any|K MEMBER...";
const QUORUM: &str = "quorum NAME|none";

pub(super) fn parse(text: &[u8]) -> Result<TrustPolicy, TrustPolicyError> {
    let mut reading = Reading::default();
    let mut last = 0;
    for (line, number) in text.split_inclusive(|byte| *byte == b'\n').zip(1..) {
        last = number;
        let read = match line.strip_suffix(b"\n") {
            None => Err(TrustPolicyProblem::Unended),
            Some(line) if line.iter().any(|it| it.is_ascii_control() && *it != b'\t') => {
                Err(TrustPolicyProblem::Control)
            }
            // Octets that are no UTF-8 are opaque to the specification. Here, two names that differ
            // only in those are taken for one, which is refused.
            Some(line) => reading.line(&String::from_utf8_lossy(line)),
        };
        read.map_err(|problem| TrustPolicyError {
            line: number,
            problem,
        })?;
    }
    let quorum = reading.quorum.ok_or(TrustPolicyError {
        line: last,
        problem: TrustPolicyProblem::NoQuorum,
    })?;
    Ok(TrustPolicy {
        logs: reading.logs,
        witnesses: reading.witnesses,
        names: reading.names,
        quorum,
    })
}

#[derive(Default)]
struct Reading {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    names: Vec<Named>,
    quorum: Option<Option<usize>>,
    log_keys: BTreeSet<Vec<u8>>,
    witness_keys: BTreeSet<Vec<u8>>,
    members: BTreeSet<usize>,
}

impl Reading {
    fn line(&mut self, line: &str) -> Result<(), TrustPolicyProblem> {
        if line.trim_start_matches([' ', '\t']).starts_with('#') {
            return Ok(());
        }
        let words: Vec<&str> = line
            .split([' ', '\t'])
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            [] => Ok(()),
            ["log", key] | ["log", key, _] => self.log(key),
            ["log", ..] => Err(TrustPolicyProblem::Form(LOG)),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["witness", ..] => Err(TrustPolicyProblem::Form(WITNESS)),
            ["group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            ["group", ..] => Err(TrustPolicyProblem::Form(GROUP)),
            ["quorum", name] => self.quorum(name),
            ["quorum", ..] => Err(TrustPolicyProblem::Form(QUORUM)),
            [other, ..] => Err(TrustPolicyProblem::Keyword((*other).to_owned())),
        }
    }

    fn log(&mut self, key: &str) -> Result<(), TrustPolicyProblem> {
        let key = VerifierKey::parse(key).map_err(TrustPolicyProblem::Key)?;
        if !self.log_keys.insert(key.public_key().to_vec()) {
            return Err(TrustPolicyProblem::SameKey);
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(
        &mut self,
        name: &str,
        key: &str,
        url: Option<&str>,
    ) -> Result<(), TrustPolicyProblem> {
        let named = NamedKey::parse(key).map_err(TrustPolicyProblem::Key)?;
        if !self.witness_keys.insert(named.bytes.clone()) {
            return Err(TrustPolicyProblem::SameKey);
        }
        let key = WitnessVerifier::of(named).map_err(TrustPolicyProblem::Key)?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness {
            name: name.to_owned(),
            key,
            url: url.map(str::to_owned),
        });
        Ok(())
    }

    fn group(
        &mut self,
        name: &str,
        threshold: &str,
        members: &[&str],
    ) -> Result<(), TrustPolicyProblem> {
        let count = members.len();
        let threshold = match threshold {
            "all" => Some(count),
            "any" => Some(1),
            number => decimal(number).filter(|number| (1..=count).contains(number)),
        }
        .ok_or_else(|| TrustPolicyProblem::Threshold(threshold.to_owned()))?;
        let mut places = Vec::new();
        for member in members {
            let place = self.place_of(member)?;
            if !self.members.insert(place) {
                return Err(TrustPolicyProblem::MemberTwice((*member).to_owned()));
            }
            places.push(place);
        }
        let members = places;
        self.define(name, Member::Group { threshold, members })
    }

    fn quorum(&mut self, name: &str) -> Result<(), TrustPolicyProblem> {
        let quorum = match name {
            NONE => None,
            name => Some(self.place_of(name)?),
        };
        match self.quorum.replace(quorum) {
            None => Ok(()),
            Some(_) => Err(TrustPolicyProblem::SecondQuorum),
        }
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), TrustPolicyProblem> {
        if name == NONE || self.names.iter().any(|it| it.name == name) {
            return Err(TrustPolicyProblem::Taken(name.to_owned()));
        }
        let name = name.to_owned();
        self.names.push(Named { name, member });
        Ok(())
    }

    fn place_of(&self, name: &str) -> Result<usize, TrustPolicyProblem> {
        let place = self.names.iter().position(|it| it.name == name);
        place.ok_or_else(|| TrustPolicyProblem::Undefined(name.to_owned()))
    }
}

/// Digits only: `parse` alone would take a plus sign.
fn decimal(text: &str) -> Option<usize> {
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_decimal)
}
