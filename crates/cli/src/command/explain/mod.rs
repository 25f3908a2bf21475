//! Why: which policies decided, which facts they read, and what would have to change. The answer comes first.

mod lines;
mod refusal;
mod rule;

use locum_api::{
    DecidedView, ExplainedRefusalView, ExplanationView, JudgedView, Listing, MayDecideView,
    RefusedUseView,
};

use crate::args::ExplainArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::{encoded, query};
use lines::Lines;

pub(crate) async fn explain(
    client: &Connection<'_>,
    output: &Output,
    args: &ExplainArgs,
) -> Result<(), Failure> {
    let Some(id) = &args.id else {
        let most = args.last.unwrap_or(1).to_string();
        let path = format!("/api/v1/refusals?{}", query(&[("limit", Some(&most))]));
        let found: Listing<ExplainedRefusalView> = client.get(&path).await?;
        return output.answer(&found, || refusal::own(&found.items, args));
    };
    match id.split_once('_').map(|(kind, _)| kind) {
        Some("req") => request(client, output, id, args).await,
        Some("evt") => {
            let event: serde_json::Value = client
                .get(&format!("/api/v1/events/{}", encoded(id)))
                .await?;
            let named = event.get("request").and_then(|it| it.as_str());
            let nothing = || Failure::State(format!("{id} names no request"));
            request(client, output, named.ok_or_else(nothing)?, args).await
        }
        Some("ses") => {
            let path = format!("/api/v1/sessions/{}/explain", encoded(id));
            let found: Listing<RefusedUseView> = client.get(&path).await?;
            output.answer(&found, || refusal::in_session(id, &found.items))
        }
        None if id.parse::<u64>().is_ok() => {
            let path = format!("/api/v1/refusals/{id}");
            let found: ExplainedRefusalView = client.get(&path).await?;
            output.answer(&found, || refusal::own(std::slice::from_ref(&found), args))
        }
        _ => Err(Failure::Usage(format!(
            "`{id}` is no id as req_…, evt_… or ses_…, and no place in the ledger"
        ))),
    }
}

async fn request(
    client: &Connection<'_>,
    output: &Output,
    id: &str,
    args: &ExplainArgs,
) -> Result<(), Failure> {
    let path = format!("/api/v1/requests/{}/explain", encoded(id));
    let path = match query(&[("as", args.person.as_deref())]).as_str() {
        "" => path,
        query => format!("{path}?{query}"),
    };
    let found: ExplanationView = client.get(&path).await?;
    output.answer(&found, || explanation(&found, args))
}

fn explanation(found: &ExplanationView, args: &ExplainArgs) -> String {
    let mut lines = Lines::default();
    lines.put(0, &format!("{} {}", found.request, found.state));
    for sentence in &found.answer {
        lines.put(0, sentence);
    }
    lines.section("What you can do next");
    for next in &found.next {
        lines.item(2, next);
    }
    lines.section("Who may decide");
    for person in &found.today.people {
        who(&mut lines, person, args);
    }
    lines.section("What was decided");
    for decided in &found.decided {
        recorded(&mut lines, decided, args);
    }
    let today = &found.today;
    lines.section(&format!("Asked again {}", today.at));
    if let Some(refusal) = &today.refusal {
        lines.put(2, &format!("it would be refused: {}", refusal.detail));
    }
    questions(&mut lines, 2, &today.questions, args);
    lines.section("What is not as it was");
    for difference in &found.differences {
        lines.item(2, difference);
    }
    if !args.all {
        lines.section("More");
        lines.put(
            2,
            "--all: what the rules read that could have objected and did not",
        );
        lines.put(2, "--text: each rule as it is written");
    }
    lines.whole()
}

fn who(lines: &mut Lines, person: &MayDecideView, args: &ExplainArgs) {
    let you = if person.is_caller { " (you)" } else { "" };
    let name = &person.person;
    match &person.refusal {
        _ if person.has_approved => lines.put(2, &format!("{name}{you}: has approved")),
        None => {
            let seats = person.may_decide.iter().map(|it| match &it.application {
                Some(application) => format!("{} of {application}", it.authority),
                None => it.authority.clone(),
            });
            let seats: Vec<String> = seats.collect();
            lines.put(2, &format!("{name}{you}: yes, as {}", seats.join(" and ")));
        }
        Some(refusal) => {
            let rule = refusal.rule.iter().map(|it| format!(" ({it})"));
            let rule: String = rule.collect();
            lines.put(2, &format!("{name}{you}: no, {}{rule}", refusal.detail));
            // Why somebody may not decide is asked about one person at a time.
            let is_asked = person.is_caller || args.person.as_ref() == Some(name);
            let decisive = |it: &&JudgedView| {
                let mut rules = it.rules.iter();
                rules.any(|rule| Some(&rule.id) == refusal.rule.as_ref())
            };
            if is_asked && let Some(question) = person.questions.iter().find(decisive) {
                let mut rules = question.rules.iter();
                if let Some(rule) = rules.find(|it| Some(&it.id) == refusal.rule.as_ref()) {
                    rule::grounds(lines, 6, rule, args);
                }
            }
        }
    }
}

fn recorded(lines: &mut Lines, decided: &DecidedView, args: &ExplainArgs) {
    lines.put(
        2,
        &format!("#{} {} {}", decided.position, decided.at, decided.sentence),
    );
    if !decided.rules.is_empty() {
        lines.put(6, &format!("recorded with: {}", decided.rules.join(", ")));
    }
    if let Some(refusal) = &decided.refusal {
        lines.put(
            6,
            &format!("{}; what helps: {}", refusal.code, refusal.remedy),
        );
    }
    // What was asked besides, of steps that did not decide anything here, is in the document for machines.
    let of_it = |it: &&JudgedView| {
        decided.kind == "request-filed"
            || args.all
            || it.rules.iter().any(|rule| decided.rules.contains(&rule.id))
    };
    let of_it: Vec<JudgedView> = decided.questions.iter().filter(of_it).cloned().collect();
    questions(lines, 6, &of_it, args);
    if let Some(differs) = &decided.differs {
        lines.put(6, differs);
    }
}

fn questions(lines: &mut Lines, indent: usize, questions: &[JudgedView], args: &ExplainArgs) {
    for question in questions {
        let verdict = question.verdict.as_str();
        let is_short = verdict == "allowed" && !args.all;
        let beside = match question.silent.len() {
            silent if !is_short || silent == 0 => String::new(),
            1 => "; one rule could have objected".to_owned(),
            silent => format!("; {silent} rules could have objected"),
        };
        let about = match verdict {
            "demanded" => question.about.clone(),
            _ => question
                .about
                .strip_prefix("whether ")
                .unwrap_or(&question.about)
                .to_owned(),
        };
        lines.put(indent, &format!("{verdict}: {about}{beside}"));
        if !is_short || args.text {
            for it in &question.rules {
                rule::with_grounds(lines, indent + 2, it, args);
            }
        }
        if args.all {
            for it in &question.silent {
                lines.put(indent + 2, &format!("{} did not object", it.id));
                rule::facts(lines, indent + 4, it);
            }
        }
    }
}
