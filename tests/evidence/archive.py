"""The archive: one zip for a list of files and no other."""

import struct
import zlib


def write(files):
    out, directory = bytearray(), bytearray()
    for name, content in files:
        offset = len(out)
        fields = struct.pack(
            "<5HIIIHH", 10, 0, 0, 0, 0x21, zlib.crc32(content), len(content), len(content), len(name), 0
        )
        out += b"PK\x03\x04" + fields + name.encode() + content
        directory += (
            b"PK\x01\x02" + struct.pack("<H", 10) + fields + bytes(10) + struct.pack("<I", offset) + name.encode()
        )
    end = b"PK\x05\x06" + bytes(4) + struct.pack("<HHIIH", len(files), len(files), len(directory), len(out), 0)
    return bytes(out + directory + end)


def read(pack):
    files, at = [], 0
    try:
        while pack[at : at + 4] == b"PK\x03\x04":
            size, length = struct.unpack_from("<IH", pack, at + 22)
            name = pack[at + 30 : at + 30 + length].decode("ascii")
            start = at + 30 + length
            files.append((name, pack[start : start + size]))
            at = start + size
    except (struct.error, UnicodeDecodeError):
        return None
    return files if write(files) == pack else None
