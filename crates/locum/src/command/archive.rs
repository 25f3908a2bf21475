//! The file of a back-up: a POSIX tar archive (ustar), which every `tar` lists and unpacks. Its first member is
//! `manifest.json`, which names the others in order with their sizes and SHA-256.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

const BLOCK: usize = 512;
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
        let (bytes, sha256) = pour(&mut File::open(path)?, &mut io::sink(), u64::MAX)?;
        Ok(Self {
            name: name.to_owned(),
            bytes,
            sha256,
        })
    }
}

/// Writes manifest and members, whose files stand in `from`.
pub(super) fn write(out: &mut impl Write, manifest: &Manifest, from: &Path) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(manifest)?;
    let length = u64::try_from(text.len()).map_err(io::Error::other)?;
    out.write_all(&header(MANIFEST, length)?)?;
    out.write_all(&text)?;
    pad(out, length)?;
    for member in &manifest.files {
        out.write_all(&header(&member.name, member.bytes)?)?;
        let mut file = File::open(from.join(&member.name))?;
        let (bytes, sha256) = pour(&mut file, out, member.bytes)?;
        if bytes != member.bytes || sha256 != member.sha256 {
            return Err(io::Error::other(format!(
                "{} changed meanwhile",
                member.name
            )));
        }
        pad(out, bytes)?;
    }
    out.write_all(&[0; 2 * BLOCK])
}

/// Unpacks into the empty folder `to`: every member as the manifest has it, byte for byte, and nothing else.
pub(super) fn read(from: &mut impl Read, to: &Path) -> io::Result<Manifest> {
    let length = expect_header(from, MANIFEST, None)?;
    if length > LONGEST_MANIFEST {
        return Err(wrong("its manifest is too long"));
    }
    let mut text = Vec::new();
    pour(from, &mut text, length)?;
    skip_padding(from, length)?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|_| wrong("its manifest does not read"))?;
    if manifest.form != FORM {
        return Err(wrong("it is of a form that this program does not know"));
    }
    for member in &manifest.files {
        expect_header(from, &member.name, Some(member.bytes))?;
        let plain = |it: char| it.is_ascii_alphanumeric() || "-.".contains(it);
        if !member.name.chars().all(plain) || member.name.starts_with('.') {
            return Err(wrong("it names a file outside"));
        }
        let mut file = File::create_new(to.join(&member.name))?;
        let (bytes, sha256) = pour(from, &mut file, member.bytes)?;
        if bytes != member.bytes || sha256 != member.sha256 {
            return Err(wrong(&format!(
                "`{}` in it was damaged or cut",
                member.name
            )));
        }
        file.sync_all()?;
        skip_padding(from, bytes)?;
    }
    let mut end = Vec::new();
    from.take(3 * BLOCK as u64).read_to_end(&mut end)?;
    if end != [0; 2 * BLOCK] {
        return Err(wrong("it does not end where its manifest says"));
    }
    Ok(manifest)
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Copies at most `most` bytes and answers how many, with their digest.
fn pour(from: &mut impl Read, to: &mut impl Write, most: u64) -> io::Result<(u64, String)> {
    let mut digest = Context::new(&SHA256);
    let (mut buffer, mut done) = (vec![0; 1 << 16], 0_u64);
    let mut from = from.take(most);
    loop {
        let read = from.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            return Ok((done, hex::encode(digest.finish())));
        };
        digest.update(part);
        to.write_all(part)?;
        done += part.len() as u64;
    }
}

/// How many zeros follow a member.
fn padding(length: u64) -> usize {
    let over = usize::try_from(length % BLOCK as u64).unwrap_or(0);
    (BLOCK - over) % BLOCK
}

fn pad(out: &mut impl Write, length: u64) -> io::Result<()> {
    out.write_all(&vec![0; padding(length)])
}

fn skip_padding(from: &mut impl Read, length: u64) -> io::Result<()> {
    let mut zeros = vec![0; padding(length)];
    from.read_exact(&mut zeros)?;
    match zeros.iter().all(|it| *it == 0) {
        true => Ok(()),
        false => Err(wrong("it holds more than its manifest says")),
    }
}

/// A member's header (POSIX.1-1988, ustar), the same for the same name and size. A size beyond 8 GiB is written in base
/// 256, as GNU tar does.
fn header(name: &str, bytes: u64) -> io::Result<Vec<u8>> {
    let size = if bytes < 1 << 33 {
        format!("{bytes:011o}\0").into_bytes()
    } else {
        [&[0x80, 0, 0, 0][..], &bytes.to_be_bytes()].concat()
    };
    if name.len() > 100 {
        return Err(io::Error::other("the name is too long"));
    }
    let mut header = Vec::with_capacity(BLOCK);
    header.extend(name.as_bytes());
    header.resize(100, 0);
    header.extend(b"0000600\x000000000\x000000000\0");
    header.extend(size);
    header.extend(b"00000000000\0");
    let before = header.len();
    header.extend(b"        0");
    header.resize(257, 0);
    header.extend(b"ustar\x0000");
    header.resize(BLOCK, 0);
    let sum: u32 = header.iter().map(|it| u32::from(*it)).sum();
    let sum = format!("{sum:06o}\0 ").into_bytes();
    for (place, digit) in header.iter_mut().skip(before).zip(sum) {
        *place = digit;
    }
    Ok(header)
}

/// Reads the header of the member `name` and answers its size; with `bytes` told, it must be that.
fn expect_header(from: &mut impl Read, name: &str, bytes: Option<u64>) -> io::Result<u64> {
    let mut found = [0; BLOCK];
    from.read_exact(&mut found)
        .map_err(|_| wrong("it is cut"))?;
    let bytes = match bytes {
        Some(bytes) => bytes,
        None => found
            .get(124..135)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u64::from_str_radix(digits, 8).ok())
            .ok_or_else(|| wrong("it is no back-up of ours"))?,
    };
    if header(name, bytes)? == found {
        Ok(bytes)
    } else {
        Err(wrong("it is no back-up of ours, or was changed"))
    }
}
