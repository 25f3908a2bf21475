//! The one archive that a list of files makes: a zip without any freedom.
//!
//! Entries are stored, stand in the given order without gaps, are dated 1980-01-01 and carry neither extra
//! fields nor comments nor descriptors. Written here and not by a zip library because every byte is the
//! format: a library is free to change version fields, flags or attributes in its next release, and packs
//! written before must still verify.

/// Why files make no archive, or bytes are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// More than 65,534 files, or 4 GiB: beyond what the plain format can say.
    #[error("more than a plain zip can hold")]
    TooLarge,
    /// The bytes end early, or something else stands where a file or the directory belongs.
    #[error("not a zip in the pack's one form, at byte {0}")]
    Form(usize),
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

/// Writes the archive.
pub(crate) fn write<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
) -> Result<Vec<u8>, ArchiveError> {
    let (mut archive, mut directory, mut count) = (Vec::new(), Vec::new(), 0_usize);
    for (name, bytes) in files {
        count += 1;
        let offset = narrow(archive.len())?;
        let fields = fields(name, bytes)?;
        archive.extend_from_slice(&LOCAL.to_le_bytes());
        archive.extend_from_slice(&fields);
        archive.extend_from_slice(name.as_bytes());
        archive.extend_from_slice(bytes);
        directory.extend_from_slice(&CENTRAL.to_le_bytes());
        directory.extend_from_slice(&VERSION.to_le_bytes());
        directory.extend_from_slice(&fields);
        // No comment, disk 0, no attributes of either kind.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    if count > MOST_FILES {
        return Err(ArchiveError::TooLarge);
    }
    let count = u16::try_from(count)
        .map_err(|_| ArchiveError::TooLarge)?
        .to_le_bytes();
    let (offset, size) = (narrow(archive.len())?, narrow(directory.len())?);
    archive.extend_from_slice(&directory);
    archive.extend_from_slice(&END.to_le_bytes());
    archive.extend_from_slice(&[0; 4]);
    archive.extend_from_slice(&count);
    archive.extend_from_slice(&count);
    archive.extend_from_slice(&size.to_le_bytes());
    archive.extend_from_slice(&offset.to_le_bytes());
    archive.extend_from_slice(&[0; 2]);
    Ok(archive)
}

/// The fields that a file's header and its directory entry share, from version to extra length.
fn fields(name: &str, bytes: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let length = u16::try_from(name.len()).map_err(|_| ArchiveError::TooLarge)?;
    let size = narrow(bytes.len())?.to_le_bytes();
    let mut fields = Vec::with_capacity(26);
    fields.extend_from_slice(&VERSION.to_le_bytes());
    // No flags, stored, midnight.
    fields.extend_from_slice(&[0; 6]);
    fields.extend_from_slice(&DATE.to_le_bytes());
    fields.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
    fields.extend_from_slice(&size);
    fields.extend_from_slice(&size);
    fields.extend_from_slice(&length.to_le_bytes());
    fields.extend_from_slice(&[0; 2]);
    Ok(fields)
}

/// `u32::MAX` itself means "see the 64-bit records".
fn narrow(length: usize) -> Result<u32, ArchiveError> {
    u32::try_from(length)
        .ok()
        .filter(|length| *length < u32::MAX)
        .ok_or(ArchiveError::TooLarge)
}

/// Reads an archive that [`write`] wrote, and no other: what was read is written again and compared.
pub(crate) fn read(archive: &[u8]) -> Result<Vec<(&str, &[u8])>, ArchiveError> {
    let mut files = Vec::new();
    let mut rest = archive;
    while let Some(after) = rest.strip_prefix(&LOCAL.to_le_bytes()) {
        let at = ArchiveError::Form(archive.len() - rest.len());
        let (file, after) = file(after).ok_or(at)?;
        files.push(file);
        rest = after;
    }
    let again = write(files.iter().copied())?;
    if again == archive {
        return Ok(files);
    }
    let same = again
        .iter()
        .zip(archive)
        .take_while(|(ours, theirs)| ours == theirs)
        .count();
    Err(ArchiveError::Form(same))
}

/// A name and its bytes.
type File<'a> = (&'a str, &'a [u8]);

/// One file behind its signature, and what stands after it. Only lengths are looked at.
fn file(archive: &[u8]) -> Option<(File<'_>, &[u8])> {
    let (head, rest) = archive.split_first_chunk::<26>()?;
    let [.., s0, s1, s2, s3, n0, n1, _, _] = *head;
    let size = usize::try_from(u32::from_le_bytes([s0, s1, s2, s3])).ok()?;
    let length = usize::from(u16::from_le_bytes([n0, n1]));
    let (name, rest) = rest.split_at_checked(length)?;
    let (bytes, rest) = rest.split_at_checked(size)?;
    Some(((std::str::from_utf8(name).ok()?, bytes), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [(&str, &[u8]); 3] = [
        ("manifest.json", b"{}"),
        ("entries/000.p/2", b""),
        ("report.html", b"<p>"),
    ];

    #[test]
    fn what_is_written_is_read_again() {
        let archive = write(FILES).unwrap();
        assert_eq!(read(&archive).unwrap(), FILES);
        assert_eq!(read(&write([]).unwrap()).unwrap(), []);
    }

    #[test]
    fn headers_stand_as_the_document_writes_them() {
        let archive = write([("a", b"123456789".as_slice())]).unwrap();
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
        let archive = write(FILES).unwrap();
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
