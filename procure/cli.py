"""The command line: ``procure solve``, ``frontier``, ``check``, ``new``, ``explain``, ``compare``, ``export``.

Data goes to standard output, everything else to standard error. Exit status: 0 a plan was written or nothing is wrong,
1 internal error, 2 usage, 3 bad input, 4 infeasible, 5 no plan within the limit, 6 an audit found a broken rule,
7 the output cannot be written, 130 interrupted before any plan. Heavy imports happen inside the commands.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procure import __version__
from procure.cli_compare import add_arguments, compare_plans
from procure.errors import InfeasibleError, InputError, NoPlanError, OutputError, ProcureError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procure.plan import Plan
    from procure.solving.supervisor import Progress

__all__ = ["main"]

BROKEN_RULE = 6


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="procure",
        description="Plan the purchase of AI accelerators: which generation, how many, when, and at which site.",
        epilog="Exit status: 0 done, 1 internal error, 2 usage, 3 bad input, 4 infeasible, 5 no plan within the limit, "
        "6 an audit found a broken rule, 7 the output cannot be written, 130 interrupted before any plan.",
    )
    parser.add_argument("--version", action="version", version=f"procure {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    solve = commands.add_parser("solve", help="find the best plan of an input workbook and write it")
    solve.add_argument("input", type=Path, metavar="IN.xlsx")
    solve.add_argument("-o", "--output", type=Path, metavar="PLAN.xlsx", help="default: IN-plan.xlsx in this folder")
    solve.add_argument(
        "--objective", choices=("balanced", "compute_per_dollar", "compute_per_watt", "compute", "cost", "npv")
    )
    solve.add_argument("--watt-basis", choices=("available", "consumed"))
    solve.add_argument("--compute-floor", type=float, metavar="SHARE")
    solve.add_argument("--time-limit", type=float, metavar="SECONDS")
    solve.add_argument("--gap", type=float, metavar="SHARE", help="relative gap to stop at, e.g. 0.001")
    solve.add_argument("--seed", type=int)
    solve.add_argument("--frontier-points", type=int, metavar="N", help="also trace N plans of the trade-off")
    solve.add_argument(
        "--bottlenecks", type=int, metavar="N", help="price every limit, and solve again for the N dearest (0: none)"
    )
    solve.add_argument(
        "--alternatives", type=int, metavar="K", help="up to K plans within 1 %% of the best that differ most from it"
    )
    solve.add_argument(
        "--switching-prices", type=int, metavar="N",
        help="the price at which each order starts or stops; check N of them with whole numbers (0: none)",
    )  # fmt: skip
    solve.add_argument(
        "--no-baselines", action="store_false", dest="baselines", help="leave out the plans by rules of thumb"
    )
    _common(solve)

    frontier = commands.add_parser(
        "frontier", help="trace the trade-off between compute per watt and compute per dollar"
    )
    frontier.add_argument("input", type=Path, metavar="IN.xlsx")
    frontier.add_argument("-o", "--output", type=Path, metavar="OUT.xlsx", help="default: IN-plan.xlsx in this folder")
    frontier.add_argument("--points", type=int, default=10, dest="frontier_points", metavar="N", help="default: 10")
    frontier.add_argument("--plans", type=Path, metavar="FOLDER", help="also write each point's plan workbook here")
    frontier.add_argument("--watt-basis", choices=("available", "consumed"))
    frontier.add_argument("--compute-floor", type=float, metavar="SHARE")
    frontier.add_argument("--time-limit", type=float, metavar="SECONDS", help="for each solve")
    frontier.add_argument("--gap", type=float, metavar="SHARE")
    frontier.add_argument("--seed", type=int)
    frontier.set_defaults(
        objective="balanced", bottlenecks=None, alternatives=None, switching_prices=None, baselines=True
    )
    _common(frontier)

    check = commands.add_parser("check", help="check an input workbook; with a plan, audit the plan against it")
    check.add_argument("input", type=Path, metavar="IN.xlsx")
    check.add_argument("plan", type=Path, nargs="?", metavar="PLAN.xlsx")
    check.add_argument("--annotate", type=Path, metavar="OUT.xlsx", help="write a copy with an issues sheet")
    _common(check)

    explain = commands.add_parser("explain", help="say why there is no plan and what would help, or which limits bind")
    explain.add_argument("input", type=Path, metavar="CASE.xlsx")
    explain.add_argument("--time-limit", type=float, default=60.0, metavar="SECONDS", help="default: 60")
    _common(explain)

    new = commands.add_parser("new", help="write an input workbook to fill in")
    new.add_argument("output", type=Path, metavar="CASE.xlsx")
    kind = new.add_mutually_exclusive_group()
    kind.add_argument("--example", metavar="NAME", help="filled with an example (default: small)")
    kind.add_argument("--empty", action="store_true", help="without rows")

    compare = commands.add_parser("compare", help="show two plans side by side, and which inputs differ")
    add_arguments(compare)
    _common(compare)

    export = commands.add_parser("export", help="write the programme as an MPS file")
    export.add_argument("input", type=Path, metavar="IN.xlsx")
    export.add_argument("output", type=Path, metavar="OUT.mps")
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine-readable result on standard output")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress and no summary")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(_COMMANDS[options.command](options))
    except InputError as error:
        _report_faults(error.faults, as_json=getattr(options, "json", False))
        return error.exit_status
    except InfeasibleError as error:
        _report_infeasible(error, as_json=getattr(options, "json", False))
        return error.exit_status
    except ProcureError as error:
        if getattr(options, "json", False):
            print(json.dumps({"status": "error", "message": str(error)}))
        _say(f"procure: {error}")
        return error.exit_status
    except KeyboardInterrupt:
        _say("procure: interrupted")
        return 130
    except BrokenPipeError:
        return 1
    except Exception as error:
        if os.environ.get("PROCURE_DEBUG"):
            raise
        _say(f"procure: internal error: {type(error).__name__}: {error}")
        _say("Please report it with the workbook; PROCURE_DEBUG=1 shows where it happened.")
        return 1


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _report_faults(faults: Sequence[Any], *, as_json: bool) -> None:
    from procure.reading.reporting import render_json, render_text

    if as_json:
        print(render_json(faults))
    _say(render_text(faults))


def _report_infeasible(error: InfeasibleError, *, as_json: bool) -> None:
    if as_json:
        data = {"status": "infeasible", "message": str(error), "reasons": [str(r) for r in error.reasons]}
        if error.explanation is not None:
            data["explanation"] = error.explanation.as_dict()
        print(json.dumps(data, allow_nan=False))
    if error.explanation is not None:
        _say(f"procure: {error.explanation}")
        return
    _say(f"procure: {error}")
    for reason in error.reasons:
        _say(f"  {reason}")


def _readable(path: Path) -> Path:
    """Return the path of an input, or raise ``InputError`` in one clear line when there is no such file."""
    if not path.is_file():
        from procure.reading.faults import Fault

        raise InputError([Fault("E001", "error", "", "", None, "", str(path), "an input workbook (.xlsx or .xlsm)",
                                "there is no such file" if not path.exists() else "this is not a file")])  # fmt: skip
    return path


def _writable(path: Path, *inputs: Path) -> Path:
    """Return the path of an output after the checks that cost nothing: its folder exists, it is no input."""
    if path.suffix.lower() not in (".xlsx", ".mps"):
        raise OutputError(f"{path}: the output is written as .xlsx (or .mps for export); give it that ending.")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist.")
    if path.is_dir():
        raise OutputError(f"{path} is a folder.")
    for source in inputs:
        if path.exists() and source.exists() and path.samefile(source):
            raise OutputError(f"{path} is the input; the input is never written to. Choose another name.")
    return path


# -- solve -------------------------------------------------------------------------------------------------------------


class _Ticker:
    """Progress on a terminal, one line that is rewritten; nothing where standard error is no terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._on = sys.stderr.isatty() and not quiet
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        if not self._on:
            return
        text = f"{progress.seconds:6.1f} s  {progress.stage}"
        if progress.value is not None and progress.bound is not None and progress.value:
            gap = max(0.0, progress.bound - progress.value) / abs(progress.value)
            text += f"  best {progress.value:.6g}  bound {progress.bound:.6g}  gap {gap:.2%}"
        print("\r" + text.ljust(self._width), end="", file=sys.stderr, flush=True)
        self._width = len(text)

    def clear(self) -> None:
        if self._on and self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)


