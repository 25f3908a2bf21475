//! Whether the rules permit anything more, whatever the request: the solver's answer beside the table's.

use locum_plan::{Plan, Version};
use locum_prover::{Comparison, Loosening, Question, loosened};
use serde::Serialize;

use crate::command::prove::{Bar, solver};
use crate::output::Output;

/// How long the solver may think about one question, in seconds.
const PATIENCE: u32 = 30;
/// Examples beyond these are the JSON's to tell.
const MOST_EXAMPLES: usize = 3;

/// What is known of the rules alone, the catalog left aside.
#[derive(Debug, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub(crate) enum Rules {
    /// No rule differs.
    Same,
    /// The solver was not asked; nothing is known.
    NotAsked { because: String },
    #[serde(untagged)]
    Asked(Loosening),
}

impl Rules {
    /// Asks the solver where any rule differs, with a bar on a terminal while it takes.
    pub(crate) async fn of(
        before: &Version,
        after: &Version,
        plan: &Plan,
        output: &Output,
    ) -> Self {
        if plan.rules.is_empty() {
            return Rules::Same;
        }
        let bar = Bar::of(
            output,
            "asking the solver {wide_bar} {pos} of {len} types of request",
        );
        let (old, new) = (before.policies.set(), after.policies.set());
        let told = |done, of| bar.at(done, of);
        let solver = solver(PATIENCE);
        match loosened(old, new, after.policies.schema(), &solver, told).await {
            Ok(found) => Rules::Asked(found),
            Err(error) => Rules::NotAsked {
                because: error.to_string(),
            },
        }
    }

    /// Whether the solver answered anything.
    pub(crate) fn is_asked(&self) -> bool {
        matches!(self, Rules::Asked(_))
    }

    /// What it says to people; nothing where no rule differs.
    pub(crate) fn says(&self) -> Option<String> {
        match self {
            Rules::Same => None,
            Rules::NotAsked { because } => Some(format!(
                "Rules differ, and whether they permit anything more was not asked for every possible request:\n{because}."
            )),
            Rules::Asked(found) => Some(answer(found)),
        }
    }
}

fn answer(found: &Loosening) -> String {
    let of = |verdict| {
        let questions = found.questions.iter();
        questions.filter(move |it| it.verdict == verdict)
    };
    match found.verdict {
        Comparison::NotLoosened => {
            "Proved with cvc5, for every possible request and catalog: the rules permit nothing \
             that they did not."
                .to_owned()
        }
        Comparison::Undecided => format!(
            "cvc5 gave no answer to {} of {} questions: whether the rules permit anything more is not known.",
            of(Comparison::Undecided).count(),
            found.questions.len()
        ),
        Comparison::Loosened => {
            let mut text = "Shown with cvc5: the rules permit what they did not.".to_owned();
            for question in of(Comparison::Loosened).take(MOST_EXAMPLES) {
                text.push_str(&example(question));
            }
            match of(Comparison::Loosened)
                .count()
                .saturating_sub(MOST_EXAMPLES)
            {
                0 => text,
                more => format!("{text}\nand {more} more types of request (`--json` shows them)"),
            }
        }
    }
}

fn example(question: &Question) -> String {
    let mut text = String::new();
    if let Some(example) = &question.counter_example {
        text.push_str(&format!("\nFor example: {}", example.sentence));
    }
    if let Some(because) = &question.because {
        text.push_str(&format!("\n  {because}"));
    }
    text
}
