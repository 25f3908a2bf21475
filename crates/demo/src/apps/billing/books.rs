//! The invoices. They are dated back from today, so that the sample never looks abandoned.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// In percent.
pub(crate) const VAT: i64 = 19;

pub(crate) struct Line {
    pub(crate) text: &'static str,
    pub(crate) quantity: i64,
    pub(crate) unit_cents: i64,
}

pub(crate) struct Note {
    pub(crate) on: Date,
    pub(crate) text: String,
}

pub(crate) struct Invoice {
    pub(crate) number: &'static str,
    pub(crate) organisation: &'static str,
    pub(crate) issued: Date,
    pub(crate) due: Date,
    pub(crate) paid: Option<Date>,
    pub(crate) lines: Vec<Line>,
    pub(crate) history: Vec<Note>,
}

pub(crate) struct Books {
    invoices: Vec<Invoice>,
}

/// Number, organisation, months ago, is it paid, and its lines.
type Row = (
    &'static str,
    &'static str,
    i64,
    bool,
    &'static [(&'static str, i64, i64)],
);

const SEATS: &str = "Document archive, seats";
const STORAGE: &str = "Storage, per 100 GB";
const PAGES: &str = "Pages recognised, per thousand";
const SUPPORT: &str = "Support, business hours";

const ROWS: &[Row] = &[
    (
        "INV-2041",
        "initech",
        0,
        false,
        &[
            (SEATS, 42, 1_250),
            (STORAGE, 6, 900),
            ("Setup of the second site", 1, 48_000),
            ("Setup of the second site", 1, 48_000),
        ],
    ),
    (
        "INV-1987",
        "initech",
        1,
        true,
        &[(SEATS, 42, 1_250), (STORAGE, 5, 900), (PAGES, 31, 420)],
    ),
    (
        "INV-1932",
        "initech",
        2,
        false,
        &[(SEATS, 40, 1_250), (STORAGE, 5, 900), (SUPPORT, 1, 19_900)],
    ),
    (
        "INV-1876",
        "initech",
        3,
        true,
        &[(SEATS, 40, 1_250), (STORAGE, 5, 900)],
    ),
    (
        "INV-1820",
        "initech",
        4,
        true,
        &[(SEATS, 38, 1_250), (STORAGE, 4, 900), (PAGES, 12, 420)],
    ),
    (
        "INV-1765",
        "initech",
        5,
        true,
        &[
            (SEATS, 38, 1_250),
            ("Training, one day on site", 1, 140_000),
        ],
    ),
    (
        "INV-2043",
        "larkfield",
        0,
        false,
        &[(SEATS, 12, 1_400), (PAGES, 88, 420)],
    ),
    (
        "INV-1990",
        "larkfield",
        1,
        true,
        &[(SEATS, 12, 1_400), (PAGES, 73, 420)],
    ),
    (
        "INV-1935",
        "larkfield",
        2,
        true,
        &[(SEATS, 11, 1_400), (PAGES, 91, 420), (SUPPORT, 1, 19_900)],
    ),
    (
        "INV-2044",
        "tessel",
        0,
        false,
        &[(SEATS, 7, 1_400), (STORAGE, 22, 900)],
    ),
    (
        "INV-1991",
        "tessel",
        1,
        false,
        &[(SEATS, 7, 1_400), (STORAGE, 21, 900)],
    ),
    (
        "INV-1936",
        "tessel",
        2,
        true,
        &[(SEATS, 7, 1_400), (STORAGE, 19, 900)],
    ),
];

impl Books {
    pub(crate) fn open(today: Date) -> Self {
        Self {
            invoices: ROWS.iter().map(|row| Invoice::from(row, today)).collect(),
        }
    }

    pub(crate) fn of(&self, organisation: &str) -> impl Iterator<Item = &Invoice> {
        self.invoices
            .iter()
            .filter(move |invoice| invoice.organisation == organisation)
    }

    pub(crate) fn find(&self, organisation: &str, number: &str) -> Option<&Invoice> {
        self.of(organisation)
            .find(|invoice| invoice.number == number)
    }

    pub(crate) fn find_mut(&mut self, organisation: &str, number: &str) -> Option<&mut Invoice> {
        self.invoices
            .iter_mut()
            .find(|invoice| invoice.organisation == organisation && invoice.number == number)
    }
}

impl Invoice {
    fn from(row: &Row, today: Date) -> Self {
        let &(number, organisation, months_ago, is_paid, lines) = row;
        let issued = today.first_of_month().saturating_sub(months_ago.months());
        let due = issued.saturating_add(30.days());
        let paid = is_paid.then(|| issued.saturating_add(17.days()).min(today));
        let mut history = vec![Note {
            on: issued,
            text: "Issued and sent by mail".to_owned(),
        }];
        history.extend(paid.map(|on| Note {
            on,
            text: "Paid by bank transfer".to_owned(),
        }));
        if paid.is_none() && due < today {
            history.push(Note {
                on: due.saturating_add(1.day()),
                text: "First reminder sent".to_owned(),
            });
        }
        Self {
            number,
            organisation,
            issued,
            due,
            paid,
            lines: lines
                .iter()
                .map(|&(text, quantity, unit_cents)| Line {
                    text,
                    quantity,
                    unit_cents,
                })
                .collect(),
            history,
        }
    }

    pub(crate) fn note(&mut self, on: Date, text: String) {
        self.history.push(Note { on, text });
    }

    pub(crate) fn net_cents(&self) -> i64 {
        self.lines.iter().map(Line::cents).sum()
    }

    pub(crate) fn vat_cents(&self) -> i64 {
        (self.net_cents() * VAT + 50) / 100
    }

    pub(crate) fn total_cents(&self) -> i64 {
        self.net_cents() + self.vat_cents()
    }
}

impl Line {
    pub(crate) fn cents(&self) -> i64 {
        self.quantity * self.unit_cents
    }
}

/// `123450` is `€ 1,234.50`.
pub(crate) fn euro(cents: i64) -> String {
    let digits = (cents / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("€ {grouped}.{:02}", cents % 100)
}
