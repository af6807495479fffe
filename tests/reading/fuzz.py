"""Mutations of real workbooks: cells, structure, XML and bytes. Run as a script it tries many (default 2,000).

A workbook may be as broken as it likes: checking it must end in a list of findings, in bounded time, never in another
exception; and a workbook without errors must build a case.

    python tests/reading/fuzz.py [count] [first seed]
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import random
import sys
import time
import traceback
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from rawbooks import quick_parts, quick_write, write_parts  # noqa: E402
from workbooks import book, case  # noqa: E402

from procure.reading import InputError, check_workbook, read_workbook  # noqa: E402

LONGEST_S = 20.0

NASTY: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    0.5,
    1e308,
    -1e-308,
    1e15,
    46054,
    2027,
    "",
    " ",
    "NA",
    "n/a",
    "#N/A",
    "#REF!",
    "15,5",
    "12 MW",
    "1e999",
    "nan",
    "inf",
    "unlimited",
    "=1+1",
    "=SUM(A1:A9)",
    "+x",
    "-x",
    "@x",
    "'",
    '"',
    "*",
    "all",
    "warehouse",
    "2027Q1",
    "2027Q9",
    "2027-13",
    "2027",
    "1990Q1",
    "2100Q4",
    "yes",
    "liquid",
    "DUB1",
    "dub1",
    "H200",
    "GB300",
    "training",
    dt.date(2027, 3, 1),
    dt.date(1900, 1, 1),
    "x" * 40000,
    "\u202etxet",
    "日本語",
    "a,b;c",
    "../../etc/passwd",
    "_x000D_",
    "_xD800_",
    "&amp;<b>",
    "generation",
    "key",
    "settings",
)
SCRAPS: tuple[bytes, ...] = (
    b"",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&#xD800;",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"&a;",
    b"<!-- c -->",
    b'r="A0"',
    b'r="ZZZ1"',
    b'r="A99999999"',
    b't="s"',
    b't="b"',
    b't="e"',
    b't="d"',
    b't="str"',
    b's="999999"',
    b"<v>",
    b"</v>",
    b"<v>999999</v>",
    b"<v>nan</v>",
    b"<v>1_0</v>",
    b"<v></v>",
    b"<f>1</f>",
    b"<is>",
    b"</row>",
    b"<row>",
    b"\xff\xfe",
    b"\x00",
    b'xmlns:x="y"',
    b"<c/>",
    b"<si/>",
    b'hidden="1"',
    b'date1904="1"',
)


def mutate_cells(rng: random.Random, path: Path) -> None:
    """Put nasty values into cells of the valid workbook."""
    tables = case()
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        rows = tables[rng.choice(list(tables))]
        row, column = rng.randrange(len(rows) + 2), rng.randrange(len(rows[0]) + 2)
        while len(rows) <= row:
            rows.append([])
        rows[row] += [None] * (column + 1 - len(rows[row]))
        rows[row][column] = rng.choice(NASTY)
    quick_write(path, tables)


def mutate_structure(rng: random.Random, path: Path) -> None:
    """Drop, double, move and rename rows, columns and sheets."""
    tables = case()
    for _ in range(rng.choice((1, 2, 3))):
        name = rng.choice(list(tables))
        rows = tables[name]
        at, column = rng.randrange(len(rows)) if rows else 0, rng.randrange(8)
        match rng.randrange(9):
            case 0:
                del rows[at : at + 1]
            case 1:
                for row in rows:
                    del row[column : column + 1]
            case 2:
                rows[at:at] = [[]] * rng.randint(1, 3)
            case 3:
                for row in rows:
                    row[column:column] = [None] * rng.randint(1, 3)
            case 4:
                new = rng.choice((name[:-1] or "x", name.upper(), f"{name} 2", "notes", "Blatt1"))
                tables = {new if key == name else key: value for key, value in tables.items()}
            case 5 if len(tables) > 2:
                del tables[name]
            case 6:
                rows += rows[at : at + 1] * rng.choice((1, 30))
            case 7:
                rows[at:] = rows[at:][::-1]
            case _:
                tables[rng.choice((f"{name}s", f"{name} copy", name.title()))] = [list(row) for row in rows]
    quick_write(path, tables)


@cache
def _sound() -> dict[str, bytes]:
    """Return the parts of the valid workbook, as openpyxl writes it."""
    buffer = io.BytesIO()
    book().save(buffer)
    with zipfile.ZipFile(buffer) as source:
        return {name: source.read(name) for name in source.namelist()}


def mutate_xml(rng: random.Random, path: Path) -> None:
    """Insert scraps into, cut from, or flip bytes of one part, and zip it all again."""
    parts = dict(_sound() if rng.random() < 0.5 else quick_parts(case()))
    victim = rng.choice([*parts, *[name for name in parts if "sheet" in name] * 2])
    if rng.random() < 0.05:
        del parts[victim]
    else:
        for _ in range(rng.choice((1, 1, 3, 10))):
            parts[victim] = _scratch(rng, parts[victim])
    write_parts(path, parts)


def _scratch(rng: random.Random, data: bytes) -> bytes:
    at = rng.randint(0, len(data))
    kind = rng.randrange(4)
    if kind == 0:
        return data[:at] + rng.choice(SCRAPS) + data[at:]
    if kind == 1:
        return data[:at] + data[at + rng.choice((1, 2, 10, 200)) :]
    if kind == 2 and data:
        return data[: at - 1] + bytes([rng.randrange(256)]) + data[at:] if at else data
    other = rng.randint(0, len(data))
    return data[:at] + data[other : other + rng.choice((5, 50))] + data[at:]


def mutate_bytes(rng: random.Random, path: Path) -> None:
    """Flip, cut or double bytes of the file itself."""
    data = bytearray(write_parts(path, _sound()).read_bytes())
    for _ in range(rng.choice((1, 3, 30))):
        at = rng.randrange(len(data))
        match rng.randrange(3):
            case 0:
                data[at] = rng.randrange(256)
            case 1:
                del data[at : at + rng.choice((1, 100))]
            case _:
                data[at:at] = data[at : at + 20]
    path.write_bytes(bytes(data))


MUTATIONS: tuple[Callable[[random.Random, Path], None], ...] = (
    mutate_cells,
    mutate_cells,
    mutate_structure,
    mutate_xml,
    mutate_xml,
    mutate_bytes,
)


def attempt(seed: int, path: Path) -> tuple[str, int]:
    """Mutate with a seed, check and read; returns (mutation, errors found). Any other exception is a bug."""
    rng = random.Random(seed)
    mutation = rng.choice(MUTATIONS)
    mutation(rng, path)
    start = time.perf_counter()
    errors = [fault for fault in check_workbook(path) if fault.severity == "error"]
    assert all(str(fault) and "\n" not in str(fault) for fault in errors)
    tables = None
    with contextlib.suppress(InputError):
        tables = read_workbook(path)
    assert (tables is None) == bool(errors)
    if tables is not None:
        from procure.case import Case

        Case.from_tables(tables)
    assert time.perf_counter() - start < LONGEST_S
    return mutation.__name__, len(errors)


def main() -> int:
    import tempfile

    count, first = int(sys.argv[1]) if len(sys.argv) > 1 else 2000, int(sys.argv[2]) if len(sys.argv) > 2 else 0
    failed, totals = 0, {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.xlsx"
        for seed in range(first, first + count):
            try:
                name, errors = attempt(seed, path)
            except Exception:  # noqa: BLE001 - the point of the exercise
                failed += 1
                print(f"seed {seed}")
                traceback.print_exc()
                continue
            tried, bad = totals.get(name, (0, 0))
            totals[name] = tried + 1, bad + bool(errors)
    for name, (tried, bad) in sorted(totals.items()):
        print(f"{name}: {tried} tried, {bad} with errors")
    print(f"{count} workbooks, {failed} crashes")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
