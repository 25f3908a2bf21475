//! The people whose data lies in the applications. None of them works here, except the last.

/// Somebody with an account.
#[derive(Debug)]
pub(crate) struct Customer {
    /// Who they are at the case desk, and in customer records.
    pub(crate) id: &'static str,
    /// Who they are in billing, which named its accounts its own way.
    pub(crate) login: &'static str,
    pub(crate) name: &'static str,
    pub(crate) organisation: &'static str,
    /// What billing lets them do: `customer`, `administrator` or `staff`.
    pub(crate) role: &'static str,
}

const fn customer(
    id: &'static str,
    login: &'static str,
    name: &'static str,
    organisation: &'static str,
    role: &'static str,
) -> Customer {
    Customer {
        id,
        login,
        name,
        organisation,
        role,
    }
}

static CUSTOMERS: [Customer; 6] = [
    customer("carol", "carol.diaz", "Carol Diaz", "initech", "customer"),
    customer(
        "dora",
        "dora.engel",
        "Dora Engel",
        "initech",
        "administrator",
    ),
    customer("ken", "ken.sato", "Ken Sato", "larkfield", "customer"),
    customer(
        "lucia",
        "lucia.moreno",
        "Lucia Moreno",
        "tessel",
        "customer",
    ),
    customer("henk", "henk.visser", "Henk Visser", "tessel", "customer"),
    customer("alice", "alice.archer", "Alice Archer", "house", "staff"),
];

pub(crate) fn by_id(id: &str) -> Option<&'static Customer> {
    CUSTOMERS.iter().find(|customer| customer.id == id)
}

pub(crate) fn by_login(login: &str) -> Option<&'static Customer> {
    CUSTOMERS.iter().find(|customer| customer.login == login)
}

/// The name of an organisation as its letters carry it.
pub(crate) fn organisation(id: &str) -> &'static str {
    match id {
        "initech" => "Initech GmbH",
        "larkfield" => "Larkfield Foods Ltd",
        "tessel" => "Tessel Print B.V.",
        _ => "The house itself",
    }
}
