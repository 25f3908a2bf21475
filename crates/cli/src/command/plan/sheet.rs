//! The plan as people read it: application by application, then what concerns the whole house.

use locum_domain::ApplicationId;
use locum_plan::{AccessChange, DeciderChange, FieldChange, Named, Planned, RuleChange, Verdict};

use crate::output::Output;

/// Names beyond these are the JSON's to tell.
const MOST_NAMES: usize = 40;
/// As many a sentence of policy's names by itself.
const NAMED_ANYWAY: usize = 3;

/// The plan in sections.
pub(crate) fn sheet(planned: &Planned, output: &Output) -> String {
    let against = &planned.against;
    if !planned.differs {
        return format!("nothing differs from {against}");
    }
    let plan = &planned.plan;
    let mut sections = vec![format!("compared with {against}")];
    for application in plan.applications() {
        sections.push(section(
            application.as_str(),
            of_application(planned, &application),
            output,
        ));
    }
    let house = of_the_house(planned);
    if !house.is_empty() {
        sections.push(section("whole house", house, output));
    }
    if !plan.files.is_empty() {
        let rows = plan.files.iter();
        let rows = rows.map(|it| [format!("  {}", it.change.as_str()), it.path.clone()]);
        sections.push(output.table(["FILES", ""], rows));
    }
    sections.push(counted(planned));
    sections.push(second_person(planned));
    sections.push(
        "Found by table: every person and agent, application, urgency and hour at which a rule may answer otherwise."
            .to_owned(),
    );
    sections.join("\n\n")
}

type Row = [String; 3];

fn section(head: &str, rows: Vec<Row>, output: &Output) -> String {
    let indented = rows
        .into_iter()
        .map(|[verdict, what, says]| [format!("  {verdict}"), what, says]);
    output.table([head, "", ""], indented)
}

fn of_application(planned: &Planned, application: &ApplicationId) -> Vec<Row> {
    let plan = &planned.plan;
    let access = plan
        .access
        .iter()
        .filter(|it| it.application == *application);
    let deciders = plan
        .deciders
        .iter()
        .filter(|it| it.application.as_ref() == Some(application));
    let fields = plan
        .fields
        .iter()
        .filter(|it| it.application.as_ref() == Some(application));
    access
        .map(access_row)
        .chain(deciders.map(decider_row))
        .chain(fields.map(field_row))
        .collect()
}

fn of_the_house(planned: &Planned) -> Vec<Row> {
    let plan = &planned.plan;
    let deciders = plan.deciders.iter().filter(|it| it.application.is_none());
    let fields = plan.fields.iter().filter(|it| it.application.is_none());
    let trouble = |it: &String| row(Verdict::Loosens, "trouble", it.clone());
    deciders
        .map(decider_row)
        .chain(plan.rules.iter().map(rule_row))
        .chain(fields.map(field_row))
        .chain(plan.troubles.iter().map(trouble))
        .collect()
}

fn row(verdict: Verdict, what: &str, says: String) -> Row {
    [verdict.as_str().to_owned(), what.to_owned(), says]
}

fn access_row(it: &AccessChange) -> Row {
    let what = match (it.is_gain(), it.is_loss()) {
        (true, _) => "gains",
        (_, true) => "loses",
        _ => "asks",
    };
    row(it.verdict, what, with_names(&it.says, &it.who))
}

fn decider_row(it: &DeciderChange) -> Row {
    let people: Vec<Named> = it.joins.iter().chain(&it.leaves).cloned().collect();
    row(it.verdict, "decides", with_names(&it.says, &people))
}

fn rule_row(it: &RuleChange) -> Row {
    let place = format!("({}:{})", it.file, it.line);
    row(it.verdict, "rule", format!("{} {place}", it.says()))
}

fn field_row(it: &FieldChange) -> Row {
    row(it.verdict, "field", it.says())
}

/// The sentences, and everybody they only count.
fn with_names(says: &[String], people: &[Named]) -> String {
    let mut lines = says.to_vec();
    if people.len() > NAMED_ANYWAY {
        lines.push(format!("these are: {}", names(people)));
    }
    lines.join("\n")
}

fn names(people: &[Named]) -> String {
    let shown: Vec<&str> = people
        .iter()
        .take(MOST_NAMES)
        .map(|it| it.name.as_str())
        .collect();
    match people.len().saturating_sub(MOST_NAMES) {
        0 => shown.join(", "),
        more => format!(
            "{} and {more} others (`--json` names them)",
            shown.join(", ")
        ),
    }
}

fn counted(planned: &Planned) -> String {
    let plan = &planned.plan;
    let access = plan.access.iter().map(|it| it.verdict);
    let deciders = plan.deciders.iter().map(|it| it.verdict);
    let rules = plan.rules.iter().map(|it| it.verdict);
    let fields = plan.fields.iter().map(|it| it.verdict);
    let verdicts: Vec<Verdict> = access.chain(deciders).chain(rules).chain(fields).collect();
    let count = |verdict| verdicts.iter().filter(|it| **it == verdict).count();
    let troubles = match plan.troubles.len() {
        0 => String::new(),
        some => format!("; {some} questions that policy could not answer count as loosening"),
    };
    format!(
        "{} loosen, {} tighten, {} neutral{troubles}",
        count(Verdict::Loosens),
        count(Verdict::Tightens),
        count(Verdict::Neutral),
    )
}

fn second_person(planned: &Planned) -> String {
    if planned.plan.before.is_none() {
        return "Nothing is founded yet: the first start of `locum serve` records all of it."
            .to_owned();
    }
    if planned.loosens.is_empty() {
        return "Nothing loosens: it would count as soon as it is applied.".to_owned();
    }
    match planned.could_confirm.as_slice() {
        [] => "It loosens something, and nobody is there to confirm it: whoever held that authority before gains by it."
            .to_owned(),
        people => format!(
            "It loosens something, and would wait for a second person.\n\
             Could confirm it, unless they propose it: {}. Nobody who gains by it could.",
            names(people)
        ),
    }
}
