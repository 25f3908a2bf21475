//! The one archive that a list of files makes: a zip without any freedom.
//!
//! Entries are stored, stand in the given order without gaps, are dated 1980-01-01 and carry neither extra
//! fields nor comments nor descriptors. Written here and not by a zip library because every byte is the
//! format: a library is free to change version fields, flags or attributes in its next release, and packs
//! written before must still verify.
//!
//! Neither side holds more than one file at a time.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use locum_tlog::Hash;
use sha2::{Digest as _, Sha256};

/// Why files make no archive, or bytes are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// More than 65,534 files, or 4 GiB: beyond what the plain format can say.
    #[error("more than a plain zip can hold")]
    TooLarge,
    /// The bytes end early, or something else stands where a file or the directory belongs.
    #[error("not a zip in the pack's one form, at byte {0}")]
    Form(u64),
    /// The archive cannot be read or written.
    #[error("the archive cannot be read or written: {0}")]
    Io(io::ErrorKind),
}

impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        ArchiveError::Io(error.kind())
    }
}

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 1.0 of the format, as reader's need and as writer's claim: stored files need no more.
const VERSION: u16 = 10;
/// 1980-01-01 as MS-DOS writes it.
const DATE: u16 = 0x0021;
/// One more means "see the 64-bit records", which the pack does not have.
const MOST_FILES: usize = 0xfffe;
/// Bytes of the fields that a file's header and its directory entry share.
const FIELDS: usize = 26;
/// Bytes read at once.
const CHUNK: usize = 1 << 16;

/// Writes the archive, file by file.
pub(crate) struct Writer<W> {
    out: W,
    written: u64,
    directory: Directory,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            written: 0,
            directory: Directory::default(),
        }
    }

    /// Adds the next file.
    ///
    /// # Errors
    /// [`ArchiveError::TooLarge`], and what the writer says.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let fields = fields(name, crc32fast::hash(bytes), narrow(bytes.len())?)?;
        self.directory.add(name, fields, self.written)?;
        self.put(&LOCAL.to_le_bytes())?;
        self.put(&fields)?;
        self.put(name.as_bytes())?;
        self.put(bytes)
    }

    /// Where it was written to so far.
    pub(crate) fn out(&mut self) -> &mut W {
        &mut self.out
    }

    /// Closes the archive with its directory.
    ///
    /// # Errors
    /// As [`Writer::add`].
    pub(crate) fn finish(mut self) -> Result<W, ArchiveError> {
        let end = std::mem::take(&mut self.directory).end(self.written)?;
        self.put(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.out.write_all(bytes)?;
        self.written = self.written.saturating_add(bytes.len() as u64);
        Ok(())
    }
}

/// The directory, as it grows.
#[derive(Default)]
struct Directory {
    bytes: Vec<u8>,
    files: usize,
}

impl Directory {
    fn add(&mut self, name: &str, fields: [u8; FIELDS], offset: u64) -> Result<(), ArchiveError> {
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(ArchiveError::TooLarge);
        }
        self.bytes.extend_from_slice(&CENTRAL.to_le_bytes());
        self.bytes.extend_from_slice(&VERSION.to_le_bytes());
        self.bytes.extend_from_slice(&fields);
        // No comment, disk 0, no attributes of either kind.
        self.bytes.extend_from_slice(&[0; 10]);
        self.bytes.extend_from_slice(&narrow(offset)?.to_le_bytes());
        self.bytes.extend_from_slice(name.as_bytes());
        Ok(())
    }

    /// Everything behind the last file.
    fn end(mut self, offset: u64) -> Result<Vec<u8>, ArchiveError> {
        let count = u16::try_from(self.files).map_err(|_| ArchiveError::TooLarge)?;
        let size = narrow(self.bytes.len())?;
        self.bytes.extend_from_slice(&END.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&count.to_le_bytes());
        self.bytes.extend_from_slice(&count.to_le_bytes());
        self.bytes.extend_from_slice(&size.to_le_bytes());
        self.bytes.extend_from_slice(&narrow(offset)?.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 2]);
        Ok(self.bytes)
    }
}

/// The fields that a file's header and its directory entry share, from version to extra length.
fn fields(name: &str, crc: u32, size: u32) -> Result<[u8; FIELDS], ArchiveError> {
    let length = u16::try_from(name.len()).map_err(|_| ArchiveError::TooLarge)?;
    let mut fields = [0; FIELDS];
    // No flags, stored, midnight; no extra field.
    let parts: [&[u8]; 7] = [
        &VERSION.to_le_bytes(),
        &[0; 6],
        &DATE.to_le_bytes(),
        &crc.to_le_bytes(),
        &size.to_le_bytes(),
        &size.to_le_bytes(),
        &length.to_le_bytes(),
    ];
    let mut place = fields.iter_mut();
    for byte in parts.into_iter().flatten() {
        if let Some(place) = place.next() {
            *place = *byte;
        }
    }
    Ok(fields)
}

