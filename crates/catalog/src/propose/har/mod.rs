//! Recordings of a browser (HAR 1.2), read for their routes.

mod asset;
mod body;
mod documents;
mod fold;
mod outline;
mod recording;

use std::collections::BTreeMap;

use url::Url;

use self::body::{Extensions, Sent};
use self::documents::Documents;
use self::recording::{Entry, Recording, Response};
use super::media::file_kind;
use super::path::{Piece, pieces};
use super::route::{Clues, NoRoute, Route, Segment};
use super::{Gathered, ProposeError};

/// Bytes of one recording; answers make most of it.
pub const LARGEST_RECORDING: usize = 512 * 1024 * 1024;

/// Answers of an address that is not there, or of one that was never asked.
const NOT_THERE: [i64; 5] = [0, 404, 405, 410, 501];

/// Reads recordings together: what one shows once, another may show to be an id.
pub(super) fn routes(
    recordings: &[impl AsRef<[u8]>],
    hosts: &[String],
) -> Result<Gathered, ProposeError> {
    let mut entries = Vec::new();
    for recording in recordings {
        entries.extend(parse(recording.as_ref())?);
    }
    let mut gathered = Gathered::default();
    let asked: Vec<(Url, Entry)> = entries
        .into_iter()
        .filter_map(|entry| with_url(entry, &mut gathered))
        .collect();
    let hosts = hosts_of(&asked, hosts, &mut gathered);
    for (url, entry) in &asked {
        if !hosts.contains(&host(url)) {
            gathered.leave_out("requests to other hosts");
        } else if is_not_there(entry) {
            gathered
                .leave_out("requests that were answered by nothing, or by 404, 405, 410 or 501");
        } else {
            read_entry(url, entry, &mut gathered)?;
        }
    }
    let routes = fold::fold_siblings(asset::gather(std::mem::take(&mut gathered.routes)));
    gathered.routes = routes;
    fold::note_doubts(&mut gathered.routes);
    Ok(gathered)
}

fn is_not_there(entry: &Entry) -> bool {
    let status = entry.response.as_ref().map(Response::status);
    status.is_some_and(|status| NOT_THERE.contains(&status) || status < 0)
}

fn parse(bytes: &[u8]) -> Result<Vec<Entry>, ProposeError> {
    if bytes.len() > LARGEST_RECORDING {
        return Err(ProposeError::TooLarge {
            mebibytes: LARGEST_RECORDING / (1024 * 1024),
        });
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    match serde_json::from_slice::<Recording>(bytes) {
        Ok(recording) => Ok(recording.log.entries),
        Err(error) if error.is_eof() => Err(ProposeError::BrokenOff { line: error.line() }),
        // Where it broke, and nothing of what stands there: serde's message would quote it.
        Err(error) => Err(ProposeError::NotARecording {
            line: error.line(),
            column: error.column(),
        }),
    }
}

fn with_url(entry: Entry, gathered: &mut Gathered) -> Option<(Url, Entry)> {
    let request = entry.request.as_ref();
    let method = request.and_then(|it| it.method.as_ref());
    let (Some(_), Some(url)) = (method, request.and_then(|it| it.url.as_ref())) else {
        gathered.leave_out("entries without a method or an address");
        return None;
    };
    match Url::parse(url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host_str().is_some() => {
            Some((url, entry))
        }
        Ok(url) if matches!(url.scheme(), "ws" | "wss") => {
            gathered.leave_out("WebSockets, which the gateway does not carry");
            None
        }
        _ => {
            gathered.leave_out(
                "what the browser did not fetch from a server (data:, blob:, extensions)",
            );
            None
        }
    }
}

fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

/// The application's own hosts: those that were named, else that of the first page.
fn hosts_of(asked: &[(Url, Entry)], named: &[String], gathered: &mut Gathered) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (url, _) in asked {
        *counts.entry(host(url)).or_default() += 1;
    }
    if !named.is_empty() {
        for name in named.iter().filter(|name| !counts.contains_key(*name)) {
            gathered.warn(format!("no recording has a request to `{name}`"));
        }
        return named.to_vec();
    }
    let is_page = |(_, entry): &&(Url, Entry)| media_type(entry).contains("html");
    let first = asked.iter().find(is_page).or(asked.first());
    let Some(own) = first.map(|(url, _)| host(url)) else {
        return Vec::new();
    };
    let others: Vec<&str> = counts
        .keys()
        .filter(|it| **it != own)
        .map(String::as_str)
        .take(10)
        .collect();
    if !others.is_empty() {
        gathered.warn(format!(
            "`{own}` is taken for the application; name others of it with `--host`: {}",
            others.join(", ")
        ));
    }
    vec![own]
}

