//! What the operator's rules look at, read from the rules themselves.
//!
//! A plan judges people of one standing once, and one hour for every hour that no rule tells from it. That is exact only
//! as long as no rule tells them apart, which is a question about the rules' text: this file answers it, and what it does
//! not understand it takes for a rule that tells everybody apart.

use std::collections::BTreeSet;

use cedar_policy::{ActionConstraint, Policy};
use jiff::civil::Date;
use serde_json::Value;

use crate::policies::Policies;

/// What the rules of both versions can tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Some rule about asking looks at who somebody is: their id or accounts.
    pub(crate) asks_who: bool,
    /// Whom rules name.
    pub(crate) named: BTreeSet<String>,
    /// Some rule about filing looks at which operation is asked for.
    pub(crate) files_by_operation: bool,
    /// Some rule of the operator is about deciding: the benches of applications may differ.
    pub(crate) decides: bool,
    /// Some rule about deciding looks at whose request it is.
    pub(crate) decides_by_request: bool,
    /// The local hours at which a rule may begin to answer otherwise; 0 is always among them.
    pub(crate) hours: BTreeSet<u8>,
    /// Dates at which a rule may begin to answer otherwise.
    pub(crate) dates: BTreeSet<Date>,
    /// Durations up to which a rule may answer alike.
    pub(crate) minutes: BTreeSet<u32>,
}

/// What of a principal a standing tells: see `standing.rs`.
const OF_A_STANDING: [&str; 7] = [
    "active",
    "named",
    "employer",
    "break_glass",
    "kind",
    "sponsor",
    "sponsor_active",
];

/// What a request says about people.
const OF_A_REQUEST: [&str; 7] = [
    "requester",
    "actor",
    "sponsors",
    "assignees",
    "openers",
    "subjects",
    "manager",
];

/// The longest session of any tier, in minutes.
const A_SHIFT: u32 = 480;

impl Reading {
    pub(crate) fn of(policies: [&Policies; 2]) -> Self {
        let mut reading = Self {
            asks_who: false,
            named: BTreeSet::new(),
            files_by_operation: false,
            decides: false,
            decides_by_request: false,
            hours: BTreeSet::from([0]),
            dates: BTreeSet::new(),
            minutes: BTreeSet::new(),
        };
        for policy in policies.iter().flat_map(|it| it.set().policies()) {
            let id = policy.id().to_string();
            if !id.starts_with("guard-") && !id.starts_with("locum-") {
                reading.read(policy);
            }
        }
        reading
    }

    fn read(&mut self, policy: &Policy) {
        let is_about = |action: &str| is_about(policy, action);
        let asks = is_about("ask") || is_about("file") || is_about("go-without");
        let decides = is_about("approve");
        if !asks && !decides {
            return;
        }
        self.decides |= decides;
        let Ok(text) = policy.to_json() else {
            return self.give_up();
        };
        let mut found = Found::default();
        for scope in ["principal", "resource"]
            .iter()
            .filter_map(|it| text.get(it))
        {
            found.literals(scope);
        }
        if let Some(conditions) = text.get("conditions") {
            found.walk(conditions);
        }
        self.named.append(&mut found.named);
        self.asks_who |= asks && found.who;
        self.files_by_operation |= is_about("file") && found.attributes.contains("operations");
        self.files_by_operation |= is_about("file") && found.attributes.contains("eligible");
        let reads_people = OF_A_REQUEST.iter().any(|it| found.attributes.contains(*it));
        self.decides_by_request |= decides && reads_people;
        self.hours_of(&found);
        self.dates_of(&found);
        self.minutes_of(&found);
    }

    /// As if the rule told everybody and every hour apart.
    fn give_up(&mut self) {
        self.asks_who = true;
        self.files_by_operation = true;
        self.decides_by_request = true;
        self.hours = (0..24).collect();
        self.minutes = (1..=A_SHIFT).collect();
    }

    fn hours_of(&mut self, found: &Found) {
        match found.numbers("local_hour") {
            Numbers::Unread => {}
            Numbers::Unclear => self.hours.extend(0..24),
            Numbers::Compared(numbers) => {
                let around = numbers.iter().flat_map(|it| [Some(*it), it.checked_add(1)]);
                let hours = around.flatten().filter_map(|it| u8::try_from(it).ok());
                self.hours.extend(hours.filter(|it| *it < 24));
            }
        }
    }

    fn dates_of(&mut self, found: &Found) {
        if let Numbers::Compared(numbers) = found.numbers("today") {
            for day in numbers.iter().filter_map(|it| date(*it)) {
                self.dates.insert(day);
                self.dates.extend(day.tomorrow().ok());
            }
        }
    }

