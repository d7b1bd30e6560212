"""The smallest videos there can be, as tests attach them."""

from __future__ import annotations

import struct


def mp4(padding: int = 64) -> bytes:
    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), kind) + content

    return box(b"ftyp", b"isom\0\0\2\0isomiso2") + box(b"moov", b"\0" * 16) + box(b"mdat", b"\0" * padding)


def webm(doctype: bytes = b"webm", padding: int = 64) -> bytes:
    told = b"\x42\x82" + bytes([0x80 | len(doctype)]) + doctype
    header = b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(told)]) + told
    return header + b"\x18\x53\x80\x67" + bytes([0x80 | padding]) + b"\0" * padding
