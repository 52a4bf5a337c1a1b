"""The stored rows of a study, in part files that are written whole or not at all.

A results folder::

    study.toml          the study file, if there was one
    study.json          study (see :mod:`qxgap.study.owner`), settings, run (date, seconds and
                        machine of the computation), networks (their facts by group),
                        num_instances, num_left_out (for their size), num_unreadable
    explanations-GROUP.npz  for each network an image of each class: names, label, pred, images
                        (n, C, H, W), maps (n, N_f, h, w), alpha (n, N_f); and of up to a hundred
                        images, reduced to 8 bits and a few pixels: small_names, small_images
                        (n, H, W[, 3]), and of the first of these small_maps (m, N_f, h, w), each
                        scaled to the largest absolute value small_peaks (m, N_f), small_alpha
    parts/*.parquet     rows as workers returned them; the name says what they answer and the
                        content: KEYS-CONTENT.parquet, 16 hexadecimal digits of SHA-256 each
    results.parquet     the table, see :mod:`qxgap.study.table`
    *.damaged           part files whose content is not what their name says
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from ..errors import InputError
from ..files import digest, write_errors, write_whole
from .cells import FAILED

log = logging.getLogger(__name__)


class Store:
    """The part files of one results folder.

    Parameters
    ----------
    folder : str or Path
        Results folder, made if needed.

    Raises
    ------
    InputError
        For a file in place of a folder, and for a folder that cannot be made.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"{self.folder}: is a file; give a results folder")
        self.parts = self.folder / "parts"
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"{self.folder}: cannot be made a results folder ({error.strerror or error}); give "
                "a folder that can be written to"
            ) from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other studies out of the folder within the block.

        The lock is released when the process ends for any reason.

        Raises
        ------
        InputError
            If another study is writing to the folder.
        """
        lock = FileLock(self.folder / ".lock")
        with write_errors(self.folder):
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise InputError(
                    f"{self.folder}: another study is writing there; wait for it or give "
                    "another folder"
                ) from None
        try:
            yield
        finally:
            lock.release()

    def statuses(self) -> dict[str, str]:
        """Return the status of every stored row, by its key.

        Damaged part files are renamed to ``*.damaged``, and a warning names them. Files that a
        killed process left half written are removed.

        Returns
        -------
        dict
            Key -> status.
        """
        for left in self.parts.glob(".*.tmp"):
            left.unlink(missing_ok=True)
        return {row["key"]: row["status"] for row in self._rows(["key", "status"])}

    def finished(self) -> set[str]:
        """Return the keys of the stored rows that did not fail.

        Returns
        -------
        set of str
            The keys; damaged part files are treated as in :meth:`statuses`.
        """
        return {key for key, status in self.statuses().items() if status != FAILED}

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return every stored row, by its key.

        Of two rows of one key, the one that did not fail counts.

        Returns
        -------
        dict
            Key -> row; damaged part files are treated as in :meth:`statuses`.
        """
        return {row["key"]: row for row in self._rows(None)}

    def subjects(self) -> set[str]:
        """Return the content hashes of the problems and images of all stored rows.

        Returns
        -------
        set of str
            The hashes.
        """
        rows = self._rows(["key", "status", "instance_hash"])
        return {row["instance_hash"] for row in rows} - {""}

    def add(self, rows: Sequence[Mapping[str, Any]]) -> Path:
        """Write rows as one part file, whole or not at all.

        Parameters
        ----------
        rows : sequence of mapping
            Rows of plain Python values, each with a key and a status.

        Returns
        -------
        Path
            The part file.

        Raises
        ------
        WriteError
            If the disk is full, or writing is not allowed.
        """
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(_same_keys(rows)), sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        keys = digest("".join(sorted(row["key"] for row in rows)).encode())
        path = self.parts / f"{keys}-{digest(content)}.parquet"
        write_whole(path, content)
        return path

    def _rows(self, columns: list[str] | None) -> Iterator[dict[str, Any]]:
        """Yield the stored rows: first those that failed, then the others, which replace them."""
        good: list[dict[str, Any]] = []
        for path in sorted(self.parts.glob("*.parquet")):
            content = path.read_bytes()
            if path.stem.partition("-")[2] != digest(content):
                self._set_aside(path)
                continue
            for row in read_parquet(pa.BufferReader(content), columns).to_pylist():
                if row["status"] == FAILED:
                    yield row
                else:
                    good.append(row)
        yield from good

    def _set_aside(self, path: Path) -> None:
        aside = path.with_suffix(".damaged")
        with write_errors(path):
            path.replace(aside)
        log.warning("%s is damaged; set aside as %s, to be computed again", path, aside.name)


def read_parquet(source: Path | pa.BufferReader, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a Parquet file in the calling thread only.

    Arrow's own threads release the memory that they read a little after the call has returned. If
    Python ends at that moment and the memory belongs to Python, the process aborts. With the
    default ``pre_buffer=True`` this happens even with ``use_threads=False`` (in 1 of 80 processes;
    with threads in 4 of 80).

    Parameters
    ----------
    source : Path or pyarrow.BufferReader
        The file, or its content.
    columns : sequence of str, optional
        Names of the columns that are read; by default all.

    Returns
    -------
    pyarrow.Table
        The content.
    """
    with pq.ParquetFile(source, pre_buffer=False) as file:
        return file.read(columns=columns, use_threads=False)


def _same_keys(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give every row the columns of all rows, since pyarrow takes the columns of the first."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in names} for row in rows]