    fn minutes_of(&mut self, found: &Found) {
        match found.numbers("duration_minutes") {
            Numbers::Unread => {}
            Numbers::Unclear => self.minutes.extend(1..=A_SHIFT),
            Numbers::Compared(numbers) => {
                let around = numbers
                    .iter()
                    .flat_map(|it| [it.checked_sub(1), Some(*it), it.checked_add(1)]);
                let minutes = around.flatten().filter_map(|it| u32::try_from(it).ok());
                self.minutes
                    .extend(minutes.filter(|it| (1..=A_SHIFT).contains(it)));
                self.minutes.insert(1);
            }
        }
    }
}

/// Whether a rule may answer a question of this action.
pub(crate) fn is_about(policy: &Policy, action: &str) -> bool {
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(uids) => uids.iter().any(|it| it.id().unescaped() == action),
        ActionConstraint::Eq(uid) => uid.id().unescaped() == action,
    }
}

/// 20261231 is 31 December 2026.
fn date(number: i64) -> Option<Date> {
    let year = i16::try_from(number / 10_000).ok()?;
    let month = i8::try_from(number / 100 % 100).ok()?;
    let day = i8::try_from(number % 100).ok()?;
    Date::new(year, month, day).ok()
}

/// How a rule looks at a number.
enum Numbers {
    Unread,
    /// Against nothing but numbers that stand in the rule.
    Compared(Vec<i64>),
    Unclear,
}

/// What one rule's conditions hold (Cedar's JSON policy format).
#[derive(Default)]
struct Found {
    who: bool,
    named: BTreeSet<String>,
    attributes: BTreeSet<String>,
    /// An attribute of the context, and the number it is compared with.
    compared: Vec<(String, i64)>,
    /// How often an attribute stands in the rule at all.
    read: Vec<String>,
}

impl Found {
    fn numbers(&self, attribute: &str) -> Numbers {
        let read = self.read.iter().filter(|it| *it == attribute).count();
        let compared = self.compared.iter().filter(|(it, _)| it == attribute);
        let numbers: Vec<i64> = compared.map(|(_, number)| *number).collect();
        match (read, numbers.len()) {
            (0, _) => Numbers::Unread,
            (read, compared) if read <= compared => Numbers::Compared(numbers),
            _ => Numbers::Unclear,
        }
    }

    /// Everybody who is named somewhere below.
    fn literals(&mut self, node: &Value) {
        match node {
            Value::Object(members) => {
                let text = |key: &str| members.get(key).and_then(Value::as_str);
                if let (Some(kind), Some(id)) = (text("type"), text("id"))
                    && matches!(kind, "Locum::Person" | "Locum::Agent")
                {
                    self.named.insert(id.to_owned());
                }
                members.values().for_each(|it| self.literals(it));
            }
            Value::Array(items) => items.iter().for_each(|it| self.literals(it)),
            _ => {}
        }
    }

    fn walk(&mut self, node: &Value) {
        match node {
            Value::Array(items) => items.iter().for_each(|it| self.walk(it)),
            Value::Object(members) => {
                for (key, inner) in members {
                    self.operator(key, inner);
                }
            }
            _ => {}
        }
    }

    fn operator(&mut self, key: &str, inner: &Value) {
        let (left, right) = (member(inner, "left"), member(inner, "right"));
        match key {
            // Standing alone, in a set or compared with somebody: who it is matters.
            "Var" => self.who |= inner == "principal",
            "Value" => self.literals(inner),
            "." | "has" => {
                let attribute = member(inner, "attr").as_str().unwrap_or_default();
                self.attributes.insert(attribute.to_owned());
                if is_var(left, "context") && key == "." {
                    self.read.push(attribute.to_owned());
                } else if is_var(left, "principal") {
                    self.who |= !OF_A_STANDING.contains(&attribute);
                } else if !is_thing(left) {
                    self.who |= matches!(attribute, "id" | "accounts" | "also");
                    self.walk(left);
                }
            }
            "in" if is_var(left, "principal") && is_literal(right) => self.literals(right),
            "is" if is_var(left, "principal") => self.literals(member(inner, "in")),
            "==" | "!=" | "<" | "<=" | ">" | ">=" => self.comparison(left, right),
            // A number in a set of numbers.
            "contains" => {
                let numbers = member(left, "Set").as_array();
                let numbers = numbers.map(|it| it.iter().map(number).collect::<Option<Vec<_>>>());
                match (of_context(right), numbers.flatten()) {
                    (Some(attribute), Some(numbers)) => {
                        self.read.push(attribute.to_owned());
                        let compared = numbers.into_iter().map(|it| (attribute.to_owned(), it));
                        self.compared.extend(compared);
                    }
                    _ => self.walk_both(left, right),
                }
            }
            _ => self.walk(inner),
        }
    }

    fn walk_both(&mut self, left: &Value, right: &Value) {
        self.walk(left);
        self.walk(right);
    }

