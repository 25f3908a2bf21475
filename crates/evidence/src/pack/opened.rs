//! A pack taken as true so far as its own key goes.

use locum_tlog::{Checkpoint, VerifierKey, verify_checkpoint};

use super::bundle::{Bundle, Disclosure, in_parallel};
use super::source::bundle_of;
use super::tiles::{Tiles, first_of};
use super::whole::Whole;
use super::{PackError, Source};
use crate::examined::Examined;
use crate::story::{Telling, ToldWhole};
use crate::witnessed::Beginnings;

/// The checkpoint, what it covers, and what that says.
pub(crate) struct Opened {
    pub(crate) key: VerifierKey,
    /// The note, verbatim.
    pub(crate) note: String,
    pub(crate) checkpoint: Checkpoint,
    /// The story, and the events behind it that are no access records.
    pub(crate) told: ToldWhole,
    pub(crate) disclosed: Disclosed,
    /// Whether none of the event's entries before the last was left out.
    pub(crate) whole: Whole,
    /// How the session stood where a reviewer can have seen it.
    pub(crate) examined: Examined,
    /// What witnesses had signed when the session began.
    pub(crate) beginnings: Beginnings,
    pub(super) tiles: Tiles,
}

/// Which entries the pack discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disclosed {
    pub(crate) count: usize,
    /// The lowest and the highest position.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The highest of those whose personal values are not there.
    pub(crate) last_erased: Option<u64>,
    /// The bundles that they stand in, in ascending order.
    pub(crate) bundles: Vec<u64>,
}

/// Bundles that are held at once, so that every processor has some to open.
const AT_ONCE: usize = 64;

/// Checks everything that the pack's own key can vouch for, some bundles after the others.
///
/// # Errors
/// [`PackError`] says what does not hold.
pub(crate) fn open(
    source: &mut impl Source,
    key: &VerifierKey,
    note: &str,
) -> Result<Opened, PackError> {
    let checkpoint = verify_checkpoint(note, key)?;
    let size = checkpoint.size();
    let bundles = source.bundles();
    if let Some(beyond) = bundles.iter().find(|bundle| first_of(**bundle) >= size) {
        let row = source.rows(*beyond)?.read()?.into_iter().next();
        let position = row.map_or_else(|| first_of(*beyond), |row| row.position);
        return Err(PackError::Beyond { position, size });
    }
    let mut tiles = Tiles::of(source, size, &bundles)?;
    tiles.check(checkpoint.root())?;
    let (mut telling, mut whole) = (Telling::default(), Whole::default());
    let mut examined = Examined::default();
    let (mut count, mut first, mut last, mut last_erased) = (0, None, 0, None);
    for some in bundles.chunks(AT_ONCE) {
        let read = some.iter().map(|it| Bundle::read(source, &tiles, *it));
        let read = read.collect::<Result<Vec<_>, _>>()?;
        for bundle in in_parallel(read, |bundle| bundle.open(&tiles)) {
            for disclosed in bundle? {
                let Disclosure {
                    recorded,
                    entry,
                    leaf,
                    is_erased,
                } = disclosed;
                whole.hear(&recorded, &entry, leaf);
                examined.see(&recorded, leaf);
                telling.hear(&recorded)?;
                count += 1;
                first.get_or_insert(recorded.position);
                last = recorded.position;
                last_erased = is_erased.then_some(last).or(last_erased);
            }
        }
    }
    let told = telling.end()?;
    let beginnings = Beginnings::open(&told.events, key, &checkpoint, source)?;
    let disclosed = Disclosed {
        count,
        first: first.unwrap_or_default(),
        last,
        last_erased,
        bundles,
    };
    tiles.keep_for_proofs(source, [bundle_of(disclosed.first), bundle_of(last)])?;
    Ok(Opened {
        key: key.clone(),
        note: note.to_owned(),
        checkpoint,
        told,
        disclosed,
        whole,
        examined,
        beginnings,
        tiles,
    })
}
