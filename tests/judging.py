"""The judgement of a question: what matcalc answers, as a program at random points, against the independent evaluator."""

from __future__ import annotations

import contextlib
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg  # noqa: F401  (programs import it: the first question is not to pay for that)

import matcalc as mc
from independent import Point, evaluate, functions
from jets import Array, Outside
from members import draw, has_bends, is_linear, within
from question_maker import Question
from question_text import asked
from trees import SCALAR, size_of

POINTS, TRIES = 2, 8  # that decide, that are dealt
MOODS = ("", "", "", "", "whole", "small", "large")
TOLERANCE = 1e-6  # of the sum of absolute values
SMALL = 1e-2  # up to here it may be that the answer loses digits at this point


@dataclass(frozen=True)
class Outcome:
    """right, refused, wrong, crashed, slow, undecided; with what tells it apart from others of its kind, and the details."""

    kind: str
    cause: str = ""
    detail: str = ""
    answer: str = ""
    decided: int = 0


class TooSlow(BaseException):
    """More steps than a question may take, or more time."""


def judged(
    q: Question, thorough: bool = False, limit: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
) -> Outcome:
    """The outcome of one question; `thorough`, with the slower proofs; `limit` bounds the work of matcalc."""
    expr, wrt, where = asked(q)
    stage, along = "derive", None
    try:
        with limit(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                d = getattr(mc, q.order)(expr, wrt, where=where, unconstrained=q.unconstrained)
            except mc.LimitError as error:
                return Outcome("slow", "refused as too long a run", str(error))
            except mc.MatcalcError as error:
                return Outcome("refused", f"{type(error).__name__}: {_general(str(error.message))}", str(error))
            stage = "text"
            text = d.text()
            stage = "write"
            d.latex(), d.unicode()
            stage = "compile"
            program = d.compile("numpy")
            stage = "read back"
            if mc.parse(text, where=where) is not d.expr:
                return Outcome("crashed", "does not read back", f"{text} reads as {mc.parse(text, where=where).op.name}", text)
            if thorough:
                stage = "check"
                with contextlib.suppress(mc.UnsupportedError):
                    checked = d.check()
                    if not checked.ok and "not checked" not in repr(checked):
                        return Outcome("crashed", "check says no", repr(checked), text)
                stage = "jvp"
                along = d.jvp() if q.order != "hessian" and q.index is None else None
            bends = q.order == "hessian" and q.wrt[0] == q.wrt[-1] and not q.unconstrained
            gradient = mc.compile(d.gradient()) if bends and has_bends(q.declared[q.wrt[0]][1]) else None
    except mc.MatcalcError as error:
        return Outcome("crashed", f"{stage}: {type(error).__name__} {_general(error.message)}", str(error))
    except TooSlow:
        return Outcome("slow", stage)
    except Exception as error:
        return Outcome("crashed", f"{stage}: {type(error).__name__} at {_place(error)}", repr(error)[:200])
    outcome = compared(q, program, gradient, along, text)
    return _written(d, where, text) or outcome if thorough and outcome.kind == "right" else outcome


def _written(d: mc.Derivative, where: str, text: str) -> Outcome | None:
    """What is wrong with the Unicode of an answer; one with names for its parts is not read back."""
    line = d.unicode()
    if "  where  " in line:
        return None
    try:
        read = mc.parse(line, where=where)
    except mc.MatcalcError as error:
        return Outcome("crashed", f"unicode: {type(error).__name__} {_general(error.message)}", str(error), text)
    return None if read is d.expr else Outcome("crashed", "unicode does not read back", line, text)


Program = Callable[..., Any]


def compared(q: Question, program: Program, gradient: Program | None, along: Program | None, text: str) -> Outcome:
    """The programs of the answer, of the gradient that a Hessian is of, and of the differential, at points."""
    decided, infinite, inexact, why = 0, 0, 0, ""
    for attempt in range(TRIES):
        rng = np.random.default_rng((q.seed, attempt))
        try:
            point, nudged = deal(q, rng)
            truth, largest = evaluate(q.tree, point)
            delta = np.abs(evaluate(q.tree, nudged, rng)[0] - truth)
        except Outside:
            continue
        arguments = {v: _argument(q.declared[v][0], j[0]) for v, j in point.variables.items()}
        kept = {v: a.copy() for v, a in arguments.items()}
        others = {**point.sizes, **point.indices, **functions(q.tree, point.sizes)}
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = program(**others, **arguments)
                first = gradient(**others, **arguments) if gradient else None
                direction = _argument(q.declared[q.wrt[0]][0], point.variables[q.wrt[0]][1])
                moved = along(**others, **arguments, **{f"d{q.wrt[0]}": direction}) if along else None
        except np.linalg.LinAlgError:
            infinite += 1
            continue
        except Exception as error:
            said = f"{type(error).__name__}: {_general(str(error))[:80]}"
            return Outcome("crashed", f"program: {said}", f"sizes {dict(point.sizes)} {_shown(arguments)}", text)
        if any(not np.array_equal(kept[v], a) for v, a in arguments.items()):
            return Outcome("crashed", "program: changed its argument", "", text)
        shape = expected_shape(q, point)
        if np.shape(found) != shape:
            return Outcome("wrong", "shape", f"{np.shape(found)} is not {shape} at sizes {dict(point.sizes)}", text)
        ours, scale, true, slack = contracted(q, point, np.asarray(found), first, truth, delta)
        if not np.all(np.isfinite(ours)):
            infinite += 1
            why = f"not finite at sizes {dict(point.sizes)} {_shown(arguments)}"
            continue
        size, error, floor = np.maximum(scale, np.abs(true)), np.abs(ours - true), 1e-12 * largest
        if np.any((100 * slack > 1e-3 * size) & (error > floor) & (np.maximum(slack, size) > 1e-8)):
            continue  # rounding could be as large
        excess = error - TOLERANCE * size - 1e3 * slack - floor
        if np.any(excess > 0):
            worst = np.unravel_index(np.argmax(excess), np.shape(error))
            why = f"ours {ours[worst]:.6g}, true {true[worst]:.6g} at sizes {dict(point.sizes)} {_shown(arguments)}"
            if np.any(error > SMALL * size):
                return Outcome("wrong", "value", why, text, decided)
            inexact += 1
            continue
        if is_linear(q.declared[q.wrt[0]][1]) and q.order == "grad" and not q.unconstrained and q.index is None:
            g = np.asarray(found)
            if g.ndim == 2 and np.any(np.abs(within(q.declared[q.wrt[0]][1], g) - g) > 1e-6 * np.abs(g).max() + 1e3 * slack.max()):
                return Outcome("wrong", "not in the linear space", f"{g.tolist()}", text, decided)
        if moved is not None and np.all(np.isfinite(moved)):
            off = np.abs(np.asarray(moved).reshape(truth[1].shape) - truth[1]).reshape(-1, order="F")
            if not np.all(off <= TOLERANCE * np.reshape(size, -1, order="F") + 1e3 * np.reshape(slack, -1, order="F") + floor):
                return Outcome("wrong", "jvp", f"{np.asarray(moved).tolist()} is not {truth[1].tolist()}", text, decided)
        decided += 1
        if decided >= POINTS:
            break
    if inexact and (inexact > 1 or not decided):
        return Outcome("wrong", "inexact" if decided else "value", why, text, decided)
    if decided:
        return Outcome("right", "finite at some points only" if infinite else "inexact at a point" if inexact else "", why, text, decided)
    return Outcome("undecided", "not finite" if infinite else "no point decides", why, text)


def deal(q: Question, rng: np.random.Generator) -> tuple[Point, Point]:
    """A point, and the same one nudged by 1e-12."""
    sizes = {d: int(rng.choice((1, 2, 2, 3, 3, 4))) for d in "mnkp"}
    mood = MOODS[int(rng.integers(len(MOODS)))]
    variables, near = {}, {}
    for v, (shape, properties) in q.declared.items():
        m, n = (size_of(x, sizes) for x in shape)
        jet = draw(properties, (m, n), rng, mood)
        spread = 1e-12 * rng.standard_normal()
        if has_bends(properties):
            step = spread * (jet[1] + rng.standard_normal() * jet[2])
        else:
            noise = rng.standard_normal((m, n))
            step = 1e-12 * jet[0] * (noise + noise.T if m == n else noise)
        if v not in q.wrt:
            jet[1:] = 0
        elif q.index is not None or q.unconstrained:
            jet[1:] = 0
            jet[1:3] = rng.standard_normal((2, m, n))
        if len(set(q.wrt)) == 2:  # the first moves along s, the second along t
            jet[2 if v == q.wrt[0] else 1] = 0
            jet[3] = 0
        variables[v] = jet
        near[v] = jet + np.array((step, *np.zeros((3, m, n))))
    indices = {i: int(rng.integers(1, min(sizes.values()) + 1)) for i in "ij"}
    point = Point(sizes, indices, variables)
    if q.index is not None:
        for jets in (variables, near):
            x = jets[q.wrt[0]]
            kept = np.zeros_like(x[0])
            kept[_place_of(q, point, kept.shape)] = 1
            x[1:] *= kept
    return point, Point(sizes, indices, near)


def _place_of(q: Question, point: Point, shape: tuple[int, ...]) -> tuple[slice, slice]:
    assert q.index is not None
    return point.index(q.index[0], shape[0]), point.index(q.index[1], shape[1])


def _argument(shape: Any, value: Array) -> Array:
    if shape == SCALAR:
        return np.array(value[0, 0])
    return value[:, 0].copy() if shape[1] == 1 else value.copy()


def wrt_shape(q: Question, v: str) -> Any:
    """The declared shape of what is differentiated by."""
    shape = q.declared[v][0]
    return shape if q.index is None else tuple(n if i is None else 1 for i, n in zip(q.index, shape, strict=True))


def expected_shape(q: Question, point: Point) -> tuple[int, ...]:
    """That of the answer's array."""

    def array(shape: Any) -> tuple[int, ...]:
        m, n = (point.size(d) for d in shape)
        return () if shape == SCALAR else (m,) if shape[1] == 1 else (m, n)

    of, x = q.tree.shape, wrt_shape(q, q.wrt[0])
    if q.order == "grad" or q.order == "jacobian" and of == SCALAR:
        return array(x)
    if q.order == "hessian":
        of, x = x, wrt_shape(q, q.wrt[-1])
    if x == SCALAR:
        return array(of)
    return (point.size(of[0]) * point.size(of[1]), point.size(x[0]) * point.size(x[1]))


def contracted(q: Question, point: Point, found: Array, first: Any, truth: Array, delta: Array) -> tuple[Array, Array, Array, Array]:
    """What the answer says of the directions, the sum of absolute values in it, what is true, and how sure that is."""
    x = point.variables[q.wrt[0]]
    d1 = _direction(q, point, x[1])
    if q.order == "grad" or q.tree.shape == SCALAR and q.order == "jacobian":
        return (
            np.sum(found.reshape(-1) * d1.reshape(-1)),
            np.sum(np.abs(found.reshape(-1) * d1.reshape(-1))),
            truth[1, 0, 0],
            delta[1, 0, 0],
        )
    if q.order == "jacobian":
        if wrt_shape(q, q.wrt[0]) == SCALAR:
            p, r = truth.shape[1:]
            return found.reshape(p, r) * d1, np.abs(found.reshape(p, r) * d1), truth[1], delta[1]
        j, v = found, d1.reshape(-1, order="F")
        return j @ v, np.abs(j) @ np.abs(v), truth[1].reshape(-1, order="F"), delta[1].reshape(-1, order="F")
    d2 = _direction(q, point, point.variables[q.wrt[-1]][2])
    h = found.reshape((d1.size, d2.size), order="F")
    a, b = d1.reshape(-1, order="F"), d2.reshape(-1, order="F")
    ours, scale = a @ h @ b, np.abs(a) @ np.abs(h) @ np.abs(b)
    if first is not None:  # along a curve its bend counts too
        bend = np.asarray(first).reshape(x[3].shape) * x[3]
        ours, scale = ours + np.sum(bend), scale + np.sum(np.abs(bend))
    return ours, scale, truth[3, 0, 0], delta[3, 0, 0]


def _direction(q: Question, point: Point, d: Array) -> Array:
    if q.index is None:
        return d
    i, j = _place_of(q, point, d.shape)
    return d[i, j]


def _shown(arguments: dict[str, Array]) -> str:
    return " ".join(f"{v}={np.round(a, 4).tolist()}" for v, a in arguments.items())[:400]


def _general(message: str) -> str:
    """A message without the names and numbers of its question."""
    import re

    return re.sub(r"`[^`]*`|\b[A-Z](_\d)?\b|\d+|\([^)]*\)", "…", message.split("\n")[0])[:100]


def _place(error: BaseException) -> str:
    """The innermost line of matcalc in a traceback."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "matcalc" in f.filename]
    if isinstance(error, RecursionError):
        names = sorted({f.name for f in frames[-200:]})
        return "recursion of " + ", ".join(names)[:100]
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].name}" if frames else "outside"


@contextlib.contextmanager
def steps(most: int) -> Iterator[None]:
    """Bounds the calls of Python functions: TooSlow beyond."""
    left = most

    def count(frame: Any, event: str, arg: Any) -> None:
        nonlocal left
        if event == "call":
            left -= 1
            if left < 0:
                sys.setprofile(None)
                raise TooSlow

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)


@contextlib.contextmanager
def seconds(most: float) -> Iterator[None]:
    """Bounds the CPU time: TooSlow beyond."""
    running = True

    def stop(*_: Any) -> None:
        if running:
            raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, most, 0.2)  # again, where something swallowed the first
    try:
        try:
            yield
        finally:
            running = False
    finally:  # whatever came between
        running = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
