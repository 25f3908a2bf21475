//! Everything that zip allows and the pack does not.

use crate::ledger::unzip;
use crate::{Files, Row, honest, row};

/// A member of an archive as it is written: once before its content, once in the directory.
#[derive(Clone)]
struct Member {
    name: String,
    content: Vec<u8>,
    version: u16,
    flags: u16,
    method: u16,
    date: u16,
    extra: Vec<u8>,
    crc: u32,
    size: u32,
    offset: u32,
}

impl Member {
    fn fields(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        for short in [self.version, self.flags, self.method, 0, self.date] {
            fields.extend(short.to_le_bytes());
        }
        for long in [self.crc, self.size, self.size] {
            fields.extend(long.to_le_bytes());
        }
        let lengths = [self.name.len(), self.extra.len()];
        fields.extend(lengths.map(|it| it as u16).map(u16::to_le_bytes).concat());
        fields
    }
}

/// An archive whose members are bent before their content, in the directory, or in both.
fn zip(
    files: &Files,
    local: impl Fn(&mut Member),
    central: impl Fn(&mut Member),
    comment: &[u8],
) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut member = Member {
            name: name.clone(),
            content: content.clone(),
            version: 10,
            flags: 0,
            method: 0,
            date: 0x21,
            extra: Vec::new(),
            crc: crc32fast::hash(content),
            size: content.len() as u32,
            offset: archive.len() as u32,
        };
        let mut listed = member.clone();
        local(&mut member);
        central(&mut listed);
        archive.extend(b"PK\x03\x04");
        archive.extend(member.fields());
        archive.extend(member.name.as_bytes());
        archive.extend(&member.extra);
        archive.extend(&member.content);
        directory.extend(b"PK\x01\x02\x0a\x00");
        directory.extend(listed.fields());
        directory.extend([0; 10]);
        directory.extend(listed.offset.to_le_bytes());
        directory.extend(listed.name.as_bytes());
        directory.extend(&listed.extra);
    }
    let (offset, size) = (archive.len() as u32, directory.len() as u32);
    let count = (files.len() as u16).to_le_bytes();
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend([count, count].concat());
    archive.extend([size, offset].map(u32::to_le_bytes).concat());
    archive.extend((comment.len() as u16).to_le_bytes());
    archive.extend(comment);
    archive
}

/// Bends the members called `checkpoint`, in both places.
fn bent(files: &Files, bend: impl Fn(&mut Member)) -> Vec<u8> {
    let only = |member: &mut Member| {
        if member.name == "checkpoint" {
            bend(member);
        }
    };
    zip(files, only, only, b"")
}

fn plain(files: &Files) -> Vec<u8> {
    bent(files, |_| {})
}

pub(crate) fn rows() -> Vec<Row> {
    let (_, _, pack) = honest();
    let files = unzip(&pack);
    assert_eq!(
        plain(&files),
        pack,
        "the harness writes the pack's own form"
    );
    let mut rows = Vec::new();
    let mut add = |did: &str, bytes: Vec<u8>| rows.push(row(did, bytes));
    let flipped = |at: usize| {
        let mut bytes = pack.clone();
        bytes[at] ^= 1;
        bytes
    };
    add("flipped one bit in the middle", flipped(pack.len() / 2));
    add("flipped one bit of the first name", flipped(30));
    add("cut off the last byte", pack[..pack.len() - 1].to_vec());
    add("cut the file in half", pack[..pack.len() / 2].to_vec());
    add("wrote a byte behind the end", [&pack[..], b"\0"].concat());
    add("put a program before it", [b"MZ", &pack[..]].concat());
    add(
        "gave the archive a comment",
        zip(&files, |_| {}, |_| {}, b"seen by us"),
    );
    add(
        "gave a file an extra field",
        bent(&files, |it| it.extra = vec![1, 0, 0, 0]),
    );
    add(
        "dated a file otherwise",
        bent(&files, |it| it.date = 0x5b79),
    );
    add(
        "marked a file as encrypted",
        bent(&files, |it| it.flags = 1),
    );
    add(
        "compressed a file (a bomb is one)",
        bent(&files, |it| it.method = 8),
    );
    let long = bent(&files, |it| it.size = u32::MAX);
    add("said that a file has four gigabytes", long);
    let listed_otherwise = |change: &dyn Fn(&mut Member)| {
        let only = |it: &mut Member| {
            if it.name == "checkpoint" {
                change(it);
            }
        };
        zip(&files, |_| {}, only, b"")
    };
    add(
        "listed a file under another name in the directory",
        listed_otherwise(&|it| it.name = "checkpoinu".to_owned()),
    );
    add(
        "pointed the directory at another file",
        listed_otherwise(&|it| it.offset = 0),
    );
    add(
        "gave a file another check sum in the directory",
        listed_otherwise(&|it| it.crc ^= 1),
    );
    let mut twice = files.clone();
    twice.push(files[3].clone());
    add("stored a file twice", plain(&twice));
    let mut before = files.clone();
    before.insert(0, ("manifest.json".to_owned(), b"{}".to_vec()));
    add("put another manifest before the first", plain(&before));
    let mut out = files.clone();
    out.last_mut().unwrap().0 = "../report.html".to_owned();
    add(
        "named a file so that it leads out of the folder",
        plain(&out),
    );
    let mut moved = files.clone();
    moved[1..].rotate_left(1);
    add("reordered the files", plain(&moved));
    rows
}