/// `u32::MAX` itself means "see the 64-bit records".
fn narrow(length: impl TryInto<u32>) -> Result<u32, ArchiveError> {
    let length = length.try_into().ok();
    length
        .filter(|length| *length < u32::MAX)
        .ok_or(ArchiveError::TooLarge)
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) digest: Hash,
    offset: u64,
    length: u64,
}

impl Stored {
    /// Whether its content is this.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        self.length == bytes.len() as u64
            && self.digest == Hash::from_bytes(Sha256::digest(bytes).into())
    }
}

/// An archive that [`Writer`] could have written, and no other: every byte that is no file's content is compared
/// with what would have been written.
pub(crate) struct Archive<R> {
    reader: R,
    files: Vec<Stored>,
}

impl<R: Read + Seek> Archive<R> {
    /// Reads the whole archive once, for its form and its files' digests.
    ///
    /// # Errors
    /// [`ArchiveError`] says where the form ends, or why nothing can be read.
    pub(crate) fn open(mut reader: R) -> Result<Self, ArchiveError> {
        reader.rewind()?;
        let mut scan = Scan {
            reader: BufReader::with_capacity(CHUNK, &mut reader),
            place: 0,
        };
        let mut directory = Directory::default();
        let mut files = Vec::new();
        loop {
            let start = scan.place;
            let signature: [u8; 4] = scan.array()?;
            if signature != LOCAL.to_le_bytes() {
                scan.end_is(start, &signature, &directory.end(start)?)?;
                break;
            }
            let head: [u8; FIELDS] = scan.array()?;
            let [.., s0, s1, s2, s3, n0, n1, _, _] = head;
            let length = u32::from_le_bytes([s0, s1, s2, s3]);
            let mut name = vec![0; usize::from(u16::from_le_bytes([n0, n1]))];
            scan.fill(&mut name)?;
            let name = String::from_utf8(name).map_err(|_| ArchiveError::Form(start))?;
            let offset = scan.place;
            let (crc, digest) = scan.content(length)?;
            let ours = fields(&name, crc, length)?;
            if let Some(at) = ours.iter().zip(&head).position(|(our, their)| our != their) {
                return Err(ArchiveError::Form(start + 4 + at as u64));
            }
            directory.add(&name, ours, start)?;
            files.push(Stored {
                name,
                digest,
                offset,
                length: u64::from(length),
            });
        }
        Ok(Self { reader, files })
    }

    /// The files in their order.
    pub(crate) fn files(&self) -> &[Stored] {
        &self.files
    }

    /// One file, to be read where it lies.
    pub(crate) fn section(&mut self, file: &Stored) -> Section<'_, R> {
        Section {
            reader: &mut self.reader,
            start: file.offset,
            length: file.length,
            place: 0,
        }
    }

    /// The content of one file.
    ///
    /// # Errors
    /// [`ArchiveError::TooLarge`] above `most` bytes, and what the reader says.
    pub(crate) fn content(&mut self, file: &Stored, most: u64) -> Result<Vec<u8>, ArchiveError> {
        if file.length > most {
            return Err(ArchiveError::TooLarge);
        }
        self.reader.seek(SeekFrom::Start(file.offset))?;
        let mut bytes = vec![0; usize::try_from(file.length).unwrap_or(usize::MAX)];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// The first file of an archive, whatever stands behind it, when it has this name.
pub(crate) fn first(mut reader: impl Read + Seek, name: &str) -> Option<Vec<u8>> {
    reader.rewind().ok()?;
    let mut scan = Scan { reader, place: 0 };
    let signature: [u8; 4] = scan.array().ok()?;
    let head: [u8; FIELDS] = scan.array().ok()?;
    let [.., s0, s1, s2, s3, n0, n1, _, _] = head;
    let mut found = vec![0; usize::from(u16::from_le_bytes([n0, n1]))];
    scan.fill(&mut found).ok()?;
    if signature != LOCAL.to_le_bytes() || found != name.as_bytes() {
        return None;
    }
    let length = u64::from(u32::from_le_bytes([s0, s1, s2, s3]));
    let mut bytes = Vec::new();
    scan.reader.take(length).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// One file of an archive, as if it stood alone.
pub(crate) struct Section<'a, R> {
    reader: &'a mut R,
    start: u64,
    length: u64,
    place: u64,
}

impl<R: Read + Seek> Read for Section<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.place);
        let most = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        self.reader
            .seek(SeekFrom::Start(self.start.saturating_add(self.place)))?;
        let (buffer, _) = buffer.split_at_mut(most);
        let read = self.reader.read(buffer)?;
        self.place = self.place.saturating_add(read as u64);
        Ok(read)
    }
}