    fn comparison(&mut self, left: &Value, right: &Value) {
        for (one, other) in [(left, right), (right, left)] {
            if is_var(one, "principal") && is_literal(other) {
                return self.literals(other);
            }
            if let (Some(attribute), Some(number)) = (of_context(one), number(other)) {
                self.attributes.insert(attribute.to_owned());
                self.read.push(attribute.to_owned());
                return self.compared.push((attribute.to_owned(), number));
            }
        }
        self.walk_both(left, right);
    }
}

/// A member of a node; nothing where there is none.
fn member<'v>(node: &'v Value, name: &str) -> &'v Value {
    node.get(name).unwrap_or(&Value::Null)
}

fn is_var(node: &Value, name: &str) -> bool {
    member(node, "Var") == name
}

/// An application, eligibility or request, whose `id` tells nothing about people.
fn is_thing(node: &Value) -> bool {
    is_var(node, "resource") || of_context(node) == Some("application")
}

fn is_literal(node: &Value) -> bool {
    let all = |items: &Vec<Value>| items.iter().all(is_literal);
    !member(node, "Value").is_null() || member(node, "Set").as_array().is_some_and(all)
}

/// The attribute, where this is one of the context.
fn of_context(node: &Value) -> Option<&str> {
    let read = member(node, ".");
    is_var(member(read, "left"), "context").then(|| member(read, "attr").as_str())?
}

fn number(node: &Value) -> Option<i64> {
    member(node, "Value").as_i64()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn reading(rule: &str) -> Reading {
        let files = BTreeMap::from([("house.cedar".to_owned(), format!("@id(\"rule\") {rule}"))]);
        let policies = Policies::load(&files).unwrap();
        Reading::of([&policies, &policies])
    }

    #[test]
    fn r33_the_guardrails_tell_nobody_apart_who_stands_alike() {
        let none = Policies::load(&BTreeMap::new()).unwrap();
        let reading = Reading::of([&none, &none]);
        assert!(!reading.asks_who && !reading.decides && !reading.files_by_operation);
        assert_eq!(reading.hours, BTreeSet::from([0]));
    }

    #[test]
    fn r33_a_rule_over_roles_and_employers_tells_nobody_apart_who_stands_alike() {
        for rule in [
            "forbid (principal in Locum::Role::\"manager\", action == Locum::Action::\"file\", resource);",
            "forbid (principal, action == Locum::Action::\"file\", resource) \
             when { principal is Locum::Person && principal has employer && resource.id == \"billing\" };",
        ] {
            assert!(!reading(rule).asks_who, "{rule}");
        }
    }

    #[test]
    fn r33_a_rule_over_ids_or_accounts_tells_everybody_apart() {
        for rule in [
            "forbid (principal, action == Locum::Action::\"file\", resource) when { principal.id like \"a*\" };",
            "forbid (principal is Locum::Person, action == Locum::Action::\"file\", resource) \
             when { resource.owner == principal };",
            "forbid (principal, action, resource) when { principal.accounts.isEmpty() };",
        ] {
            assert!(reading(rule).asks_who, "{rule}");
        }
    }

    #[test]
    fn r33_whom_a_rule_names_is_told_apart_from_everybody_else() {
        let scope = reading(
            "forbid (principal == Locum::Person::\"ann\", action == Locum::Action::\"file\", resource);",
        );
        let condition = reading(
            "forbid (principal is Locum::Person, action == Locum::Action::\"file\", resource) \
             when { [Locum::Person::\"ann\"].contains(principal) };",
        );
        assert_eq!(scope.named, BTreeSet::from(["ann".to_owned()]));
        assert_eq!(condition.named, BTreeSet::from(["ann".to_owned()]));
        assert!(!scope.asks_who && condition.asks_who);
    }

    #[test]
    fn r33_hours_that_no_rule_tells_apart_are_judged_once() {
        let office = reading(
            "forbid (principal, action == Locum::Action::\"file\", resource) \
             unless { context.local_hour >= 8 && context.local_hour < 18 };",
        );
        assert_eq!(office.hours, BTreeSet::from([0, 8, 9, 18, 19]));
        let odd = reading(
            "forbid (principal, action == Locum::Action::\"file\", resource) \
             when { context.local_hour + 3 > 20 };",
        );
        assert_eq!(odd.hours.len(), 24);
    }

    #[test]
    fn r33_dates_and_durations_of_a_rule_are_judged_around_them() {
        let read = reading(
            "forbid (principal, action == Locum::Action::\"file\", resource) \
             when { context.today >= 20270101 && context.duration_minutes > 30 };",
        );
        let days = [jiff::civil::date(2027, 1, 1), jiff::civil::date(2027, 1, 2)];
        assert_eq!(read.dates, BTreeSet::from(days));
        assert_eq!(read.minutes, BTreeSet::from([1, 29, 30, 31]));
    }
}
