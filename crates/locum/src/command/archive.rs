//! The file of a back-up: a POSIX tar archive (ustar), which every `tar` lists and unpacks. Its first member is
//! `manifest.json`, which names the others in order with their sizes and SHA-256.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use tar::{Archive, Builder, EntryType, Header};

const MANIFEST: &str = "manifest.json";
/// No manifest is longer.
const LONGEST_MANIFEST: u64 = 1024 * 1024;
/// The number that this form is known by.
pub(super) const FORM: u32 = 1;

/// What a back-up says of itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) form: u32,
    pub(super) origin: String,
    /// Entries of the ledger.
    pub(super) size: u64,
    /// Their root, in hexadecimal.
    pub(super) root: String,
    /// The signed note that says so.
    pub(super) checkpoint: String,
    pub(super) schema: u32,
    pub(super) files: Vec<Member>,
}

/// One file in it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Member {
    /// Reads a file through for its size and digest.
    pub(super) fn of(name: &str, path: &Path) -> io::Result<Self> {
        let mut file = Digested::of(File::open(path)?);
        io::copy(&mut file, &mut io::sink())?;
        let (bytes, sha256) = file.read_so_far();
        Ok(Self {
            name: name.to_owned(),
            bytes,
            sha256,
        })
    }
}

/// Writes manifest and members, whose files stand in `from`.
pub(super) fn write(out: &mut impl Write, manifest: &Manifest, from: &Path) -> io::Result<()> {
    let mut archive = Builder::new(out);
    let text = serde_json::to_vec_pretty(manifest)?;
    let length = u64::try_from(text.len()).map_err(io::Error::other)?;
    archive.append(&header(MANIFEST, length)?, text.as_slice())?;
    for member in &manifest.files {
        let file = File::open(from.join(&member.name))?;
        let mut file = Digested::of(file.take(member.bytes));
        archive.append(&header(&member.name, member.bytes)?, &mut file)?;
        if file.read_so_far() != (member.bytes, member.sha256.clone()) {
            return Err(io::Error::other(format!(
                "{} changed meanwhile",
                member.name
            )));
        }
    }
    archive.into_inner().map(|_| ())
}

/// Unpacks into the empty folder `to`: every member as the manifest has it, and nothing else. The whole is written again
/// from what was unpacked and compared, so that no byte of it can be other than ours.
/// Answers the file's SHA-256 with it.
pub(super) fn read(from: &mut (impl Read + Seek), to: &Path) -> io::Result<(Manifest, String)> {
    let manifest = unpack(from, to)?;
    from.rewind()?;
    let mut found = Digested::of(from);
    io::copy(&mut found, &mut io::sink())?;
    let mut again = Digested::of(io::sink());
    write(&mut again, &manifest, to)?;
    match again.read_so_far() == found.read_so_far() {
        true => Ok((manifest, found.read_so_far().1)),
        false => Err(wrong("it is no back-up of ours, or was changed")),
    }
}

fn unpack(from: &mut impl Read, to: &Path) -> io::Result<Manifest> {
    let mut archive = Archive::new(from);
    let mut members = archive.entries()?;
    let mut next = |name: &str| match members.next() {
        Some(member) => {
            let member = member.map_err(|_| wrong("it is no back-up of ours, or is cut"))?;
            let is_it = member.header().entry_type() == EntryType::Regular
                && *member.path_bytes() == *name.as_bytes();
            is_it
                .then_some(member)
                .ok_or_else(|| wrong("it is no back-up of ours, or was changed"))
        }
        None => Err(wrong("it is cut")),
    };
    let mut text = Vec::new();
    let manifest = next(MANIFEST)?;
    if manifest.size() > LONGEST_MANIFEST {
        return Err(wrong("its manifest is too long"));
    }
    manifest
        .take(LONGEST_MANIFEST)
        .read_to_end(&mut text)
        .map_err(|_| wrong("it is cut"))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|_| wrong("its manifest does not read"))?;
    if manifest.form != FORM {
        return Err(wrong("it is of a form that this program does not know"));
    }
    for member in &manifest.files {
        let plain = |it: char| it.is_ascii_alphanumeric() || "-.".contains(it);
        if !member.name.chars().all(plain) || member.name.starts_with('.') {
            return Err(wrong("it names a file outside"));
        }
        let mut found = Digested::of(next(&member.name)?.take(member.bytes));
        let mut file = File::create_new(to.join(&member.name))?;
        io::copy(&mut found, &mut file)?;
        if found.read_so_far() != (member.bytes, member.sha256.clone()) {
            return Err(wrong(&format!(
                "`{}` in it was damaged or cut",
                member.name
            )));
        }
        file.sync_all()?;
    }
    Ok(manifest)
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// A member's header (POSIX.1-1988, ustar), the same for the same name and size.
fn header(name: &str, bytes: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_mode(0o600);
    header.set_size(bytes);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    Ok(header)
}

/// Counts and digests what passes, in either direction.
struct Digested<T> {
    inner: T,
    bytes: u64,
    digest: Context,
}

impl<T> Digested<T> {
    fn of(inner: T) -> Self {
        Self {
            inner,
            bytes: 0,
            digest: Context::new(&SHA256),
        }
    }

    fn passed(&mut self, part: Option<&[u8]>) {
        let part = part.unwrap_or_default();
        self.bytes += part.len() as u64;
        self.digest.update(part);
    }

    /// How many bytes passed, and their SHA-256.
    fn read_so_far(&self) -> (u64, String) {
        (self.bytes, hex::encode(self.digest.clone().finish()))
    }
}

impl<T: Read> Read for Digested<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.passed(buffer.get(..read));
        Ok(read)
    }
}

impl<T: Write> Write for Digested<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.passed(buffer.get(..written));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
