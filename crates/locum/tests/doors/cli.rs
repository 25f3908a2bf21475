//! The command line, against the real listener: its exit status and the reason it gives a machine.

use clap::Parser as _;
use locum_cli::{Cli, Exit, Output};

use crate::attempt::{Attempt, Deed, Words};
use crate::door::Outcome;
use crate::street::Street;

pub(crate) async fn attempt(street: &Street, attempt: &Attempt) -> Outcome {
    let mut line = vec![
        "locum".to_owned(),
        "--json".to_owned(),
        format!("--url=http://localhost:{}", street.server),
        format!("--token={}", street.token(&attempt.who)),
    ];
    line.extend(said(&attempt.deed));
    let cli = Cli::try_parse_from(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
    match locum_cli::run(cli, &Output::into_writer(true, std::io::sink())).await {
        Ok(_) => Outcome::Done,
        Err(failure) => {
            assert_eq!(failure.exit(), Exit::Refused, "{failure}");
            let told = failure.to_json();
            Outcome::Refused(told["error"]["code"].as_str().unwrap().to_owned())
        }
    }
}

fn said(deed: &Deed) -> Vec<String> {
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|it| (*it).to_owned())
            .collect::<Vec<String>>()
    };
    match deed {
        Deed::File(asked) => asked_for("request", asked),
        Deed::Preview(asked) => asked_for("preview", asked),
        Deed::Approve {
            request,
            digest,
            grounds,
        } => {
            let mut line = words(&["approve", request, "--digest", digest]);
            if let Some(grounds) = grounds {
                line.extend(words(&[
                    "--because",
                    grounds.because,
                    "--control",
                    grounds.control,
                ]));
            }
            line
        }
        Deed::Deny { request, reason } => words(&["deny", request, reason]),
        Deed::Ask { request, question } => words(&["ask", request, question]),
        Deed::Offer {
            request,
            scope,
            minutes,
            note,
        } => {
            let mut line = words(&[
                "offer",
                request,
                "--minutes",
                &minutes.to_string(),
                "--note",
                note,
            ]);
            line.extend(scope.iter().map(named));
            line
        }
        Deed::Accept { request, digest } => words(&["accept", request, "--digest", digest]),
        Deed::Withdraw { request } => words(&["withdraw", request]),
        Deed::Extend {
            request,
            minutes,
            reason,
        } => words(&[
            "extend",
            request,
            "--minutes",
            &minutes.to_string(),
            "--reason",
            reason,
        ]),
        Deed::Activate { request } => words(&["activate", request]),
        Deed::Open {
            session,
            application,
        } => words(&["open", session, application]),
        Deed::End { session } => words(&["end", session]),
        Deed::Stop {
            application: Some(application),
        } => words(&["stop", "--application", application]),
        Deed::Stop { application: None } => words(&["stop", "--all"]),
        Deed::Lift { hold } => words(&["lift", hold]),
        Deed::Review { review, note } => {
            words(&["review", review, "--finding", "justified", "--note", note])
        }
    }
}

fn named((application, operations): &(String, Vec<String>)) -> String {
    format!("--for={application}={}", operations.join(","))
}

fn asked_for(verb: &str, words: &Words) -> Vec<String> {
    let mut line = vec![verb.to_owned()];
    let mut say = |name: &str, value: &str| line.push(format!("--{name}={value}"));
    say("case", &words.case);
    say("reason", &words.reason);
    say("minutes", &words.minutes.to_string());
    if let Some(subject) = &words.subject {
        say("subject", subject);
    }
    if let Some(actor) = &words.actor {
        say("actor", actor);
    }
    line.extend(words.scope.iter().map(named));
    if words.is_emergency {
        line.push("--break-glass".to_owned());
    }
    line
}
