//! An application's own log of accepted sessions against the ledger.

mod gathered;
mod line;

use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use locum_api::{AcceptedSession, ReconcileBody, ReconciliationView, UnexplainedView};
use serde::Serialize;

use self::gathered::{Gathered, Seen};
use crate::args::ReconcileArgs;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::uri::encoded;

/// What was compared, and what came out.
#[derive(Serialize)]
struct Reconciliation<'a> {
    application: &'a str,
    lines: u64,
    sessions: usize,
    unexplained: Vec<Unexplained>,
    malformed: Vec<Malformed>,
}

/// Something that the application accepted and the record does not explain.
#[derive(Serialize)]
struct Unexplained {
    line: u64,
    session: String,
    why: String,
    detail: String,
}

/// A line that was not read.
#[derive(Serialize)]
struct Malformed {
    line: u64,
    code: &'static str,
    detail: String,
}

/// Whoever knows what the ledger holds.
pub trait Comparison: Send {
    /// What the ledger does not explain of these sessions.
    fn compare(
        &mut self,
        accepted: Vec<AcceptedSession>,
    ) -> impl Future<Output = Result<Vec<UnexplainedView>, Failure>> + Send;
}

/// The server, asked about one application.
struct Server<'a> {
    client: &'a Connection<'a>,
    path: String,
}

impl Comparison for Server<'_> {
    async fn compare(
        &mut self,
        accepted: Vec<AcceptedSession>,
    ) -> Result<Vec<UnexplainedView>, Failure> {
        let body = ReconcileBody { accepted };
        let compared: ReconciliationView = self.client.post(&self.path, &body).await?;
        Ok(compared.unexplained)
    }
}

/// Asks the server.
pub(crate) async fn run(
    client: &Connection<'_>,
    output: &Output,
    args: &ReconcileArgs,
) -> Result<(), Failure> {
    let application = encoded(&args.application);
    let path = format!("/api/v1/applications/{application}/reconcile");
    answer(args, output, Server { client, path }).await
}

/// Reads the log and has its sessions compared, some hundred at a time.
///
/// # Errors
/// [`Failure::State`] when something is not explained, [`Failure::Usage`] when the file or some of its lines cannot be
/// read, and whatever the comparison fails with.
pub async fn answer(
    args: &ReconcileArgs,
    output: &Output,
    mut comparison: impl Comparison,
) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| Failure::Usage(format!("`{}`: {error}", args.file.display()));
    let mut lines = open(&args.file).map_err(unreadable)?;
    let mut told = Told::of(&args.application);
    let mut gathered = Gathered::default();
    let mut bytes = Vec::new();
    while next(&mut *lines, &mut bytes).map_err(unreadable)? {
        told.all.lines += 1;
        match line::read(&bytes, &args.application) {
            Ok(Some(accepted)) => gathered.add(accepted, told.all.lines),
            Ok(None) => {}
            Err(fault) => told.malformed(&fault),
        }
        if gathered.is_full() {
            let seen = gathered.take();
            told.unexplained(&seen, comparison.compare(asked(&seen)).await?);
        }
    }
    let seen = gathered.take();
    if !seen.is_empty() {
        told.unexplained(&seen, comparison.compare(asked(&seen)).await?);
    }
    told.tell(args, output)
}

fn asked(seen: &[Seen]) -> Vec<AcceptedSession> {
    seen.iter().map(Seen::asked).collect()
}

fn open(file: &Path) -> std::io::Result<Box<dyn BufRead + Send>> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    Ok(Box::new(BufReader::new(File::open(file)?)))
}

/// Reads the next line into `bytes`, of one that is too long just more than is allowed; `false` at the end.
fn next(lines: &mut dyn BufRead, bytes: &mut Vec<u8>) -> std::io::Result<bool> {
    bytes.clear();
    let most = u64::try_from(line::LONGEST + 2).unwrap_or(u64::MAX);
    let read = (&mut *lines).take(most).read_until(b'\n', bytes)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    } else if bytes.len() > line::LONGEST {
        lines.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

/// What was found so far.
struct Told<'a> {
    all: Reconciliation<'a>,
    /// Digests of the sessions, to count each once.
    sessions: HashSet<u64>,
    /// What was said: a session may come again much later.
    said: HashSet<(String, String)>,
}

impl<'a> Told<'a> {
    fn of(application: &'a str) -> Self {
        Self {
            all: Reconciliation {
                application,
                lines: 0,
                sessions: 0,
                unexplained: Vec::new(),
                malformed: Vec::new(),
            },
            sessions: HashSet::new(),
            said: HashSet::new(),
        }
    }

    fn malformed(&mut self, fault: &line::LineFault) {
        self.all.malformed.push(Malformed {
            line: self.all.lines,
            code: fault.code(),
            detail: fault.to_string(),
        });
    }

    fn unexplained(&mut self, seen: &[Seen], found: Vec<UnexplainedView>) {
        for it in seen {
            let mut hasher = DefaultHasher::new();
            it.session().hash(&mut hasher);
            self.sessions.insert(hasher.finish());
        }
        self.all.sessions = self.sessions.len();
        for it in found {
            if !self.said.insert((it.session.clone(), it.why.clone())) {
                continue;
            }
            let index = usize::try_from(it.index).unwrap_or(usize::MAX);
            let line = seen.get(index).map_or(0, |seen| seen.line_of(&it.why));
            self.all.unexplained.push(Unexplained {
                line,
                session: it.session,
                why: it.why,
                detail: it.detail,
            });
        }
    }

    fn tell(&self, args: &ReconcileArgs, output: &Output) -> Result<(), Failure> {
        let all = &self.all;
        if !output.is_json() {
            for it in &all.malformed {
                let file = args.file.display();
                output.remark(&format!("{file}:{}: {} ({})", it.line, it.detail, it.code));
            }
        }
        output.answer(all, || {
            if all.unexplained.is_empty() {
                return on_record(all.sessions);
            }
            let row = |it: &Unexplained| {
                let (session, why) = (it.session.clone(), it.why.clone());
                [it.line.to_string(), session, why, it.detail.clone()]
            };
            let rows = all.unexplained.iter().map(row);
            output.table(["LINE", "SESSION", "UNEXPLAINED", "DETAIL"], rows)
        })?;
        if !all.unexplained.is_empty() {
            let sessions: HashSet<&str> = all
                .unexplained
                .iter()
                .map(|it| it.session.as_str())
                .collect();
            let (count, of) = (sessions.len(), all.sessions);
            let detail = format!("the record does not explain {count} of {of} sessions");
            return Err(Failure::State(detail));
        }
        match all.malformed.len() {
            0 => Ok(()),
            1 => Err(Failure::Usage("1 line was not read".to_owned())),
            count => Err(Failure::Usage(format!("{count} lines were not read"))),
        }
    }
}

fn on_record(sessions: usize) -> String {
    match sessions {
        0 => "no session was accepted".to_owned(),
        1 => "1 session, on the record".to_owned(),
        count => format!("{count} sessions, all on the record"),
    }
}