impl<R> Seek for Section<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
        };
        self.place = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.place)
    }
}

/// A reader that knows where it is.
struct Scan<R> {
    reader: R,
    place: u64,
}

impl<R: Read> Scan<R> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], ArchiveError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ArchiveError> {
        let place = self.place;
        self.reader
            .read_exact(bytes)
            .map_err(|error| early(&error, place))?;
        self.place += bytes.len() as u64;
        Ok(())
    }

    /// Reads a file's content for its checksum and its digest.
    fn content(&mut self, length: u32) -> Result<(u32, Hash), ArchiveError> {
        let (mut crc, mut sha) = (crc32fast::Hasher::new(), Sha256::new());
        let mut chunk = vec![0; CHUNK];
        let mut left = usize::try_from(length).unwrap_or(usize::MAX);
        while left > 0 {
            let (now, _) = chunk.split_at_mut(left.min(CHUNK));
            self.fill(now)?;
            crc.update(now);
            sha.update(&*now);
            left -= now.len();
        }
        Ok((crc.finalize(), Hash::from_bytes(sha.finalize().into())))
    }

    /// Compares everything from `start` on, of which `begun` was read, with what belongs there.
    fn end_is(&mut self, start: u64, begun: &[u8], ours: &[u8]) -> Result<(), ArchiveError> {
        let mut theirs = begun.to_vec();
        let most = ours.len() as u64 + 1 - begun.len() as u64;
        (&mut self.reader).take(most).read_to_end(&mut theirs)?;
        if theirs == ours {
            return Ok(());
        }
        let pairs = ours.iter().zip(&theirs);
        let same = pairs.take_while(|(our, their)| our == their).count();
        Err(ArchiveError::Form(start + same as u64))
    }
}

/// An archive that ends early is none; any other failure is the reader's.
fn early(error: &io::Error, place: u64) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveError::Form(place),
        kind => ArchiveError::Io(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [(&str, &[u8]); 3] = [
        ("manifest.json", b"{}"),
        ("entries/000.p/2", b""),
        ("report.html", b"<p>"),
    ];

    fn write<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        for (name, bytes) in files {
            writer.add(name, bytes).unwrap();
        }
        writer.finish().unwrap()
    }

    fn read(archive: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
        let mut archive = Archive::open(io::Cursor::new(archive))?;
        let files = archive.files().to_vec();
        let content = |file: Stored| Ok((file.name.clone(), archive.content(&file, 1_000)?));
        files.into_iter().map(content).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let files = FILES.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
        assert_eq!(read(&write(FILES)).unwrap(), files);
        assert_eq!(read(&write([])).unwrap(), []);
    }

    #[test]
    fn a_file_has_the_digest_of_its_content() {
        let archive = Archive::open(io::Cursor::new(write(FILES))).unwrap();
        for (file, (_, bytes)) in archive.files().iter().zip(FILES) {
            assert_eq!(file.digest, Hash::from_bytes(Sha256::digest(bytes).into()));
        }
    }

    #[test]
    fn more_than_was_asked_for_is_not_read() {
        let mut archive = Archive::open(io::Cursor::new(write(FILES))).unwrap();
        let file = archive.files()[2].clone();
        assert_eq!(archive.content(&file, 2), Err(ArchiveError::TooLarge));
    }

    #[test]
    fn headers_stand_as_the_document_writes_them() {
        let archive = write([("a", b"123456789".as_slice())]);
        // CRC-32 of "123456789" is cbf43926.
        let local = "504b0304 0a00 0000 0000 0000 2100 2639f4cb 09000000 09000000 0100 0000 61";
        let central = "504b0102 0a00 0a00 0000 0000 0000 2100 2639f4cb 09000000 09000000 0100 0000 0000 0000 0000 00000000 00000000 61";
        let end = "504b0506 0000 0000 0100 0100 2f000000 28000000 0000";
        let hexadecimal = |text: &str| hex::decode(text.replace(' ', "")).unwrap();
        let whole = [
            hexadecimal(local),
            b"123456789".to_vec(),
            hexadecimal(central),
            hexadecimal(end),
        ];
        assert_eq!(archive, whole.concat());
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let archive = write(FILES);
        for place in 0..archive.len() {
            for bit in 0..8 {
                let mut other = archive.clone();
                other[place] ^= 1 << bit;
                assert!(read(&other).is_err(), "bit {bit} of byte {place}");
            }
            assert!(read(&archive[..place]).is_err(), "cut at {place}");
        }
        assert!(read(&[archive.as_slice(), b"\0"].concat()).is_err());
    }
}