def _solve(options: argparse.Namespace) -> int:
    from procure.api import solve

    source = _readable(options.input)
    target = _writable(options.output or Path(f"{source.stem}-plan.xlsx"), source)
    ticker = _Ticker(quiet=options.quiet)
    try:
        plan = solve(
            source, objective=options.objective, watt_basis=options.watt_basis, compute_floor=options.compute_floor,
            time_limit=options.time_limit, gap=options.gap, seed=options.seed,
            frontier_points=options.frontier_points, bottlenecks=options.bottlenecks,
            alternatives=options.alternatives, switching_prices=options.switching_prices,
            baselines=options.baselines, progress=ticker,
        )  # fmt: skip
    except ValueError as error:
        _say(f"procure solve: {error}")
        return 2
    finally:
        ticker.clear()
    plan.to_excel(target)
    if getattr(options, "plans", None) is not None:
        options.plans.mkdir(parents=True, exist_ok=True)
        for name, point in plan.alternatives.items():
            point.to_excel(options.plans / f"{name.replace(' ', '-')}.xlsx")
    failed = plan.checks.loc[plan.checks["verdict"] == "fail"]
    if options.json:
        print(json.dumps(_plan_json(plan, target), allow_nan=False, default=str))
    elif not options.quiet:
        _print_plan(plan, target)
    for notice in plan.case.tables.notices:
        if not options.quiet:
            _say(str(notice))
    if plan.outcome.stopped and plan.status != "optimal":
        _say(f"Stopped by {'Ctrl-C' if plan.outcome.stopped == 'interrupted' else 'the ' + plan.outcome.stopped}: "
             f"the best plan found, {_gap_words(plan)}.")  # fmt: skip
    if len(failed):
        _say("The audit found broken rules: " + ", ".join(failed["rule"].astype(str)))
        return BROKEN_RULE
    return 0


