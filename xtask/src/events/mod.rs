//! What `docs/reference/events.md` says of every kind of event, read from the types that the domain serialises: a
//! reference that somebody writes by hand says what was true once.

mod page;
mod places;
mod shapes;

use std::fs;

use crate::process::Outcome;
use crate::workspace::Workspace;

use shapes::Shapes;

const FILE: &str = "docs/reference/events.md";
const BEGIN: &str = "<!-- written by `cargo xtask gen` from here";
const END: &str = "<!-- to here -->";

/// Writes the generated part anew.
///
/// # Errors
/// When the sources or the page are not as this reads them.
pub(crate) fn write(workspace: &Workspace) -> Outcome {
    let (page, fresh) = both(workspace)?;
    if page != fresh {
        fs::write(workspace.root.join(FILE), fresh).map_err(|error| format!("{FILE}: {error}"))?;
    }
    println!("wrote {FILE}");
    Ok(())
}

/// The page, when its generated part is not what the types say.
///
/// # Errors
/// As for [`write`].
pub(crate) fn stale(workspace: &Workspace) -> Outcome<Option<&'static str>> {
    let (page, fresh) = both(workspace)?;
    Ok((page != fresh).then_some(FILE))
}

/// The page as it stands and as it should.
fn both(workspace: &Workspace) -> Outcome<(String, String)> {
    let path = workspace.root.join(FILE);
    let page = fs::read_to_string(path).map_err(|error| format!("{FILE}: {error}"))?;
    let marks = || format!("{FILE}: the marks around the generated part are missing");
    let (before, rest) = page.split_once(BEGIN).ok_or_else(marks)?;
    let (mark, rest) = rest.split_once('\n').ok_or_else(marks)?;
    let (_, after) = rest.split_once(END).ok_or_else(marks)?;
    let generated = generated(workspace)?;
    let fresh = format!("{before}{BEGIN}{mark}\n{generated}{END}{after}");
    Ok((page, fresh))
}

fn generated(workspace: &Workspace) -> Outcome<String> {
    let root = workspace.root.join("crates/domain/src");
    let shapes = Shapes::read(&root)?;
    let read = |file: &str| {
        fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))
    };
    let streams = places::streams(&read("event/stream.rs")?);
    let personal = places::personal(&read("personal.rs")?);
    page::page(&shapes, &streams, &personal)
}
