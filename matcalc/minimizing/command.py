"""`matcalc minimize`: the values on standard output or in a file, how they were found on standard error."""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

from matcalc.errors import UnsupportedError
from matcalc.minimizing.files import arrays, saved
from matcalc.minimizing.front import minimizer


def answered(options: Any, expr: str) -> int:
    """Answers the command; exit status 1 where the fit did not converge."""
    wrt = None if options.wrt is None else ",".join(options.wrt)
    problem = minimizer(expr, wrt, "; ".join(options.where), subject_to="; ".join(options.subject_to) or None)
    start = options.start if options.start in (None, "zeros", "ones", "random") else arrays(options.start)
    sizes = dict(_size(text) for text in options.size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that it has not converged is said below
        fit = problem.fit(
            {name: value for path in options.data for name, value in arrays(path).items()},
            start=start, method=options.method, tol=options.tol, max_iterations=options.max_iterations, sizes=sizes,
        )  # fmt: skip
    print(f"read as: {problem.read_as}", file=sys.stderr)
    for note in (*fit.notes, repr(fit)):
        print(f"note: {note}", file=sys.stderr)
    if options.out:
        saved(options.out, fit.x)
    else:
        for name, value in fit.x.items():
            written = json.dumps(value.tolist())
            print(written if len(fit.x) == 1 else f"{name}: {written}")
    return 0 if fit.converged else 1


def _size(text: str) -> tuple[str, int]:
    name, _, count = text.partition("=")
    if not count.strip().isdigit():
        raise UnsupportedError(f"a size is given as k=5, not {text!r:.40}")
    return name.strip(), int(count)
