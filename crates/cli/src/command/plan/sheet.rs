//! The plan as people read it: application by application, then what concerns the whole house.

use locum_domain::ApplicationId;
use locum_plan::{AccessChange, DeciderChange, FieldChange, Named, Planned, RuleChange, Verdict};

use super::rules::Rules;
use super::{Reader, Told};
use crate::output::Output;

/// Names beyond these are the JSON's to tell.
const MOST_NAMES: usize = 40;
/// As many a sentence of policy's names by itself.
const NAMED_ANYWAY: usize = 3;

/// What a folder would change, how that was found, and what comes next.
pub(crate) fn sheet(told: &Told, reader: &Reader, output: &Output) -> String {
    let planned = &told.planned;
    if !planned.differs {
        return format!("nothing differs from {}", planned.against);
    }
    let mut sections = vec![
        difference(planned, output),
        found(planned, told.rules.as_ref()),
    ];
    sections.extend(after_a_start(&told.restart));
    sections.push(second_person(planned, reader));
    sections.join("\n\n")
}

/// Everything that differs, application by application.
pub(crate) fn difference(planned: &Planned, output: &Output) -> String {
    let plan = &planned.plan;
    let mut sections = vec![format!("compared with {}", planned.against)];
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
    sections.join("\n\n")
}

/// What of it waits for the next start, if anything does.
pub(crate) fn after_a_start(restart: &[String]) -> Option<String> {
    let lines = restart.iter().map(|it| format!("  {it}"));
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| {
        format!(
            "Counts from the server's next start on, everything else at once:\n{}",
            lines.join("\n")
        )
    })
}

fn found(planned: &Planned, rules: Option<&Rules>) -> String {
    let mut lines = Vec::new();
    if !planned.methods.is_empty() {
        lines.push(
            "Found by table: every person and agent, application, urgency and hour at which a rule may answer otherwise."
                .to_owned(),
        );
    }
    lines.extend(rules.and_then(Rules::says));
    lines.join("\n")
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

fn second_person(planned: &Planned, reader: &Reader) -> String {
    if planned.plan.before.is_none() {
        return "The first start of `locum serve` records all of it.".to_owned();
    }
    let people = names(&planned.could_confirm);
    let says = match (
        planned.loosens.is_empty(),
        people.is_empty(),
        reader.is_proposer,
    ) {
        (true, ..) => "Nothing loosens: it would count as soon as it is applied.".to_owned(),
        (false, true, _) => "It loosens something, and nobody is there to confirm it: whoever held that authority before \
             gains by it."
            .to_owned(),
        (false, false, true) => {
            let whom = match planned.could_confirm.len() {
                1 => people,
                _ => format!("one of: {people}"),
            };
            let somebody_gains = planned.loosens.iter().any(|it| !it.gains.is_empty());
            let others = match somebody_gains {
                true => " Whoever gains by it is not among them.",
                false => "",
            };
            format!("It loosens something, and would wait for {whom}.{others}")
        }
        (false, false, false) => format!(
            "It loosens something, and would wait for a second person.\n\
             Could confirm it, unless they propose it: {people}. Nobody who gains by it could."
        ),
    };
    let why = planned.needs_security.as_ref();
    let needs = why.map(|why| format!("It {why}."));
    let next = reader.could_apply.as_ref();
    let next = next.map(|folder| format!("Next: locum apply {folder}"));
    let lines = [Some(says), needs, next].into_iter().flatten();
    lines.collect::<Vec<_>>().join("\n")
}
