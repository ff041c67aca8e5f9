"""The streams of a compound file (OLE2), which holds old Office files and encrypted ones."""

import struct
from collections.abc import Iterator
from typing import Final

from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault

SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END: Final = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""
_ENTRY: Final = 128


class CompoundFile:
    """The directory of a compound file. Raises `FileRefused` (old_excel) where it is broken."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._open()
        except (struct.error, IndexError, ValueError):
            raise FileRefused(FileFault.OLD_EXCEL) from None

    def _open(self) -> None:
        shift, mini_shift = struct.unpack_from("<HH", self._data, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise ValueError(shift)
        self._size = 1 << shift
        directory, self._cutoff, mini = (
            struct.unpack_from("<I", self._data, at)[0] for at in (48, 56, 60)
        )
        self._next: list[int] = []
        for sector in self._table_sectors():
            self._next += struct.unpack(f"<{self._size // 4}I", self._sector(sector))
        self._streams: dict[str, tuple[int, int]] = {}
        entries = self._chain(directory)
        for at in range(0, len(entries) - _ENTRY + 1, _ENTRY):
            entry = entries[at : at + _ENTRY]
            length = struct.unpack_from("<H", entry, 64)[0]
            name = entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
            first, size = struct.unpack_from("<II", entry, 116)
            if entry[66] == 5:  # the root: the sectors of small streams
                self._mini = self._chain(first)[:size]
            elif entry[66] == 2:
                self._streams.setdefault(name.casefold(), (first, size))
        chain = self._chain(mini) if mini < _END else b""
        self._mini_next = struct.unpack(f"<{len(chain) // 4}I", chain)

    def has(self, name: str) -> bool:
        """Whether there is such a stream, whatever its case."""
        return name.casefold() in self._streams

    def read(self, name: str) -> bytes:
        """A stream. Raises `FileRefused` (old_excel) where it is broken or missing."""
        try:
            first, size = self._streams[name.casefold()]
            if size >= self._cutoff:
                return self._chain(first)[:size]
            found = bytearray()
            while first < _END and len(found) < size:
                found += self._mini[first * 64 : first * 64 + 64]
                first = self._mini_next[first]
            return bytes(found[:size])
        except (AttributeError, LookupError, ValueError):
            raise FileRefused(FileFault.OLD_EXCEL) from None

    def _table_sectors(self) -> Iterator[int]:
        yield from (one for one in struct.unpack_from("<109I", self._data, 76) if one < _END)
        sector, left = struct.unpack_from("<II", self._data, 68)
        left = min(left, len(self._data) // self._size)
        while sector < _END and left > 0:
            *found, sector = struct.unpack(f"<{self._size // 4}I", self._sector(sector))
            yield from (one for one in found if one < _END)
            left -= 1

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        found = self._data[start : start + self._size]
        if len(found) < self._size:
            found = found.ljust(self._size, b"\0")
            if start >= len(self._data):
                raise ValueError(number)
        return found

    def _chain(self, sector: int) -> bytes:
        found: list[bytes] = []
        most = len(self._data) // self._size + 1
        while sector < _END:
            if len(found) > most:  # a ring
                raise ValueError(sector)
            found.append(self._sector(sector))
            sector = self._next[sector]
        return b"".join(found)
