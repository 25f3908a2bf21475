//! One file for each group of commands.

mod apply;
mod beside;
mod catalog;
mod changes;
mod decide;
mod delegations;
mod enrol;
mod erase;
mod evidence;
mod explain;
mod feed;
mod keys;
mod ledger_root;
mod login;
pub(crate) mod plan;
mod policy;
mod population;
mod prove;
pub(crate) mod reconcile;
mod request;
mod review;
mod session;
mod show;
mod signing;
mod stop;
mod unclassified;

use crate::args::{
    CatalogCommand, Cli, Command, EvidenceCommand, KeysCommand, LedgerCommand, PolicyCommand,
};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::output::Output;
use crate::{Outcome, reference};

pub(crate) async fn run(cli: Cli, output: &Output) -> Result<Outcome, Failure> {
    let server = cli.server;
    match cli.command {
        command @ (Command::Demo(_)
        | Command::Init(_)
        | Command::Serve(_)
        | Command::Witness(_)
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Check(_)
        | Command::Openapi) => return Ok(Outcome::ForBinary(command)),
        Command::Ledger(LedgerCommand::Verify(args)) if args.config.is_some() => {
            return Ok(Outcome::ForBinary(Command::Ledger(LedgerCommand::Verify(
                args,
            ))));
        }
        Command::Reconcile(args) if args.config.is_some() => {
            return Ok(Outcome::ForBinary(Command::Reconcile(args)));
        }
        command @ Command::Keys(KeysCommand::List { config: Some(_) }) => {
            return Ok(Outcome::ForBinary(command));
        }
        Command::Catalog(CatalogCommand::Unclassified { application }) => {
            let server = Connection::new(&server, output)?;
            unclassified::run(&server, output, &application).await?;
        }
        Command::Catalog(CatalogCommand::ImportOpenapi(args)) => {
            catalog::import_openapi(args, output).await?;
        }
        Command::Catalog(CatalogCommand::Learn(args)) => catalog::learn(args, output).await?,
        Command::Policy(PolicyCommand::Test { directory }) => policy::test(&directory, output)?,
        Command::Plan(args) => {
            if let Some(other) = &args.against {
                plan::against(&args, other, output).await?;
                return Ok(Outcome::Done);
            }
            let signed_in = match args.offline {
                true => None,
                false => Connection::signed_in(&server, output)?,
            };
            let Some(server) = signed_in else {
                return Ok(Outcome::ForBinary(Command::Plan(args)));
            };
            plan::asked(&server, output, &args).await?;
        }
        Command::Policy(PolicyCommand::Prove(args)) => prove::run(args, output).await?,
        Command::Completions { shell } => {
            output.line(String::from_utf8_lossy(&reference::completions(shell)).trim_end())?;
        }
        Command::Man { directory } => reference::man_pages(&directory)?,
        Command::Schema => output.line(&format!("{:#}", locum_catalog::schema::settings()))?,
        Command::Reference => output.line(reference::reference().trim_end())?,
        Command::Evidence(EvidenceCommand::Verify(args)) => {
            evidence::verify(&args, output).await?;
        }
        Command::Login(args) if args.status => login::status(&server, output).await?,
        Command::Login(_) => login::login(&server, output).await?,
        Command::Logout => login::logout(&server, output).await?,
        command => {
            let server = Connection::new(&server, output)?;
            with_server(command, &server, output).await?;
        }
    }
    Ok(Outcome::Done)
}

async fn with_server(
    command: Command,
    client: &Connection<'_>,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        Command::Enrol(args) => enrol::run(client, output, args).await,
        Command::Keys(command) => keys::run(client, output, command).await,
        Command::Preview(args) => request::preview(client, output, &args).await,
        Command::Request(args) => request::file(client, output, &args).await,
        Command::Extend {
            id,
            minutes,
            reason,
        } => request::extend(client, output, &id, minutes, reason).await,
        Command::Withdraw { id } => request::withdraw(client, output, &id).await,
        Command::Answer { id, answer } => request::answer(client, output, &id, answer).await,
        Command::Accept { id, digest } => request::accept(client, output, &id, digest).await,
        Command::Approve(args) => decide::approve(client, output, args).await,
        Command::Deny { id, reason } => decide::deny(client, output, &id, reason).await,
        Command::Ask { id, question } => decide::ask(client, output, &id, question).await,
        Command::Offer {
            id,
            applications,
            minutes,
            note,
        } => decide::offer(client, output, &id, &applications, minutes, note).await,
        Command::Activate { id } => session::activate(client, output, &id).await,
        Command::Open {
            session,
            application,
        } => session::open(client, output, &session, application).await,
        Command::End { session } => session::end(client, output, &session).await,
        Command::Show { id } => show::show(client, output, &id).await,
        Command::Explain(args) => explain::explain(client, output, &args).await,
        Command::List(args) => show::list(client, output, &args).await,
        Command::Events { follow, after } => feed::events(client, output, follow, after).await,
        Command::Stop(args) => stop::stop(client, output, args).await,
        Command::Lift { hold } => stop::lift(client, output, &hold).await,
        Command::Countersign { id, note } => beside::countersign(client, output, &id, note).await,
        Command::Exception(command) => beside::exception(client, output, command).await,
        Command::Erase(args) => erase::erase(client, output, args).await,
        Command::Absence(command) => beside::absence(client, output, command).await,
        Command::Apply(args) => apply::apply(client, output, args).await,
        Command::Changes(args) => changes::changes(client, output, args).await,
        Command::Delegations(args) => delegations::delegations(client, output, args).await,
        Command::Review(args) => review::review(client, output, args).await,
        Command::Evidence(EvidenceCommand::Export(args)) => match &args.event {
            Some(event) => evidence::export(client, output, event, &args.output).await,
            None => population::export(client, output, &args).await,
        },
        Command::Ledger(LedgerCommand::Verify(_)) => evidence::ledger(client, output).await,
        Command::Ledger(LedgerCommand::Root) => ledger_root::root(client, output).await,
        Command::Reconcile(args) => reconcile::run(client, output, &args).await,
        other => Err(Failure::Usage(format!("{other:?} needs no server"))),
    }
}
