//! A refusal as a page: what was refused, who can open it, one button.

use locum_api::Problem;
use maud::{DOCTYPE, html};

/// The page. It holds no script and no style of its own.
pub(crate) fn refusal(problem: &Problem) -> String {
    let who = problem
        .remedy
        .as_deref()
        .unwrap_or("sign in, or ask whoever runs this server");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Refused: " (problem.title) }
            }
            body {
                main {
                    h1 { "Refused: " (problem.title) }
                    p { (problem.detail) }
                    p { "What can be done: " (who) "." }
                    p { "Reason code: " code { (problem.code) } }
                    form method="get" action="/" {
                        button type="submit" { "Ask in Locum" }
                    }
                }
            }
        }
    };
    page.into_string()
}
