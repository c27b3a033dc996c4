"""Random questions of the whole language, their answers proved by an independent evaluator.

`pytest` asks a few hundred (test_questions.py).  For many, with one shrunk example of each cause of failure and with what was covered:

    python tests/questions.py --count 100000 --seed 0 [--jobs 2]

A question depends on its own seed alone: `--count 1 --seed 4711` asks that one again.  Slow is a question of which a single call, its answer,
a writing, its program or reading it back, takes more than a second; those that do in all calls together are counted beside it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import matcalc as mc
from judging import Outcome, TooSlow, judged, seconds, start
from members import ANY, NEWER, SQUARE
from question_maker import Maker, Question
from question_text import asked
from trees import SCALAR, Tree, number

BAD = ("wrong", "crashed", "slow")
SLOWEST = 1.0  # seconds of CPU


def known_properties() -> tuple[str, ...]:
    """Those that may be declared."""
    out = [*SQUARE, *ANY]
    for p in NEWER:
        try:
            mc.parse("X", where=f"X: (n) {p}" if p == "sphere" else f"X: (n, n) {p}")
            out.append(p)
        except mc.MatcalcError:
            continue
    return tuple(out)


PROPERTIES = known_properties()


def question(seed: int) -> Question:
    return Maker(seed, PROPERTIES).question(seed)


# Shrinking


def smaller(q: Question) -> Iterator[Question]:
    """Questions that are simpler by one step, the simplest first."""
    for tree in _smaller(q.tree):
        names = {e.data[0] for e in tree.nodes() if e.op == "variable"}
        if set(q.wrt) <= names and (tree.shape == SCALAR) == (q.tree.shape == SCALAR):
            yield replace(q, tree=tree, declared={v: s for v, s in q.declared.items() if v in names})
    for v, (shape, properties) in q.declared.items():
        for p in properties:
            yield replace(q, declared={**q.declared, v: (shape, tuple(x for x in properties if x != p))})
    if q.unconstrained:
        yield replace(q, unconstrained=False)
    if q.index:
        yield replace(q, index=None)
    if q.order == "hessian":
        yield replace(q, order="grad", wrt=q.wrt[:1])


def _smaller(e: Tree) -> Iterator[Tree]:
    """The tree with one part replaced by a part of itself of that shape, or by a constant."""
    for part in e.nodes():
        if part is not e and part.shape == e.shape:
            yield part
    if e.args:
        if e.shape == SCALAR:
            yield number(Fraction(2))
        else:
            yield Tree("ones", (), (), e.shape)
    for i, a in enumerate(e.args):
        for b in _smaller(a):
            if e.op != "norm1" or b.op != "number":
                yield replace(e, args=(*e.args[:i], b, *e.args[i + 1 :]))


def timed(q: Question, thorough: bool, each: bool = False) -> Outcome:
    """The outcome, with what took too long of CPU time as slow: all calls together, or, for `each`, a single one."""
    try:
        return judged(q, thorough, lambda: seconds(SLOWEST), lambda: start(SLOWEST) if each else None)
    except TooSlow:
        return Outcome("slow")


def shrunk(q: Question, outcome: Outcome, most: int = 400) -> tuple[Question, Outcome]:
    """A question with the same kind of outcome that no step makes simpler, within so many tries."""

    def same(o: Outcome) -> bool:
        return o.kind == outcome.kind and (o.kind == "slow" or o.cause.split(":")[0] == outcome.cause.split(":")[0])

    if outcome.kind == "slow":
        most = min(most, 40)
    while most > 0:
        for candidate in smaller(q):
            most -= 1
            if most <= 0:
                break
            try:
                found = timed(candidate, any(w in outcome.cause for w in ("unicode", "check", "jvp")))
            except Exception:  # an ill-shaped candidate
                continue
            if same(found):
                q, outcome = candidate, found
                break
        else:
            break
    return q, outcome


# Counting


def features(q: Question) -> list[str]:
    """The things that a question covers: functions, properties and their pairs with the order, the order."""
    order = ("mixed " if len(set(q.wrt)) > 1 else "") + q.order
    out = [f"order {order}{' unconstrained' * q.unconstrained}{' of a slice' * (q.index is not None)}"]
    out += {f"function {e.op}" for e in q.tree.nodes()}
    out += {f"function {e.op} in a {q.order}" for e in q.tree.nodes()}
    for v, (_, properties) in q.declared.items():
        if v in q.wrt:
            out.append(f"property {' '.join(properties) or 'none'}")
            if len(properties) < 3:
                out.append(f"property {' '.join(properties) or 'none'} in a {q.order}")
    return out


Asked = tuple[Counter[str], Counter[str], list[tuple[Question, Outcome]]]


def ask(seeds: range) -> Asked:
    """Asks the questions of these seeds; counts outcomes and what answered questions cover."""
    figures, covered, bad = Counter[str](), Counter[str](), []
    for seed in seeds:
        q = question(seed)
        outcome = timed(q, seed % 25 == 0)
        if outcome.kind == "slow":  # once more: the first time pays for imports
            outcome = timed(q, False)
        if outcome.kind == "slow":
            figures["slow · in all calls together"] += 1
            outcome = timed(q, False, each=True)
        figures[outcome.kind] += 1
        if outcome.kind == "right":
            covered.update(features(q))
        if outcome.kind != "right" or outcome.cause:
            figures[f"{outcome.kind} · {outcome.cause}"] += 1
        if outcome.kind in BAD:
            bad.append((q, outcome))
    return figures, covered, bad


def key(q: Question, outcome: Outcome) -> str:
    """The key that two failures of one cause share, as far as that shows: the functions, properties and orders of the shrunk question."""
    ops = sorted({e.op for e in q.tree.nodes()} - {"variable", "number"})
    properties = sorted({p for v in q.declared.values() for p in v[1]})
    if outcome.kind == "crashed" and " at " in outcome.cause:
        return outcome.cause
    return f"{outcome.kind} {outcome.cause} {q.order} {ops} {properties}"


def diagnosis(q: Question, outcome: Outcome) -> str:
    """Of a wrong value: what matcalc's own check of the formula says."""
    if outcome.kind != "wrong":
        return ""
    expr, wrt, where = asked(q)
    try:
        with seconds(5):
            return f" · its own check: {getattr(mc, q.order)(expr, wrt, where=where, unconstrained=q.unconstrained).check()!r}"
    except (Exception, TooSlow) as error:
        return f" · its own check: {error!r:.80}"


