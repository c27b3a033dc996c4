"""The judgement of a question: what matcalc answers, as a program at random points, against the independent evaluator."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import numpy as np
import scipy.linalg  # noqa: F401  (programs import it: the first question is not to pay for that)

import matcalc as mc
from independent import Point, evaluate, functions
from jets import Array, Outside
from matcalc.expr import postorder, variables
from members import draw, has_bends, is_linear, within
from question_maker import Question
from question_text import asked
from trees import SCALAR, size_of

POINTS, TRIES = 2, 8  # that decide, that are dealt
WOBBLES = 3
MOODS = ("", "", "", "", "whole", "small", "large")
TOLERANCE = 1e-6  # of the sum of absolute values
FLOOR = 1e-12  # of the largest number on the way to the truth
ROUNDING = 1e-12  # of a value: so little comes of computing in floats
SMALL = 1e-2  # up to here it may be that the answer loses digits at this point


@dataclass(frozen=True)
class Outcome:
    """right, refused, wrong, crashed, slow, undecided; with what tells it apart from others of its kind, and the details."""

    kind: str
    cause: str = ""
    detail: str = ""
    answer: str = ""


class TooSlow(BaseException):
    """More steps than a question may take, or more time."""


def judged(
    q: Question,
    thorough: bool = False,
    limit: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext,
    next_call: Callable[[], None] = lambda: None,
) -> Outcome:
    """The outcome of one question; `thorough`, with the slower proofs; `limit` bounds the work of matcalc, `next_call` is told of each call."""
    expr, wrt, where = asked(q)
    stage, along = "derive", None

    def begin(what: str) -> str:
        next_call()
        return what

    try:
        with limit(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                d = getattr(mc, q.order)(expr, wrt, where=where, unconstrained=q.unconstrained)
            except mc.LimitError as error:
                return Outcome("slow", "refused as too long a run", str(error))
            except mc.MatcalcError as error:
                return Outcome("refused", f"{type(error).__name__}: {_general(str(error.message))}", str(error))
            stage = begin("text")
            text = d.text()
            stage = begin("write")
            d.latex()
            stage = begin("write")
            d.unicode()
            stage = begin("compile")
            program = d.compile("numpy")
            stage = begin("read back")
            if mc.parse(text, where=where) is not d.expr:
                return Outcome("crashed", "does not read back", f"{text} reads as {mc.parse(text, where=where).op.name}", text)
            if thorough:
                stage = begin("turn")
                skew = any("skew" in v.data[1] for v in variables(d.expr))  # its minus may come back elsewhere: -(A - B) R for (B - A) R
                for part in postorder(d.expr):
                    back = part.T.T
                    if back is not part and not skew or back.turns != part.turns or part.T.turns != part.turns[::-1] and not part.symmetric:
                        return Outcome("crashed", "the transpose shows another number of transposes", part.text(), text)
                stage = begin("check")
                with contextlib.suppress(mc.UnsupportedError):
                    checked = d.check()
                    if not checked.ok and "not checked" not in repr(checked):
                        return Outcome("crashed", "check says no", repr(checked), text)
                stage = begin("jvp")
                along = d.jvp() if q.order != "hessian" and q.index is None else None
            bends = q.order == "hessian" and q.wrt[0] == q.wrt[-1] and not q.unconstrained
            stage = begin("compile its gradient")
            gradient = mc.compile(d.gradient()) if bends and has_bends(q.declared[q.wrt[0]][1]) else None
            programs = Programs(program, gradient, along)
    except mc.MatcalcError as error:
        return Outcome("crashed", f"{stage}: {type(error).__name__} {_general(error.message)}", str(error))
    except TooSlow:
        return Outcome("slow", stage)
    except Exception as error:
        return Outcome("crashed", f"{stage}: {type(error).__name__} at {_place(error)}", repr(error)[:200])
    outcome = compared(q, programs, text)
    return _written(d, where, text) or outcome if thorough and outcome.kind == "right" else outcome


def _written(d: mc.Derivative, where: str, text: str) -> Outcome | None:
    """The faults of the Unicode of an answer; one with names for its parts is not read back."""
    line = d.unicode()
    if "  where  " in line:
        return None
    try:
        read = mc.parse(line, where=where)
    except mc.MatcalcError as error:
        return Outcome("crashed", f"unicode: {type(error).__name__} {_general(error.message)}", str(error), text)
    return None if read is d.expr else Outcome("crashed", "unicode does not read back", line, text)


@dataclass(frozen=True)
class Programs:
    """Of the answer; of the gradient that a Hessian is of, where curves bend; of the differential."""

    answer: Callable[..., Any]
    gradient: Callable[..., Any] | None = None
    along: Callable[..., Any] | None = None


def compared(q: Question, programs: Programs, text: str) -> Outcome:
    """The verdict of the programs at points of different sizes, until enough of them decide."""
    said = Counter[str]()
    why = ""
    for attempt in range(TRIES):
        found = at_point(q, programs, np.random.default_rng((q.seed, attempt)))
        if found.kind in ("wrong", "crashed"):
            return replace(found, answer=text)
        said[found.kind] += 1
        why = found.detail or why
        if said["right"] >= POINTS:
            break
    if said["inexact"] and (said["inexact"] > 1 or not said["right"]):
        return Outcome("wrong", "inexact" if said["right"] else "value", why, text)
    if said["right"]:
        return Outcome("right", " ".join(f"{k} at some points" for k in ("not finite", "inexact") if said[k]), why, text)
    return Outcome("undecided", "not finite" if said["not finite"] else "no point decides", why, text)


def at_point(q: Question, programs: Programs, rng: np.random.Generator) -> Outcome:
    """right, wrong or crashed; or not finite, inexact (few digits), undecided."""
    try:
        point, nudged = deal(q, rng)
        truth, largest = evaluate(q.tree, point)
        delta = np.abs(evaluate(q.tree, nudged, rng)[0] - truth)
    except Outside:
        return Outcome("undecided")
    arguments = {v: _argument(q.declared[v][0], j[0]) for v, j in point.variables.items()}
    kept = {v: a.copy() for v, a in arguments.items()}
    given = {**point.sizes, **point.indices, **functions(q.tree, point.sizes), **arguments}
    direction = {f"d{q.wrt[0]}": _argument(q.declared[q.wrt[0]][0], point.variables[q.wrt[0]][1])}
    place = f"at sizes {dict(point.sizes)} {_shown(arguments)}"
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = programs.answer(**given)
            first = programs.gradient(**given) if programs.gradient else None
            moved = programs.along(**given, **direction) if programs.along else None
    except np.linalg.LinAlgError:
        return Outcome("not finite")
    except Exception as error:
        return Outcome("crashed", f"program: {type(error).__name__}: {_general(str(error))[:80]}", place)
    if any(not np.array_equal(kept[v], a) for v, a in arguments.items()):
        return Outcome("crashed", "program: changed its argument", place)
    shape = expected_shape(q, point)
    if np.shape(found) != shape:
        return Outcome("wrong", "shape", f"{np.shape(found)} is not {shape} {place}")
    ours, scale, true, slack = contracted(q, point, np.asarray(found), first, truth, delta)
    if not np.all(np.isfinite(ours)):
        return Outcome("not finite", "", f"not finite {place}")
    size, error, floor = np.maximum(scale, np.abs(true)), np.abs(ours - true), FLOOR * largest
    if np.any((100 * slack > 1e-3 * size) & (error > floor) & (np.maximum(slack, size) > 1e-8)):
        return Outcome("undecided")  # rounding could be as large
    allowed = TOLERANCE * size + 1e3 * slack + floor
    if np.any(error > allowed):
        off = np.zeros_like(error)
        for _ in range(WOBBLES):  # what the last digits of the arguments do to the answer
            near = {**given, **{v: a * (1 + np.finfo(float).eps * _even(rng, a)) for v, a in arguments.items()}}
            with contextlib.suppress(np.linalg.LinAlgError), np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                again = programs.gradient(**near) if programs.gradient else None
                off = np.maximum(off, np.abs(contracted(q, point, np.asarray(programs.answer(**near)), again, truth, delta)[0] - ours))
        with contextlib.suppress(Outside):  # a bend may be on the other side
            other = Point(point.sizes, point.indices, {v: 2 * j - nudged.variables[v] for v, j in point.variables.items()})
            beyond = np.abs(evaluate(q.tree, other, rng)[0] - truth)
            off = np.maximum(off, contracted(q, point, np.asarray(found), first, truth, beyond)[3])
        if not np.any(error > allowed + 100 * off):
            return Outcome("undecided")
        worst = np.unravel_index(np.argmax(error - allowed), np.shape(error))
        why = f"ours {ours[worst]:.6g}, true {true[worst]:.6g} {place}"
        return Outcome("wrong", "value", why) if np.any(error > SMALL * size) else Outcome("inexact", "", why)
    properties = q.declared[q.wrt[0]][1]
    if q.order == "grad" and is_linear(properties) and not q.unconstrained and q.index is None:
        g = np.asarray(found)
        if g.ndim == 2 and np.any(np.abs(within(properties, g) - g) > TOLERANCE * np.abs(g).max() + 1e3 * slack.max() + floor):
            return Outcome("wrong", "not in the linear space", f"{g.tolist()}")
    if moved is not None and np.all(np.isfinite(moved)):
        off = np.abs(np.asarray(moved).reshape(truth[1].shape) - truth[1])
        if np.any(off.reshape(-1, order="F") > np.reshape(allowed, -1, order="F")):
            return Outcome("wrong", "jvp", f"{np.asarray(moved).tolist()} is not {truth[1].tolist()}")
    return Outcome("right")


def _even(rng: np.random.Generator, a: Array) -> Array:
    """Random numbers, symmetric where the array is square."""
    r = rng.standard_normal(a.shape)
    return r + r.T if a.ndim == 2 and a.shape[0] == a.shape[1] else r


def deal(q: Question, rng: np.random.Generator) -> tuple[Point, Point]:
    """A point, and the same one nudged by 1e-12."""
    sizes = {d: int(rng.choice((1, 2, 2, 3, 3, 4))) for d in "mnkp"}
    mood = MOODS[int(rng.integers(len(MOODS)))]
    variables, near = {}, {}
    for v, (shape, properties) in q.declared.items():
        m, n = (size_of(x, sizes) for x in shape)
        jet = draw(properties, (m, n), rng, mood)
        jet[1:][np.abs(jet[1:]).max((1, 2)) < ROUNDING * np.abs(jet[0]).max()] = 0  # an isolated point does not move
        spread = 1e-12 * rng.standard_normal()
        if has_bends(properties) and not (q.unconstrained and v in q.wrt):  # what moves freely leaves the set
            step = spread * (jet[1] + rng.standard_normal() * jet[2])
        else:
            noise = rng.standard_normal((m, n))
            step = 1e-12 * jet[0] * (noise + noise.T if m == n else noise)
            if q.unconstrained and v in q.wrt:  # and what is zero by a property moves too
                step += 1e-12 * np.abs(jet[0]).max() * rng.standard_normal((m, n))
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
    """The directional values of the answer, the sum of absolute values in them, the true ones, and how sure these are."""
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
        rounding = 1e-3 * np.abs(x[0]).max() * np.sum(np.abs(first))  # of a curve that stands still: the identity is alone among projectors
        ours, scale = ours + np.sum(bend), scale + np.sum(np.abs(bend)) + rounding
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


CALLED_BACK = ("_forget", "remove")  # as an expression goes: what is raised there is said, not raised


def start(most: float) -> None:
    """The CPU time begins that a call may take."""
    signal.setitimer(signal.ITIMER_PROF, most, 0.2)  # again, where something swallowed the first


@contextlib.contextmanager
def seconds(most: float) -> Iterator[None]:
    """Bounds the CPU time: TooSlow beyond."""
    running = True

    def stop(_: int, frame: FrameType | None) -> None:
        if running and (frame is None or frame.f_code.co_name not in CALLED_BACK):
            raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    start(most)
    try:
        try:
            yield
        finally:
            running = False
    finally:  # whatever came between
        running = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
