//! Making, writing and syncing segment files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const EXTENSION: &str = "log";
const CHUNK_BYTES: usize = 1 << 20;

/// Makes segment files. Its holder can forge every record that is not sequenced.
pub trait Disk: Send + 'static {
    /// Makes segment `number` in the directory: `header`, then zeros up to `bytes`. When this
    /// returns, the file is durable under its final name, or there is none of that name but one
    /// that was there before. Called from the writer's thread only, may block.
    ///
    /// # Errors
    /// Whatever the file system says; the same number is tried again later.
    fn create(
        &mut self,
        directory: &Path,
        number: u64,
        header: &[u8],
        bytes: u64,
    ) -> io::Result<Box<dyn SegmentFile>>;
}

/// One open segment. After the first error it is dropped, never asked again.
pub trait SegmentFile: Send {
    /// Overwrites zeros from `offset` on. All of it or an error.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Returns once all that was written is durable.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file system of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn create(
        &mut self,
        directory: &Path,
        number: u64,
        header: &[u8],
        bytes: u64,
    ) -> io::Result<Box<dyn SegmentFile>> {
        // Under another name until it is whole: a file of the final name always has its header.
        let unfinished = segment_path(directory, number).with_extension("new");
        let made = fill(&unfinished, header, bytes)
            .and_then(|file| {
                fs::rename(&unfinished, segment_path(directory, number))?;
                sync_directory(directory)?;
                Ok(file)
            })
            .inspect_err(|_| {
                // Gives the room back; the next try overwrites it anyway.
                let _ = fs::remove_file(&unfinished);
            })?;
        Ok(Box::new(made))
    }
}

impl SegmentFile for File {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Where segment `number` lies.
pub(super) fn segment_path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("segment-{number:08}.{EXTENSION}"))
}

/// The number of the segment that a file name names.
pub(super) fn segment_number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("segment-")?;
    let number = digits.strip_suffix(".log")?.parse().ok()?;
    (segment_path(Path::new(""), number).as_os_str() == name).then_some(number)
}

/// Makes names in a directory durable.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn fill(path: &Path, header: &[u8], bytes: u64) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(header)?;
    let zeros = vec![0; CHUNK_BYTES];
    let mut left = bytes.saturating_sub(u64::try_from(header.len()).unwrap_or(u64::MAX));
    while left > 0 {
        let chunk = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        file.write_all(zeros.get(..chunk).unwrap_or(&zeros))?;
        left = left.saturating_sub(u64::try_from(chunk).unwrap_or(u64::MAX));
    }
    file.sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_has_one_file_name() {
        assert_eq!(
            segment_path(Path::new("d"), 7),
            Path::new("d/segment-00000007.log")
        );
        assert_eq!(segment_number("segment-00000007.log"), Some(7));
        assert_eq!(segment_number("segment-123456789.log"), Some(123_456_789));
        for name in [
            "segment-7.log",
            "segment-00000007.new",
            "segment-00000007.log.damaged",
            "segment-+0000007.log",
            "lock",
        ] {
            assert_eq!(segment_number(name), None, "{name}");
        }
    }
}
