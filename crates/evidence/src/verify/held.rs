//! A pack as it lies in its archive: checked against its manifest, and read one bundle at a time.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use locum_tlog::{Hash, TilePath, VerifierKey};

use super::VerifyFailure;
use crate::archive::{Archive, ArchiveError, Section, Stored};
use crate::pack::{
    CHECKPOINT, KEY, MANIFEST, Manifest, Opened, PackError, Rows, Source, Streamed, derived,
    is_derived, part_of, payloads_of, witnessed,
};

/// Bytes in the largest file that is read whole: far above what a bundle or the payloads below it come to.
const MOST: u64 = 1 << 28;

/// An archive whose files are those that its manifest lists.
pub(crate) struct Held<R> {
    archive: Archive<R>,
    files: BTreeMap<String, Stored>,
    parts: BTreeMap<TilePath, Stored>,
    payloads: BTreeMap<u64, Stored>,
}

impl<R: Read + Seek> Held<R> {
    /// Reads the archive once, and compares every file's digest with the manifest, which must be of this format.
    pub(crate) fn open(reader: R, format: &str) -> Result<Self, VerifyFailure> {
        let mut archive = Archive::open(reader).map_err(unread)?;
        let mut files = BTreeMap::new();
        for file in archive.files() {
            if files.insert(file.name.clone(), file.clone()).is_some() {
                return Err(VerifyFailure::Added(file.name.clone()));
            }
        }
        let file = files.remove(MANIFEST).ok_or(VerifyFailure::Manifest)?;
        let written = archive.content(&file, MOST).map_err(unread)?;
        let manifest = Manifest::parse(&written).filter(|it| it.format() == format);
        let manifest = manifest.ok_or(VerifyFailure::Manifest)?;
        for (name, expected) in &manifest.files {
            let file = files.get(name);
            let file = file.ok_or_else(|| VerifyFailure::Missing(name.clone()))?;
            if file.digest != *expected {
                return Err(VerifyFailure::Altered(name.clone()));
            }
        }
        if let Some(added) = files
            .keys()
            .find(|name| !manifest.files.contains_key(*name))
        {
            return Err(VerifyFailure::Added(added.clone()));
        }
        let is_canonical = manifest.to_bytes().is_ok_and(|bytes| bytes == written);
        let order = std::iter::once(MANIFEST).chain(manifest.files.keys().map(String::as_str));
        let is_in_order = order.eq(archive.files().iter().map(|file| file.name.as_str()));
        if !is_canonical || !is_in_order {
            return Err(VerifyFailure::Order);
        }
        let named = files.iter();
        let parts = named.filter_map(|(name, file)| Some((part_of(name)?, file.clone())));
        let parts = parts.collect();
        let named = files.iter();
        let payloads = named.filter_map(|(name, file)| Some((payloads_of(name)?, file.clone())));
        Ok(Self {
            archive,
            parts,
            payloads: payloads.collect(),
            files,
        })
    }

    /// The key and the checkpoint that the pack holds.
    pub(crate) fn key_and_checkpoint(&mut self) -> Result<(VerifierKey, String), VerifyFailure> {
        let key = self.text(KEY)?;
        let key = VerifierKey::parse(&key)
            .map_err(|_| VerifyFailure::Pack(PackError::Form(KEY.to_owned())))?;
        Ok((key, self.text(CHECKPOINT)?))
    }

    /// The bundles of entries in it, in ascending order.
    pub(crate) fn entry_bundles(&self) -> Vec<u64> {
        let bundle = |path: &TilePath| match path {
            TilePath::Entries { index, .. } => Some(*index),
            TilePath::Hashes { .. } => None,
        };
        let mut bundles: Vec<u64> = self.parts.keys().filter_map(bundle).collect();
        bundles.sort_unstable();
        bundles
    }

    /// The names of its files, but for the manifest.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }

    /// The digest of a file, as its content has it.
    pub(crate) fn digest(&self, name: &str) -> Option<Hash> {
        self.files.get(name).map(|file| file.digest)
    }

    /// One file, to be read where it lies.
    pub(crate) fn section(&mut self, name: &str) -> Option<Section<'_, R>> {
        let file = self.files.get(name)?;
        Some(self.archive.section(file))
    }

    /// A file that is read whole.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Vec<u8>, VerifyFailure> {
        let file = self.files.get(name);
        let file = file.ok_or_else(|| VerifyFailure::Missing(name.to_owned()))?;
        self.archive.content(file, MOST).map_err(unread)
    }

    fn text(&mut self, name: &str) -> Result<String, VerifyFailure> {
        let bytes = self.bytes(name)?;
        String::from_utf8(bytes).map_err(|_| VerifyFailure::Pack(PackError::Form(name.to_owned())))
    }

    /// Compares with the files that the opened pack is made of: no other and no less, and every byte of those that
    /// follow from it.
    pub(super) fn fits(self, opened: &Opened) -> Result<(), VerifyFailure> {
        let derived = derived(opened).map_err(super::failure)?;
        let streamed = opened.streamed();
        let is_ours = |name: &String| derived.contains_key(name) || streamed.contains_key(name);
        if let Some(added) = self.files.keys().find(|name| !is_ours(name)) {
            return Err(VerifyFailure::Added(added.clone()));
        }
        for name in derived.keys().chain(streamed.keys()) {
            if !self.files.contains_key(name) {
                return Err(VerifyFailure::Missing(name.clone()));
            }
        }
        for (name, bytes) in &derived {
            let is_same = self.files.get(name).is_some_and(|file| file.holds(bytes));
            if !is_same && is_derived(name) {
                return Err(VerifyFailure::NotDerived(name.clone()));
            }
            if !is_same {
                return Err(VerifyFailure::Altered(name.clone()));
            }
        }
        Ok(())
    }
}

impl<R: Read + Seek> Source for Held<R> {
    fn part(&mut self, path: TilePath) -> Result<Vec<u8>, PackError> {
        let file = self.parts.get(&path);
        let file = file.ok_or_else(|| PackError::Missing(Streamed::Part(path).name()))?;
        Ok(self.archive.content(file, MOST)?)
    }

    fn bundles(&self) -> Vec<u64> {
        self.payloads.keys().copied().collect()
    }

    fn rows(&mut self, bundle: u64) -> Result<Rows, PackError> {
        let file = self.payloads.get(&bundle);
        let file = file.ok_or_else(|| PackError::Missing(Streamed::Payloads(bundle).name()))?;
        let file = self.archive.content(file, MOST)?;
        Ok(Rows::Written { bundle, file })
    }

    fn consistency(&mut self, entries: u64) -> Result<Vec<u8>, PackError> {
        let name = witnessed(entries);
        let file = self.files.get(&name).ok_or(PackError::Missing(name))?;
        Ok(self.archive.content(file, MOST)?)
    }
}

/// What is no archive in the one form, and what cannot be read at all.
fn unread(error: ArchiveError) -> VerifyFailure {
    match error {
        ArchiveError::Form(place) => VerifyFailure::Archive(place),
        ArchiveError::TooLarge | ArchiveError::Io(_) => VerifyFailure::Unread(error),
    }
}
