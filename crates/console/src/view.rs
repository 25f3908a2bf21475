//! Who reads a page, when, and by which catalog: what words and times on it depend on.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use locum_control::{Assurance, Indexed};
use locum_domain::catalog::{Principal, Role};
use locum_domain::{ApplicationId, PrincipalId, Timestamp};

/// The reader's side of a page.
pub(crate) struct View {
    pub(crate) catalog: Arc<Indexed>,
    pub(crate) zone: TimeZone,
    pub(crate) now: Timestamp,
    pub(crate) is_development: bool,
    /// The page's own path with its query.
    pub(crate) path: String,
    pub(crate) reader: Option<Reader>,
}

/// Somebody who is signed in.
pub(crate) struct Reader {
    pub(crate) principal: PrincipalId,
    /// What every form of this login must carry.
    pub(crate) csrf: String,
    /// Roles of the catalog that this login does not carry.
    pub(crate) withheld_roles: BTreeSet<Role>,
    /// How sure the login is that it is they.
    pub(crate) assurance: Assurance,
    /// Whether a founder's one-time link signed them in, which opens the founding alone.
    pub(crate) is_by_founding_link: bool,
    /// The origin that signing out leads on to, when the identity provider ends its own session too.
    pub(crate) sign_out_at: Option<String>,
}

impl View {
    /// Whether this is who reads.
    pub(crate) fn is_reader(&self, id: &PrincipalId) -> bool {
        self.reader.as_ref().is_some_and(|it| it.principal == *id)
    }

    /// Whether the reader has one of these roles, and carries it in this login.
    pub(crate) fn has_role(&self, roles: &[Role]) -> bool {
        let Some(reader) = &self.reader else {
            return false;
        };
        let carries = |role: &Role| !reader.withheld_roles.contains(role);
        match self.catalog.principal(&reader.principal) {
            Some(Principal::Person(person)) => roles
                .iter()
                .any(|it| person.roles.contains(it) && carries(it)),
            _ => false,
        }
    }

    /// A person's name as plain text, for where no markup stands.
    pub(crate) fn name_of<'a>(&'a self, id: &'a PrincipalId) -> &'a str {
        let person = self.catalog.people.get(id);
        person.map_or(id.as_str(), |it| it.name.as_str())
    }

    /// Whether the reader's work is to sign for other people's authenticators. A founder may too, and finds what
    /// waits on Today.
    pub(crate) fn may_sign_enrolments(&self) -> bool {
        self.has_role(&[Role::Manager, Role::Security, Role::SecurityControlOwner])
    }

    /// Whether the reader could have a say in opening what is closed, or looks at everything.
    pub(crate) fn may_open_exceptions(&self) -> bool {
        let roles = [
            Role::Security,
            Role::SecurityControlOwner,
            Role::Privacy,
            Role::Compliance,
            Role::Auditor,
        ];
        self.has_role(&roles) || !self.owned().is_empty()
    }

    /// Whether the reader could ask for an erasure.
    pub(crate) fn may_ask_erasures(&self) -> bool {
        self.has_role(&[Role::Privacy, Role::Compliance])
    }

    /// Whether the reader could confirm one that somebody else asked for.
    pub(crate) fn may_decide_erasures(&self) -> bool {
        self.may_ask_erasures() || self.has_role(&[Role::Security])
    }

    /// Whether the reader watches over the record.
    pub(crate) fn may_see_record(&self) -> bool {
        self.has_role(&[Role::Security, Role::SecurityControlOwner, Role::Auditor])
    }

    /// Whether erasures are the reader's to look at.
    pub(crate) fn may_see_erasures(&self) -> bool {
        self.may_decide_erasures() || self.has_role(&[Role::Auditor])
    }

    /// Whether the reader could be the second person of a change, or propose one.
    pub(crate) fn may_confirm_changes(&self) -> bool {
        self.has_role(&[Role::Security, Role::SecurityControlOwner]) || !self.owned().is_empty()
    }

    /// Whether changes are the reader's to look at.
    pub(crate) fn may_see_changes(&self) -> bool {
        self.may_confirm_changes() || self.has_role(&[Role::Auditor])
    }

    /// The applications the reader owns, as application, product or data owner.
    pub(crate) fn owned(&self) -> Vec<&ApplicationId> {
        let owns = |it: &&locum_domain::catalog::Application| {
            self.is_reader(&it.owner)
                || it
                    .product_owner
                    .as_ref()
                    .is_some_and(|id| self.is_reader(id))
                || it.data_owner.as_ref().is_some_and(|id| self.is_reader(id))
        };
        let owned = self.catalog.applications.values().filter(owns);
        owned.map(|it| &it.id).collect()
    }

    /// Whether the reader may stop anything at all.
    pub(crate) fn may_stop(&self) -> bool {
        self.has_role(&[Role::Security, Role::SecurityControlOwner]) || !self.owned().is_empty()
    }
}
