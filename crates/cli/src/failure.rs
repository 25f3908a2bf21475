//! Why a command did not do what it was asked, and the exit status that says so.

use locum_api::{ClientError, Problem};

/// The process's exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    /// By policy or state, with a typed reason.
    Refused = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    Unreachable = 3,
    /// Evidence does not verify.
    Unverified = 4,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("refused: {} ({})", .0.detail, .0.code)]
    Refused(Box<Problem>),
    /// Refused without a server: a table test that fails, a ledger that disagrees.
    #[error("{0}")]
    State(String),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("{0}")]
    Unverified(String),
}

impl Failure {
    /// The status the process exits with.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Refused(_) | Failure::State(_) => Exit::Refused,
            Failure::Usage(_) => Exit::Usage,
            Failure::Unreachable(_) => Exit::Unreachable,
            Failure::Unverified(_) => Exit::Unverified,
        }
    }

    /// What to do about it, where something can be done.
    pub fn remedy(&self) -> Option<&str> {
        match self {
            Failure::Refused(problem) => problem.remedy.as_deref(),
            Failure::Unreachable(_) => {
                Some("is `locum serve` running, and does LOCUM_URL name its public_url?")
            }
            _ => None,
        }
    }

    /// The failure as a machine reads it: `{"error": {detail, exit, remedy?}}`, with the members of the server's
    /// problem (RFC 9457), its `code` above all, where the server refused.
    pub fn to_json(&self) -> serde_json::Value {
        let mut error = match self {
            Failure::Refused(problem) => serde_json::json!(problem),
            other => serde_json::json!({ "detail": other.to_string() }),
        };
        if let Some(members) = error.as_object_mut() {
            members.insert("exit".to_owned(), (self.exit() as u8).into());
            if let Some(remedy) = self.remedy() {
                members.insert("remedy".to_owned(), remedy.into());
            }
        }
        serde_json::json!({ "error": error })
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            // Nobody was named: that is how the command was called, not what policy says.
            ClientError::Refused(problem)
                if problem.status == 401 && problem.code == "no-credential" =>
            {
                Failure::Usage(format!(
                    "{}; run `locum login`, set LOCUM_TOKEN or use --token",
                    problem.detail
                ))
            }
            ClientError::Refused(mut problem) => {
                // The server ended it, or began anew.
                if problem.status == 401 && problem.code == "unknown-token" {
                    problem.remedy = Some("sign in again with `locum login`".to_owned());
                }
                Failure::Refused(problem)
            }
            ClientError::OAuth(problem) => {
                let detail = problem.error_description.unwrap_or_default();
                Failure::Refused(Box::new(Problem::new(400, &problem.error, detail)))
            }
            other => Failure::Unreachable(match root(&other) {
                Some(cause) => format!("{other}: {cause}"),
                None => other.to_string(),
            }),
        }
    }
}

/// The last of the causes: those between repeat the address.
fn root(error: &dyn std::error::Error) -> Option<&dyn std::error::Error> {
    let mut cause = error.source()?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(status: u16, code: &str) -> Problem {
        Problem {
            remedy: Some("ask Bea".to_owned()),
            ..Problem::new(status, code, "not today")
        }
    }

    #[test]
    fn every_failure_has_its_exit_status() {
        let text = || "why".to_owned();
        let refused = Failure::Refused(Box::new(problem(403, "self-approval")));
        let table = [
            (refused, Exit::Refused, 1),
            (Failure::State(text()), Exit::Refused, 1),
            (Failure::Usage(text()), Exit::Usage, 2),
            (Failure::Unreachable(text()), Exit::Unreachable, 3),
            (Failure::Unverified(text()), Exit::Unverified, 4),
        ];
        for (failure, exit, status) in table {
            assert_eq!(failure.exit(), exit, "{failure:?}");
            assert_eq!(failure.exit() as u8, status, "{failure:?}");
            assert_eq!(failure.to_json()["error"]["exit"], status, "{failure:?}");
        }
        assert_eq!(Exit::Done as u8, 0);
    }

    #[test]
    fn a_refusal_is_the_servers_problem_and_the_status() {
        let failure = Failure::Refused(Box::new(problem(403, "self-approval")));
        let expected = serde_json::json!({ "error": {
            "type": "https://locum.dev/problems/self-approval", "title": "self approval", "status": 403,
            "detail": "not today", "code": "self-approval", "remedy": "ask Bea", "exit": 1,
        }});
        assert_eq!(failure.to_json(), expected);
        assert_eq!(failure.to_string(), "refused: not today (self-approval)");
        assert_eq!(failure.remedy(), Some("ask Bea"));
    }

    #[test]
    fn other_failures_say_what_and_what_to_do() {
        let usage = Failure::Usage("no".to_owned());
        assert_eq!(
            usage.to_json(),
            serde_json::json!({ "error": { "detail": "no", "exit": 2 } })
        );
        let away = Failure::Unreachable("away".to_owned()).to_json();
        assert!(
            away["error"]["remedy"]
                .as_str()
                .unwrap()
                .contains("LOCUM_URL")
        );
    }

    #[test]
    fn who_names_nobody_used_it_wrongly_and_a_strange_name_is_refused() {
        let of =
            |status, code| Failure::from(ClientError::Refused(Box::new(problem(status, code))));
        let nobody = of(401, "no-credential");
        assert!(matches!(nobody, Failure::Usage(_)));
        assert!(nobody.to_string().contains("LOCUM_TOKEN"));
        assert!(matches!(of(401, "unknown-token"), Failure::Refused(_)));
        assert!(matches!(
            of(503, "recorder-unavailable"),
            Failure::Refused(_)
        ));
    }
}
