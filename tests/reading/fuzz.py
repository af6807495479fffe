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
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

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
    workbook = book()
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        sheet = workbook[rng.choice(workbook.sheetnames)]
        row, column = rng.randint(1, sheet.max_row + 2), rng.randint(1, sheet.max_column + 2)
        value = rng.choice(NASTY)
        if isinstance(value, str) and len(value) > 32767:
            value = value[:32767]
        sheet.cell(row, column).value = value
    workbook.save(path)


def mutate_structure(rng: random.Random, path: Path) -> None:
    """Drop, duplicate, move and rename rows, columns and sheets."""
    workbook = book()
    for _ in range(rng.choice((1, 2, 3))):
        name = rng.choice(workbook.sheetnames)
        sheet = workbook[name]
        match rng.randrange(9):
            case 0:
                sheet.delete_rows(rng.randint(1, sheet.max_row))
            case 1:
                sheet.delete_cols(rng.randint(1, sheet.max_column))
            case 2:
                sheet.insert_rows(rng.randint(1, sheet.max_row), rng.randint(1, 3))
            case 3:
                sheet.insert_cols(rng.randint(1, sheet.max_column), rng.randint(1, 3))
            case 4:
                sheet.title = rng.choice((name[:-1] or "x", name.upper(), f"{name} 2", "notes", "Blatt1"))
            case 5 if len(workbook.sheetnames) > 2:
                del workbook[name]
            case 6:
                row = [cell.value for cell in sheet[rng.randint(1, sheet.max_row)]]
                for _ in range(rng.choice((1, 30))):
                    sheet.append(row)
            case 7:
                sheet.row_dimensions[rng.randint(1, sheet.max_row)].hidden = True
                sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=2)
            case _:
                workbook.copy_worksheet(sheet)
    workbook.save(path)


def mutate_xml(rng: random.Random, path: Path) -> None:
    """Insert scraps into, cut from, or flip bytes of one part, and zip it all again."""
    buffer = io.BytesIO()
    book().save(buffer)
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        victim = rng.choice(names + [n for n in names if "sheet" in n] * 2)
        for name in names:
            data = source.read(name)
            if name == victim:
                if rng.random() < 0.05:
                    continue
                for _ in range(rng.choice((1, 1, 3, 10))):
                    data = _scratch(rng, data)
            target.writestr(name, data)
    path.write_bytes(out.getvalue())


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
    buffer = io.BytesIO()
    book({name: rows for name, rows in case().items() if rng.random() < 0.8}).save(buffer)
    data = bytearray(buffer.getvalue())
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
