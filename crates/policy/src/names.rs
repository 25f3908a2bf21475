//! Catalog names as Cedar's entity uids. Never by joining strings: an id may hold anything.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use cedar_policy::{EntityId, EntityTypeName, EntityUid};
use cedar_policy_core::ast;
use locum_domain::catalog::Role;
use locum_domain::{ApplicationId, Authority, PrincipalId, VendorId};

use crate::question::Action;

macro_rules! entity_types {
    ($($name:ident = $text:literal;)*) => {
        $(static $name: LazyLock<EntityTypeName> = LazyLock::new(|| {
            $text.parse().expect("an entity type of the schema")
        });)*
    };
}

entity_types! {
    ACTION = "Locum::Action";
    AGENT = "Locum::Agent";
    APPLICATION = "Locum::Application";
    AUTHORITY = "Locum::Authority";
    CASE = "Locum::Case";
    ELIGIBILITY = "Locum::Eligibility";
    PERSON = "Locum::Person";
    REQUEST = "Locum::Request";
    ROLE = "Locum::Role";
    SUBJECT = "Locum::Subject";
    VENDOR = "Locum::Vendor";
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

/// A name that stands in many questions.
pub(crate) type Uid = Arc<ast::EntityUID>;

pub(crate) fn shared(uid: EntityUid) -> Uid {
    Arc::new(uid.into())
}

/// What Cedar calls this entry.
pub(crate) fn of(entity: &ast::Entity) -> Uid {
    Arc::new(entity.uid().clone())
}

static REQUEST_UID: LazyLock<Uid> = LazyLock::new(|| shared(request()));
static ACTION_UIDS: LazyLock<BTreeMap<&'static str, Uid>> = LazyLock::new(|| {
    let named = |it: Action| (it.as_str(), shared(action(it.as_str())));
    Action::ALL.map(named).into()
});

/// The request of a question.
pub(crate) fn this_request() -> Uid {
    Arc::clone(&REQUEST_UID)
}

/// The action of a question.
pub(crate) fn this_action(asked: Action) -> Uid {
    let known = ACTION_UIDS.get(asked.as_str());
    known.map_or_else(|| shared(action(asked.as_str())), Arc::clone)
}

pub(crate) fn action(name: &str) -> EntityUid {
    uid(&ACTION, name)
}

pub(crate) fn person(id: &PrincipalId) -> EntityUid {
    uid(&PERSON, id.as_str())
}

pub(crate) fn agent(id: &PrincipalId) -> EntityUid {
    uid(&AGENT, id.as_str())
}

pub(crate) fn application(id: &ApplicationId) -> EntityUid {
    uid(&APPLICATION, id.as_str())
}

pub(crate) fn authority(authority: Authority) -> EntityUid {
    uid(&AUTHORITY, authority.as_str())
}

/// Every authority of the schema.
pub(crate) const AUTHORITIES: [Authority; 6] = [
    Authority::ApplicationOwner,
    Authority::Delegate,
    Authority::ManagerOrSecurityControlOwner,
    Authority::SecurityOrPrivacyOrCompliance,
    Authority::BreakGlass,
    Authority::NextAuthority,
];

/// The authority of this name.
pub(crate) fn known_authority(id: &str) -> Option<Authority> {
    AUTHORITIES.into_iter().find(|it| it.as_str() == id)
}

/// The type of a principal.
pub(crate) fn kind(is_agent: bool) -> &'static EntityTypeName {
    if is_agent { &AGENT } else { &PERSON }
}

pub(crate) fn is_agent(uid: &ast::EntityUID) -> bool {
    uid.entity_type() == AsRef::<ast::EntityType>::as_ref(&*AGENT)
}

pub(crate) fn is_person(kind: &ast::EntityType) -> bool {
    kind == AsRef::<ast::EntityType>::as_ref(&*PERSON)
}

pub(crate) fn case(reference: &str) -> EntityUid {
    uid(&CASE, reference)
}

pub(crate) fn eligibility(id: &str) -> EntityUid {
    uid(&ELIGIBILITY, id)
}

pub(crate) fn request() -> EntityUid {
    uid(&REQUEST, "this")
}

pub(crate) fn role(role: Role) -> EntityUid {
    uid(&ROLE, role.as_str())
}

pub(crate) fn subject(id: &str) -> EntityUid {
    uid(&SUBJECT, id)
}

pub(crate) fn vendor(id: &VendorId) -> EntityUid {
    uid(&VENDOR, id.as_str())
}
