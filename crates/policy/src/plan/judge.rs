//! One version, asked about somebody.

use std::cell::RefCell;
use std::collections::BTreeSet;

use locum_domain::{Case, Minutes, PrincipalId, Provisions, Refusal, Scope, Timestamp};

use super::Side;
use super::asking::Urgency;
use super::bench::Benches;
use super::reading::Reading;
use super::standing::Standings;
use crate::filing::{Circumstances, Filing};

/// Catalog and policies of one version, with what was asked about them already.
pub(crate) struct Judge<'a> {
    pub(crate) side: Side<'a>,
    pub(crate) reading: &'a Reading,
    /// Whoever asks, as far as nothing depends on it.
    pub(crate) nobody: &'a PrincipalId,
    pub(crate) standings: Standings<'a>,
    pub(crate) benches: Benches<'a>,
    troubles: RefCell<BTreeSet<String>>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(side: Side<'a>, reading: &'a Reading, nobody: &'a PrincipalId) -> Self {
        Self {
            side,
            reading,
            nobody,
            standings: Standings::of(side.catalog, reading),
            benches: Benches::default(),
            troubles: RefCell::default(),
        }
    }

    /// What could not be answered, in sentences.
    pub(crate) fn troubles(&self) -> impl Iterator<Item = String> {
        self.troubles.take().into_iter()
    }

    /// The answer, or nothing: what cannot be evaluated opens nothing.
    pub(crate) fn heard<T: Default>(&self, answer: Result<T, Refusal>) -> T {
        answer.unwrap_or_else(|refusal| {
            self.troubles.borrow_mut().insert(refusal.detail);
            T::default()
        })
    }

    /// A wish with nothing on the record beside the catalog.
    pub(crate) fn filing<'f>(
        &self,
        asker: &'f PrincipalId,
        scope: &'f Scope,
        urgency: Urgency,
        circumstances: Circumstances,
    ) -> Filing<'f>
    where
        'a: 'f,
    {
        Filing {
            catalog: self.side.catalog,
            provisions: Provisions::NONE,
            requester: asker,
            actor: asker,
            scope,
            duration: Minutes(1),
            break_glass: urgency.is_emergency(),
            impersonating: false,
            circumstances,
        }
    }
}

/// A case that names nobody of ours and that somebody outside vouches for.
pub(crate) fn case() -> Option<Case> {
    Some(Case {
        reference: "plan:1".parse().ok()?,
        is_open: true,
        state: "open".to_owned(),
        assignee: None,
        subject: None,
        tenant: None,
        title: None,
        priority: None,
        queue: None,
        opened_by: None,
        subject_set_by: None,
        opened_at: None,
        looked_up_at: Timestamp::UNIX_EPOCH,
    })
}
