//! People, agents and vendors.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

use locum_domain::catalog::{Account, Agent, Person, Vendor};

use crate::field::{
    FieldChange, Judged, Kind, MORE_ALLOWED, Sheet, loosens, neutral, quoted, tightens,
};

const NAME: Judged = loosens("whoever approves or reviews knows them by their name");
const UNPROTECTED: Judged = loosens(
    "whoever is in no catalog is no longer kept from being acted as, nor known as the same human; \
     `active = false` takes everything else away",
);
const ACCOUNT: Judged = loosens("whoever holds the account is taken for them");
const ACCOUNT_GONE: Judged = loosens(
    "the account is no longer known to be theirs: not as their own doing, nor as one of our people's",
);

pub(crate) fn compare(old: Option<&Person>, new: Option<&Person>, changes: &mut Vec<FieldChange>) {
    let Some(either) = new.or(old) else {
        return;
    };
    let mut sheet = Sheet {
        kind: Kind::Person,
        id: either.id.to_string(),
        application: None,
        gains: BTreeSet::from([either.id.clone()]),
        changes,
    };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (old, _) => {
            let judged = match old {
                None => loosens("somebody else can sign in, and be named"),
                Some(_) => UNPROTECTED,
            };
            return sheet.entry(old.is_none(), quoted(&either.name), judged, []);
        }
    };
    let Person {
        id: _,
        name,
        employer,
        manager,
        roles,
        is_active,
        accounts,
    } = old;
    sheet.field("name", name, &new.name, NAME);
    let moved =
        loosens("another company answers for them, by its own eligibilities, sponsor and chain");
    sheet.field("employer", employer, &new.employer, moved);
    sheet.office(
        "manager",
        manager.as_ref(),
        new.manager.as_ref(),
        loosens("the manager decides crossings of theirs, hears of what nobody answers, and lets their keys in"),
        tightens("nobody decides as their manager any more"),
    );
    let gained = new.roles.iter().any(|it| !roles.contains(it));
    let lost = tightens("they hold fewer roles; what rules made of the role stands with the gains");
    if *roles != new.roles {
        let words = |it: &BTreeSet<_>| {
            let words: Vec<&str> = it
                .iter()
                .map(|it: &locum_domain::catalog::Role| it.as_str())
                .collect();
            (!words.is_empty()).then(|| words.join(", "))
        };
        let judged = if gained {
            loosens("they hold another role")
        } else {
            lost
        };
        let texts = (words(roles), words(&new.roles));
        sheet.note("roles", texts, judged, []);
    }
    activity(&mut sheet, *is_active, new.is_active);
    accounts_of(&mut sheet, accounts, &new.accounts);
}

pub(crate) fn compare_agents(
    old: Option<&Agent>,
    new: Option<&Agent>,
    changes: &mut Vec<FieldChange>,
) {
    let Some(either) = new.or(old) else {
        return;
    };
    let mut sheet = Sheet {
        kind: Kind::Agent,
        id: either.id.to_string(),
        application: None,
        gains: BTreeSet::from([either.id.clone()]),
        changes,
    };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (old, _) => {
            let judged = match old {
                None => loosens("another non-human actor can sign in, and be named"),
                Some(_) => UNPROTECTED,
            };
            return sheet.entry(old.is_none(), quoted(&either.name), judged, []);
        }
    };
    let Agent {
        id: _,
        name,
        kind,
        sponsor,
        public_key,
        operations_per_session,
        is_active,
        accounts,
    } = old;
    sheet.field("name", name, &new.name, NAME);
    let kind_of = loosens("applications and rules take it for another kind of actor");
    sheet.field("kind", kind, &new.kind, kind_of);
    let answers =
        loosens("the sponsor asks for it and answers for it; whoever was may now decide about it");
    sheet.office(
        "sponsor",
        Some(sponsor),
        Some(&new.sponsor),
        answers,
        answers,
    );
    sheet.judged(
        "public_key",
        public_key,
        &new.public_key,
        |_, new| match new {
            Some(_) => loosens("whoever holds the other key acts as it"),
            None => tightens("nobody can sign in as it any more"),
        },
    );
    let (was, is) = (*operations_per_session, new.operations_per_session);
    sheet.limit("operations_per_session", was, is, loosens(MORE_ALLOWED));
    activity(&mut sheet, *is_active, new.is_active);
    accounts_of(&mut sheet, accounts, &new.accounts);
}

pub(crate) fn compare_vendors(
    old: Option<&Vendor>,
    new: Option<&Vendor>,
    changes: &mut Vec<FieldChange>,
) {
    let Some(either) = new.or(old) else {
        return;
    };
    let mut sheet = Sheet {
        kind: Kind::Vendor,
        id: either.id.to_string(),
        application: None,
        gains: BTreeSet::new(),
        changes,
    };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (old, _) => {
            let because = "what its people gain or lose stands with them and with its chain";
            return sheet.entry(old.is_none(), quoted(&either.name), neutral(because), []);
        }
    };
    let Vendor {
        id: _,
        name,
        sponsor,
    } = old;
    sheet.field("name", name, &new.name, NAME);
    let answers =
        loosens("the sponsor sees what its people do; whoever was may now decide about them");
    sheet.office(
        "sponsor",
        Some(sponsor),
        Some(&new.sponsor),
        answers,
        answers,
    );
}

fn activity(sheet: &mut Sheet<'_>, old: bool, new: bool) {
    sheet.judged("active", &old, &new, |_, new| match new {
        true => loosens("who was kept out may do again what the catalog lets them"),
        false => tightens("whoever left does nothing any more"),
    });
}

fn accounts_of(sheet: &mut Sheet<'_>, old: &[Account], new: &[Account]) {
    let each = |accounts: &[Account]| accounts.iter().cloned().map(Written).collect();
    let (old, new): (BTreeSet<Written>, BTreeSet<Written>) = (each(old), each(new));
    sheet.set("accounts", &old, &new, ACCOUNT, ACCOUNT_GONE);
}

/// An account as it is shown. Two that read alike are still two.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Written(Account);

impl Display for Written {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Account { system, id } = &self.0;
        write!(f, "{id} at {system}")
    }
}
