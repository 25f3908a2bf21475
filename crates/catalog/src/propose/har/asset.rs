//! Scripts, styles, fonts and pictures of the application itself: part of every grant. A picture elsewhere may be
//! somebody's passport, and is read like anything else.

use std::collections::BTreeSet;

use crate::propose::route::{Clues, Route, Routes, Segment};

/// Folders in which applications keep what is the same for everybody.
const FOLDERS: [&str; 27] = [
    "_app",
    "_next",
    "_nuxt",
    "assets",
    "build",
    "bundle",
    "bundles",
    "chunks",
    "css",
    "dist",
    "font",
    "fonts",
    "icons",
    "img",
    "javascripts",
    "js",
    "node_modules",
    "packs",
    "public",
    "scripts",
    "skins",
    "static",
    "styles",
    "stylesheets",
    "themes",
    "webjars",
    "webpack",
];

const CODE: [&str; 10] = [
    "css", "eot", "js", "map", "mjs", "otf", "ttf", "wasm", "woff", "woff2",
];
/// Of these, those that hold nobody's data wherever they lie.
const STYLES: [&str; 6] = ["css", "eot", "otf", "ttf", "woff", "woff2"];
const PICTURES: [&str; 8] = ["avif", "gif", "ico", "jpeg", "jpg", "png", "svg", "webp"];

/// Whether a GET for this decoded path, answered with this media type, fetched an asset.
pub(super) fn is_asset(method: &str, path: &[String], media_type: &str) -> bool {
    let Some((file, folders)) = path
        .split_last()
        .filter(|_| method.eq_ignore_ascii_case("GET"))
    else {
        return false;
    };
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let ending = file
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default();
    let ending = ending.as_str();
    let is_code_type = ["javascript", "ecmascript", "text/css", "font", "wasm"]
        .iter()
        .any(|it| essence.contains(it));
    // A server that answers its start page for whatever it does not know says so.
    let is_page = essence.contains("html") || essence.contains("json") && ending != "map";
    let is_code = !is_page && (is_code_type && !ending.is_empty() || CODE.contains(&ending));
    let is_picture = !is_page && (essence.starts_with("image/") || PICTURES.contains(&ending));
    let is_in_folder = folder(folders).is_some();
    let is_icon =
        folders.is_empty() && (file.starts_with("favicon") || file.starts_with("apple-touch-icon"));
    let is_style = is_code && STYLES.contains(&ending);
    (is_code || is_picture && is_in_folder || is_icon)
        && (is_in_folder || is_style || folders.len() <= 1)
}

/// Whether a file is a script, a style or a font by its name, and the name may be written out.
pub(super) fn is_code_file(file: &str) -> bool {
    let is_plain = file
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let ending = file
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default();
    is_plain && (CODE.contains(&ending.as_str()))
}

/// Where the first folder of assets ends, counted from the root; nothing with an id in front of it.
fn folder(folders: &[String]) -> Option<usize> {
    folders
        .iter()
        .position(|it| FOLDERS.contains(&it.to_ascii_lowercase().as_str()))
        .map(|at| at + 1)
}

/// One route for each folder in which nothing but assets was seen; the others stay one by one.
pub(super) fn gather(routes: Routes) -> Routes {
    let literals = |route: &Route| -> Vec<String> {
        let text = |it: &Segment| it.literal().unwrap_or("*").to_owned();
        route.segments.iter().map(text).collect()
    };
    let mut folders: BTreeSet<Vec<String>> = BTreeSet::new();
    for (route, _) in routes.0.iter().filter(|(_, clues)| clues.is_asset) {
        let path = literals(route);
        folders.extend(
            folder(&path)
                .and_then(|end| path.get(..end))
                .map(<[String]>::to_vec),
        );
    }
    let others: Vec<Vec<String>> = routes
        .0
        .iter()
        .filter(|(_, clues)| !clues.is_asset)
        .map(|(route, _)| literals(route))
        .collect();
    folders.retain(|folder| !others.iter().any(|path| path.starts_with(folder)));
    let mut after = Routes::default();
    for (route, clues) in routes.0 {
        let path = literals(&route);
        let held = clues
            .is_asset
            .then(|| folder(&path).and_then(|end| path.get(..end)))
            .flatten();
        match held.filter(|folder| folders.contains(*folder)) {
            Some(folder) => {
                let segments = folder
                    .iter()
                    .cloned()
                    .map(Segment::Literal)
                    .chain([Segment::Many]);
                if let Ok(route) = Route::new("GET", segments.collect()) {
                    after.add(
                        route,
                        Clues {
                            is_asset: true,
                            ..Clues::default()
                        },
                    );
                }
            }
            None => after.add(route, clues),
        }
    }
    after
}