def _gap_words(plan: Plan) -> str:
    gap = plan.outcome.gap
    return f"proven within {gap:.3%} of the best possible" if gap != float("inf") else "with no proven bound"


def _plan_json(plan: Plan, target: Path) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        value = value.item() if hasattr(value, "item") else value
        return (
            None if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))) else value
        )

    return {
        "status": plan.status,
        "plan": str(target),
        "stopped": plan.outcome.stopped,
        "summary": {key: plain(value) for key, value in plan.figures.items()},
        "checks": {
            "passed": int((plan.checks["verdict"] == "pass").sum()),
            "failed": int((plan.checks["verdict"] == "fail").sum()),
        },
        "seconds": {key: round(value, 3) for key, value in plan.outcome.seconds.items()},
    }


def _print_plan(plan: Plan, target: Path) -> None:
    frame = plan.summary
    width = max(len(str(key)) for key in frame["key"])
    for key, value, unit in zip(frame["key"], frame["value"], frame["unit"], strict=True):
        shown = f"{value:,.6g}" if isinstance(value, float) else str(value)
        if isinstance(value, float) and abs(value) >= 1e6:
            shown = f"{value:,.0f}"
        print(f"{str(key).ljust(width)}  {shown} {unit or ''}".rstrip())
    passed, broken = (int((plan.checks["verdict"] == verdict).sum()) for verdict in ("pass", "fail"))
    audit = f"{passed} rules recomputed, none broken" if not broken else f"{broken} broken rule(s)"
    print(f"\n{plan.status}, {_gap_words(plan)}; audit: {audit}.")
    print(f"Plan written to {target}")


# -- the other commands ------------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> int:
    source = _readable(options.input)
    if options.plan is not None:
        return _audit(options, source)
    from procure.reading.reporting import annotate, check_workbook, render_json, render_text

    faults = check_workbook(source)
    if options.annotate is not None:
        annotate(source, faults, _writable(options.annotate, source))
    if options.json:
        print(render_json(faults))
    elif not options.quiet:
        print(render_text(faults) or f"{source}: no faults found.")
    return InputError.exit_status if any(fault.severity == "error" for fault in faults) else 0


def _audit(options: argparse.Namespace, source: Path) -> int:
    from procure.api import check

    report = check(source, _readable(options.plan))
    checks = report.checks
    failed = checks.loc[checks["verdict"] == "fail"]
    if options.json:
        print(json.dumps({"passed": bool(report.passed), "checks": json.loads(checks.to_json(orient="records"))}))
    elif not options.quiet:
        for row in checks.to_dict("records"):
            print(
                f"{row['verdict']:5} {row['rule']}: {row['statement']} (largest violation {row['largest_violation']} {row['unit']})"
            )
        print(f"\n{len(checks) - len(failed)} of {len(checks)} checks pass.")
    return 0 if report.passed else BROKEN_RULE


def _explain(options: argparse.Namespace) -> int:
    from procure.api import explain

    try:
        found = explain(_readable(options.input), options.time_limit)
    except ValueError as error:
        _say(f"procure explain: {error}")
        return 2
    print(json.dumps(found.as_dict(), allow_nan=False) if options.json else str(found))
    return {"infeasible": InfeasibleError.exit_status, "unknown": NoPlanError.exit_status}.get(found.status, 0)


def _new(options: argparse.Namespace) -> int:
    from procure.template import write_example

    write_example(_writable(options.output), None if options.empty else options.example or "small")
    print(f"{options.output} written. Fill in the light cells, then: procure check {options.output}")
    return 0


def _compare(options: argparse.Namespace) -> int:
    _readable(options.a)
    _readable(options.b)
    if options.output is not None:
        _writable(options.output, options.a, options.b)
    return compare_plans(options)


def _export(options: argparse.Namespace) -> int:
    from procure.api import read
    from procure.solving.export import export_mps

    words = export_mps(read(_readable(options.input)), _writable(options.output, options.input))
    print(words)
    return 0


_COMMANDS = {
    "solve": _solve, "frontier": _solve, "check": _check, "explain": _explain, "new": _new, "compare": _compare,
    "export": _export,
}  # fmt: skip
