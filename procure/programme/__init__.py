"""The mixed-integer programme in Pyomo, one module a part; it knows neither Excel nor the command line."""

from procure.programme.imports import import_pyomo

import_pyomo()  # before anything below does it at length

from pyomo.common.errors import InfeasibleConstraintException  # noqa: E402

from procure.programme.build import build, retake  # noqa: E402
from procure.programme.draft import Draft, Scales  # noqa: E402
from procure.programme.renumber import Restructured  # noqa: E402

__all__ = ["Draft", "InfeasibleConstraintException", "Restructured", "Scales", "build", "retake"]