fn media_type(entry: &Entry) -> &str {
    let response = entry.response.as_ref();
    response.map(Response::media_type).unwrap_or_default()
}

fn sent(entry: &Entry) -> Option<&Sent> {
    entry.request.as_ref()?.post_data.as_ref()
}

fn read_entry(url: &Url, entry: &Entry, gathered: &mut Gathered) -> Result<(), ProposeError> {
    let texts: Result<Vec<String>, ()> = pieces(url.path())
        .map(|piece| {
            piece.map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Empty => String::new(),
            })
        })
        .collect();
    let Ok(texts) = texts else {
        gathered.leave_out(NoRoute::Letters.reason());
        return Ok(());
    };
    let request = entry.request.as_ref();
    let method = request
        .and_then(|it| it.method.as_deref())
        .unwrap_or_default();
    let is_asset = asset::is_asset(method, &texts, media_type(entry));
    let segments = if is_asset {
        asset_segments(texts)
    } else {
        fold::fold(texts)
    };
    let route = match Route::new(method, segments) {
        Ok(route) => route,
        Err(no_route) => {
            gathered.leave_out(no_route.reason());
            return Ok(());
        }
    };
    let is_called_so = super::graphql::is_called_so(&route);
    let mut documents = documents(url, entry, is_called_so);
    if is_called_so || !documents.is_empty() {
        // Something was asked for that is not to be seen.
        documents.has_unread |= documents.is_empty() && route.method == "POST";
        gathered.graphql_endpoint(route);
        gathered.graphql.fields.extend(documents.fields);
        gathered.graphql.unread.extend(documents.unread);
        if documents.has_unread {
            gathered.leave_out("GraphQL documents of which only a hash was sent, subscriptions, and what is no document");
        }
        return Ok(());
    }
    let sent = sent(entry);
    let clues = Clues {
        body_fields: sent.and_then(Sent::fields),
        is_upload: sent
            .and_then(|it| it.mime_type.as_deref())
            .is_some_and(|it| it.starts_with("multipart/")),
        answers_file: file_kind(media_type(entry)).filter(|_| !is_asset),
        is_asset,
        ..Clues::default()
    };
    gathered.add(route, clues)
}

/// The path of an asset: a script's name is the application's, digits and all. Its folders are folded as any.
fn asset_segments(mut texts: Vec<String>) -> Vec<Segment> {
    let file = texts.pop_if(|file| asset::is_code_file(file));
    let mut segments = fold::fold(texts);
    segments.extend(file.map(Segment::Literal));
    segments
}

fn documents(url: &Url, entry: &Entry, is_called_so: bool) -> Documents {
    let mut documents = sent(entry)
        .map(|it| it.graphql().clone())
        .unwrap_or_default();
    let mut is_persisted = false;
    let mut name = None;
    for (key, value) in url.query_pairs() {
        match key.as_ref() {
            "query" => {
                let mut here = Documents::default();
                match is_called_so {
                    true => here.read(&value),
                    // A search for `{sale}` is no document.
                    false => here.read_alone(&value),
                }
                documents.absorb(here);
            }
            "extensions" => {
                let extensions = serde_json::from_str::<Extensions>(&value);
                is_persisted = extensions.is_ok_and(|it| it.persisted_query.is_some());
            }
            "operationName" => name = Some(value.into_owned()),
            _ => {}
        }
    }
    if is_persisted && documents.fields.is_empty() {
        documents.unread(name.as_deref());
    }
    documents
}
