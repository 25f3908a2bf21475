//! The contacts, dated back from now.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Note {
    pub(crate) at: Timestamp,
    pub(crate) text: String,
    pub(crate) by: String,
}

/// A case as customer records remember it.
pub(crate) struct Ticket {
    pub(crate) number: &'static str,
    pub(crate) title: &'static str,
    pub(crate) is_open: bool,
}

pub(crate) struct Contact {
    pub(crate) id: &'static str,
    pub(crate) organisation: &'static str,
    pub(crate) name: &'static str,
    pub(crate) position: &'static str,
    pub(crate) mail: &'static str,
    pub(crate) phone: String,
    pub(crate) tickets: &'static [Ticket],
    pub(crate) history: Vec<Note>,
}

pub(crate) struct Contacts {
    contacts: Vec<Contact>,
}

struct Row {
    id: &'static str,
    organisation: &'static str,
    name: &'static str,
    position: &'static str,
    mail: &'static str,
    phone: &'static str,
    tickets: &'static [Ticket],
    /// Days ago, what was said, and by whom.
    notes: &'static [(i64, &'static str, &'static str)],
}

const fn ticket(number: &'static str, title: &'static str, is_open: bool) -> Ticket {
    Ticket {
        number,
        title,
        is_open,
    }
}

const ROWS: &[Row] = &[
    Row {
        id: "c-301",
        organisation: "initech",
        name: "Carol Diaz",
        position: "Accounts payable",
        mail: "carol.diaz@initech.example",
        phone: "+49 30 5550 1201",
        tickets: &[
            ticket("desk:7", "Setup fee is on INV-2041 twice", true),
            ticket("desk:8", "Cannot find last year's invoices", false),
        ],
        notes: &[
            (
                61,
                "Asked for invoices as PDF/A; switched on.",
                "Ann Abbott",
            ),
            (9, "Second site goes live this month.", "Alice Archer"),
            (
                1,
                "Called about a fee that is charged twice.",
                "Alice Archer",
            ),
        ],
    },
    Row {
        id: "c-302",
        organisation: "initech",
        name: "Dora Engel",
        position: "Head of administration",
        mail: "dora.engel@initech.example",
        phone: "+49 30 5550 1200",
        tickets: &[ticket("desk:14", "Add a second administrator", true)],
        notes: &[(120, "Signed the contract for 40 seats.", "Petra Price")],
    },
    Row {
        id: "c-303",
        organisation: "initech",
        name: "Milan Novak",
        position: "Archive",
        mail: "milan.novak@initech.example",
        phone: "+49 30 5550 1244",
        tickets: &[],
        notes: &[(33, "Training on site, six people.", "Petra Price")],
    },
    Row {
        id: "c-411",
        organisation: "larkfield",
        name: "Ken Sato",
        position: "Finance",
        mail: "ken.sato@larkfield.example",
        phone: "+44 20 5550 7710",
        tickets: &[
            ticket("desk:9", "Purchase order number is missing", false),
            ticket("desk:11", "Recognition is slow since Monday", true),
        ],
        notes: &[(14, "Wants the order number on every invoice.", "Ann Abbott")],
    },
    Row {
        id: "c-412",
        organisation: "larkfield",
        name: "Amara Obi",
        position: "Warehouse",
        mail: "amara.obi@larkfield.example",
        phone: "+44 20 5550 7729",
        tickets: &[],
        notes: &[(80, "Scans delivery notes by phone.", "Ann Abbott")],
    },
    Row {
        id: "c-520",
        organisation: "tessel",
        name: "Lucia Moreno",
        position: "Managing partner",
        mail: "lucia.moreno@tessel.example",
        phone: "+31 20 5550 330",
        tickets: &[ticket("desk:12", "Archive cannot be opened at all", true)],
        notes: &[(2, "Moves to the larger storage plan.", "Petra Price")],
    },
    Row {
        id: "c-521",
        organisation: "tessel",
        name: "Henk Visser",
        position: "Prepress",
        mail: "henk.visser@tessel.example",
        phone: "+31 20 5550 331",
        tickets: &[ticket("desk:13", "How do I share a folder?", true)],
        notes: &[],
    },
];

impl Contacts {
    pub(crate) fn open(now: Timestamp) -> Self {
        let contacts = ROWS.iter().map(|row| Contact::from(row, now)).collect();
        Self { contacts }
    }

    pub(crate) fn of(&self, organisation: &str) -> impl Iterator<Item = &Contact> {
        self.contacts
            .iter()
            .filter(move |contact| contact.organisation == organisation)
    }

    pub(crate) fn find(&self, organisation: &str, id: &str) -> Option<&Contact> {
        self.of(organisation).find(|contact| contact.id == id)
    }

    pub(crate) fn find_mut(&mut self, organisation: &str, id: &str) -> Option<&mut Contact> {
        self.contacts
            .iter_mut()
            .find(|contact| contact.organisation == organisation && contact.id == id)
    }
}

impl Contact {
    fn from(row: &Row, now: Timestamp) -> Self {
        let history = row.notes.iter().map(|&(days, text, by)| Note {
            at: now - SignedDuration::from_hours(24 * days),
            text: text.to_owned(),
            by: by.to_owned(),
        });
        Self {
            id: row.id,
            organisation: row.organisation,
            name: row.name,
            position: row.position,
            mail: row.mail,
            phone: row.phone.to_owned(),
            tickets: row.tickets,
            history: history.collect(),
        }
    }

    pub(crate) fn note(&mut self, at: Timestamp, text: String, by: String) -> Note {
        let note = Note { at, text, by };
        self.history.push(note.clone());
        note
    }
}
