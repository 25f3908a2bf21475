//! Making, writing and syncing segment files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

/// Makes segment files. Its holder can forge every record that is not sequenced.
pub trait Disk: Send + 'static {
    /// Makes segment `number` in the directory: `header`, then zeros up to `bytes`. When this
    /// returns `Ok`, the file and its name are durable. After an error the name leads to what it led
    /// to before, or to this new file, of which the writer has used nothing. Called from the
    /// writer's thread only, may block.
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

/// The file system of this machine. Beside the segment in use it keeps the next one filled with
/// zeros already, so that going on to it costs those who wait a rename and not 16 MiB of writing. It
/// shares its disk with the store, whose commits need room too: a segment that does not fit is not
/// begun, and a spare one only where it leaves room for another.
#[derive(Debug, Default)]
pub struct LocalDisk {
    spare: Option<Spare>,
}

/// A file of zeros under [`unfinished_path`], or on the way to be one.
#[derive(Debug)]
struct Spare {
    path: PathBuf,
    bytes: u64,
    filled: JoinHandle<io::Result<File>>,
}

impl Disk for LocalDisk {
    fn create(
        &mut self,
        directory: &Path,
        number: u64,
        header: &[u8],
        bytes: u64,
    ) -> io::Result<Box<dyn SegmentFile>> {
        let unfinished = unfinished_path(directory);
        let made = self
            .take_spare(&unfinished, bytes)
            .map_or_else(|| fill(&unfinished, bytes, bytes), Ok)
            .and_then(|file| {
                // Under another name until it is whole: a file of the final name has its header.
                file.write_all_at(header, 0)?;
                file.sync_all()?;
                fs::rename(&unfinished, segment_path(directory, number))?;
                sync_directory(directory)?;
                Ok(file)
            })
            .inspect_err(|_| {
                // Gives the room back; the next try overwrites it anyway.
                let _ = fs::remove_file(&unfinished);
            })?;
        self.prepare_spare(unfinished, bytes);
        Ok(Box::new(made))
    }
}

impl LocalDisk {
    /// The spare file, once it is filled; `None` when there is none or filling it failed, which
    /// whoever fills it next will find out again.
    fn take_spare(&mut self, path: &Path, bytes: u64) -> Option<File> {
        let spare = self.spare.take()?;
        let filled = spare.filled.join().ok()?.ok()?;
        (spare.path == path && spare.bytes == bytes).then_some(filled)
    }

    fn prepare_spare(&mut self, path: PathBuf, bytes: u64) {
        let filling = path.clone();
        self.spare = std::thread::Builder::new()
            .name("recorder-spare".to_owned())
            .spawn(move || {
                fill(&filling, bytes, bytes.saturating_mul(2)).inspect_err(|_| {
                    // Half a spare is only in the way.
                    let _ = fs::remove_file(&filling);
                })
            })
            .ok()
            .map(|filled| Spare {
                path,
                bytes,
                filled,
            });
    }
}

/// Leaves no spare behind; after a kill the next opening sweeps it away.
impl Drop for LocalDisk {
    fn drop(&mut self) {
        if let Some(spare) = self.spare.take() {
            let _ = spare.filled.join();
            let _ = fs::remove_file(&spare.path);
        }
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

/// Where a segment is made ready.
fn unfinished_path(directory: &Path) -> PathBuf {
    directory.join("segment-next.new")
}

/// Where segment `number` lies.
pub(super) fn segment_path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("segment-{number:08}.log"))
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

/// Makes a file of durable zeros, where `room` bytes are free.
fn fill(path: &Path, bytes: u64, room: u64) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // A file that was there may have failed at a sync: it is not asked again.
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    if free_bytes(&file)?.is_some_and(|free| free < room) {
        return Err(io::ErrorKind::StorageFull.into());
    }
    reserve(&file, bytes)?;
    // Reserved blocks alone would do for the room, but each first write to one changes what the file
    // system keeps about it, and a sync would wait for that as well.
    io::copy(&mut io::repeat(0).take(bytes), &mut file)?;
    file.sync_all()?;
    Ok(file)
}

/// Takes the room in one piece, before anything is written to it.
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
        // Not every file system can; the zeros take the room then.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => Ok(()),
        reserved => Ok(reserved?),
    }
}

/// What is free on a file's disk for us; `None` where the file system does not count.
fn free_bytes(file: &File) -> io::Result<Option<u64>> {
    let disk = rustix::fs::fstatvfs(file)?;
    let is_counted = disk.f_blocks > 0;
    Ok(is_counted.then(|| disk.f_bavail.saturating_mul(disk.f_frsize)))
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

    #[test]
    fn a_segment_is_not_begun_where_there_is_no_room_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = unfinished_path(folder.path());
        let error = fill(&path, 4_096, 1 << 60).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::metadata(&path).unwrap().len(), 0, "it took room");
        fill(&path, 4_096, 4_096).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [0; 4_096]);
    }
}
