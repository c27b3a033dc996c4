"""The sides of `=`: names of the objective on the left, several forms of it, equations that are none."""

from __future__ import annotations

import re

from matcalc.errors import MatcalcError
from matcalc.limits import MOST_SIDES
from matcalc.operators import FUNCTIONS
from matcalc.reading.brackets import outside
from matcalc.reading.framing import patterns as F
from matcalc.reading.framing.aims import before
from matcalc.reading.framing.framed import Framed, name_variables
from matcalc.reading.letters import GREEK
from matcalc.reading.symbols import Declarations, canonical
from matcalc.reading.tidying import tidied
from matcalc.reading.tree import failing

AGREE = "are read apart, and agree"


def sides(made: Framed, said: Declarations) -> None:
    """Of several sides the last one is the objective; names of it on the left are left out, others have to agree with it."""
    zero = re.search(r"=\s*0\s*$", made.text) if made.explicit else None
    if zero:  # ∇f(x) = 0
        made.drop(*zero.span())
    signs = list(outside(made.text, F.EQUALS.finditer(made.text)))
    if not signs:
        return
    if len(signs) > MOST_SIDES:
        raise equation(signs[0])
    starts = [0, *(m.end() for m in signs)]
    ends = [*(m.start() for m in signs), len(made.text)]
    sides = [(a, b) for a, b in zip(starts, ends, strict=True)]
    text, (start, end) = made.text, sides[-1]
    if not text[start:end].strip():
        raise failing("expected a formula after `=`", signs[-1])
    named, others = False, []
    least = F.MINIMUM.match(text, F.INVISIBLE.match(text, start).end())  # type: ignore[union-attr]
    for (a, b), sign in zip(sides, signs, strict=False):
        head = Framed(" " * a + text[a:b], made.line)
        before(head, said)
        label = re.sub(r"(?:\s|\\[,;:! ])+$", "", head.text[head.first : b])
        defining = least is not None or sign.group() != "="
        if named and re.search(F.CONDITIONAL, label) or _is_label(label, text[b + 1 :], said, defining=defining, first=not named):
            named = True
            made.variables += [v for v in head.variables if v not in made.variables]
            arguments = re.search(rf"{F.ARGUMENTS}\s*$", label)
            of = arguments[1] if arguments and not re.search(r"\||\\mid", arguments[1]) else ""
            solution = least is not None and "arg" in least[0]  # of x(θ) = argmin_x … the variable is x
            if not (made.variables or solution) and "(" not in (of := of.split(";")[0]):
                name_variables(made, re.sub(r"\\(?:mathbf|boldsymbol|bm)\s*\{([^{}]*,[^{}]*)\}", r"\1", of))
            solved = re.fullmatch(F.SOLVED, label) if solution and not made.variables else None  # x* = argmin ||Ax - b||
            if solved and (name := solved[1] or solved[2]) in text[b:]:
                name_variables(made, name)
            made.drop(a, sign.end())
        elif not label or not named and not (len(signs) == 1 and _of_one_kind(label, text[b + 1 :])):
            raise equation(sign)
        else:
            others.append(" " * a + text[a:b])
    made.sides = others
    made.keep(start, end)
    if others:
        made.notes.append(f"the sides of `{' '.join(text[sides[0][0] : end].split())}` {AGREE}")


def equation(sign: re.Match[str]) -> MatcalcError:
    message = "`=` makes an equation: an expression is read, not an equation"
    hint = "leave out `=` and what stands on the other side; a definition goes into where: e = y - X*b"
    return failing(message, sign, hint)


def _is_label(side: str, rest: str, said: Declarations, *, defining: bool, first: bool) -> bool:
    """Whether a side only names what stands on the other: f(x), a name that occurs nowhere else, dL/dx."""
    if not first:
        return re.fullmatch(rf"{F.LABEL}", side) is not None and "(" in side
    if re.fullmatch(F.DERIVATIVE, side) or re.fullmatch(F.ONLY_WORDS, side) and _is_spoken(side, said):
        return True
    side = re.sub(rf"^{F.LOG_OF_BARS}$", r"\1 \2", re.sub(rf"^{F.TIMES_A_NUMBER}", "", side))
    if side[-1:] in ("2", "}") and re.split(r"\W", side.strip("\\ "), maxsplit=1)[0] not in FUNCTIONS:
        side = re.sub(r"(?<=\))\s*\^\s*(?:2|\{2\})$", "", side)  # d(x, y)^2
    squared = re.fullmatch(F.SQUARED, side)
    also = squared and re.search(rf"(?<![A-Za-z]){re.escape(squared[1] or squared[2])}(?![A-Za-z])", rest)
    if squared and not also and re.search(F.SQUARED_TOO, rest):  # e'e = (y - X b)'(y - X b)
        return True
    if not side or not re.fullmatch(F.LABEL, side) and not (defining and re.fullmatch(F.NAMES, side)):
        return False
    if "(" in side or defining:
        return True
    if re.fullmatch("[A-Z]{1,2}[a-z]", side.strip()):  # A x = b
        return False
    if re.match(F.ACCENTED, side):  # \bar x = of x
        return re.sub(r"[\s{}]", "", side) not in re.sub(r"[\s{}]", "", rest)
    name = canonical(re.sub(r"\s", "", tidied(side)))
    letter = side.strip().lstrip("\\") if "_" in side else re.split(r"[\d_^'′’]", name)[0]
    below = r"_\s*(?:\{[^{}]*\}|\\?\w+)"
    rest = re.sub(rf"(?<![A-Za-z]){re.escape(letter)}\s*\}}?\s*{below}", "", rest) if "_" not in side else rest  # L = L_1 + L_2
    rest = re.sub(r"_\s*(?:\{[^{}]*\}|\\?[^\W_])", "", rest)  # \mathcal{L} = \sum_{l \in Y_L} …
    rest = re.sub(r"(?<!sum)(?<!prod)\^\s*(?:T(?!\w)|\{\s*T\s*\})", "", rest)  # T = \dot q^T M \dot q
    return name not in said.symbols and not re.search(rf"(?<![A-Za-z]){re.escape(letter)}(?![A-Za-z])", rest)


def _is_spoken(side: str, said: Declarations) -> bool:
    """Whether words are language, and no product: Cross Entropy Loss, log-loss."""
    words = re.split(r"-|\s+", side)
    minus = "-" in side and not re.search(r"\w-(?i:loss|error|likelihood)$", side)
    return (
        len(words) > 1 and not minus and said.symbols.keys().isdisjoint(words) and any(len(w) > 3 and w.lower() not in GREEK for w in words)
    )


def _of_one_kind(side: str, rest: str) -> bool:
    """Whether a side is a formula of letters that all stand on the other side too: both may be the objective, if they agree."""
    unseen = r"\\(?:begin|end|text|mathrm)\s*\{[^{}]*\}|\\[A-Za-z]+|_\s*(?:\{[^{}]*\}|\w)"
    letters = [set(re.findall(r"[^\W\d_]", re.sub(unseen, " ", part))) for part in (side, rest)]
    return bool(letters[0]) and letters[0] <= letters[1] and re.search(r"\||‖|\\Vert|\\sum|[Tt]r\b|\^", side) is not None