def line(q: Question, outcome: Outcome) -> str:
    expr, wrt, where = asked(q)
    free = ", unconstrained=True" * q.unconstrained
    return f'mc.{q.order}("{expr}", "{wrt}", where="{where}"{free})  # {outcome.answer}\n      {outcome.cause}: {outcome.detail}{diagnosis(q, outcome)}'


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--shrink", type=int, default=40, help="so many failures of one kind are shrunk")
    given: Any = options.parse_args()
    figures, covered, tried, causes = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    step, smallest = 500, dict[str, tuple[Question, Outcome]]()
    chunks = [range(s, min(s + step, given.seed + given.count)) for s in range(given.seed, given.seed + given.count, step)]
    # Not "fork": a process that is made while this one imports something would wait for that for ever.
    with multiprocessing.get_context("forkserver").Pool(given.jobs, maxtasksperchild=2) as pool:
        for some, more, failures in pool.imap_unordered(ask, chunks):
            figures, covered = figures + some, covered + more
            for q, outcome in failures:
                tried[f"{outcome.kind} · {outcome.cause}"] += 1
                if tried[f"{outcome.kind} · {outcome.cause}"] > given.shrink:
                    continue
                small, found = shrunk(q, outcome)
                name = key(small, found)
                causes[name] += 1
                if name not in smallest:
                    print(f"{line(small, found)}   [seed {q.seed}]", flush=True)
                if name not in smallest or small.tree.weight < smallest[name][0].tree.weight:
                    smallest[name] = replace(small, seed=q.seed), found
    total = sum(figures[k] for k in ("right", "refused", "undecided", *BAD))
    print(f"\n{total} questions: " + " · ".join(f"{k} {figures[k]}" for k in ("right", "refused", "undecided", *BAD)))
    for name, count in figures.most_common():
        if "·" in name:
            print(f"{count:7}  {name}")
    print(f"\n{len(causes)} causes, of {sum(causes.values())} failures that were shrunk")
    for name, count in causes.most_common():
        q, outcome = smallest[name]
        print(f"{count:4}  {line(q, outcome)}   [seed {q.seed}]")
    print("\nleast covered by answered questions")
    for name, count in sorted(covered.items(), key=lambda item: item[1])[:60]:
        print(f"{count:7}  {name}")


if __name__ == "__main__":
    main()
