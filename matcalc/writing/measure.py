"""How wide a formula in LaTeX is: in ems, as Computer Modern sets it in a display."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

PAGE = 41.0  # ems of a line on A4 with margins of 2.5 cm, 11 pt
FENCES = 0.86  # ems of the fences of a matrix
EQUALS, QUAD = 1.5, 1.0  # ems of = between two sides, and of an indentation

TOKEN = re.compile(r"\\[a-zA-Z]+|\\.| [+-] |.", re.DOTALL)


def _widths(table: str) -> dict[str, float]:
    """A line for each width: the ems, and what is so wide."""
    rows = (line.split() for line in table.strip().splitlines())
    return {name: float(width) for width, *names in rows for name in names}


_ITALIC = _widths("""
0.3   l ! , . : [ ] |
0.4   i t ( )
0.45  b c e j s '
0.5   d g o p q r v z I 0 1 2 3 4 5 6 7 8 9 /
0.55  a k u x y
0.6   f h n
0.65  J S
0.7   L T
0.75  w A R Z
0.8   B C E F G O P Q U V Y + - −
0.9   m D H K N X
1.1   M W
1.34  = < >
0     { }
""") | {" ": 0.0}
_UPRIGHT = _widths("""
0.3   i j l ! , . : ' ( ) [ ] |
0.4   f r s t I e
0.8   w m G K O Q A D H N R U V X Y
1     M W
""") | {" ": 0.34}
_COMMANDS = _widths(r"""
0     left right begin end limits displaystyle hat bar tilde dot ddot check breve overline
0.17  ,
0.28  ; :
0.3   prime
0.35  iota
0.4   epsilon ell vert
0.5   delta zeta theta xi rho circ | varepsilon
0.55  gamma eta nu tau _ & % # $
0.7   psi Lambda Sigma Phi Omega chi omega varphi cdot mid
0.8   Theta Psi top Pi Delta Upsilon surd
1     infty quad
1.22  odot otimes oslash times ast pm circledast boxtimes oplus
1.34  sum leq geq neq le ge ne in to preceq succeq prec succ mapsto
1.4   prod dots cdots ldots
2     qquad
""")
_BIG = {"sum", "prod", "max", "min"}  # the scripts stand above and below
_WORDS = set("log det exp sin cos tan sinh cosh tanh max min arccos arcsin arctan ln lim inf sup".split())
_UPRIGHTS = {"operatorname": 0.17, "mathrm": 0.0, "text": 0.0, "mathsf": 0.0, "mathit": 0.0}
_SCRIPTS = (1.0, 1.0, 0.8, 0.65)  # of displays, texts, scripts and what is in these


@dataclass
class _Group:
    """What stands in braces: in which part of what, in which size, and its width so far."""

    role: str = ""
    size: int = 0
    upright: bool = False
    factor: float = 1.0
    width: float = 0.0
    widest: float = 0.0  # of a matrix's rows so far
    scripts: dict[str, float] = field(default_factory=dict)
    above: float = 0.0  # the width of a numerator
    big: float = 0.0  # of a sign whose scripts stand above and below it

    def settled(self) -> float:
        """The width, with the scripts that stand behind what came last, or above and below it."""
        self.width += max(max(self.scripts.values(), default=0.0) - self.big, 0.0)
        self.scripts.clear()
        self.big = 0.0
        return self.width


def ems(latex: str) -> float:
    r"""How many ems wide it is: letters by their widths, a fraction as the wider of its halves, scripts small.

    >>> round(ems("a + b"), 1), round(ems(r"\frac{a + b}{c}"), 1), round(ems(r"X^{\top}"), 1)
    (2.2, 2.4, 1.6)
    """
    groups = [_Group()]
    role, grows = "", False
    for token in TOKEN.findall(latex):
        group = groups[-1]
        if token in "^_" and not group.upright:
            role = token
            continue
        if token == "{":
            groups.append(_inside(group, role))
            role = ""
            continue
        if token == "}" and len(groups) > 1:
            role = _closed(groups[-2], groups.pop())
            continue
        name = token[1:] if len(token) > 1 and token[0] == "\\" else ""
        if name in _UPRIGHTS or name in ("frac", "sqrt", "mathbf", "boldsymbol", "begin", "end"):
            group.settled()
            role = name
        elif role in ("^", "_"):
            group.scripts[role] = _wide(token, name, group) * _SCRIPTS[min(group.size + 2, 3)]
            role = ""
        elif name == "\\" or token == "&":
            group.settled()
            group.widest = max(group.widest, group.width) if name else group.widest
            group.width = FENCES if name else group.width + 0.92
        elif token != " " or group.upright:
            group.settled()
            wide = 0.74 if grows and token in "()[]" else _wide(token, name, group)
            group.width += wide
            group.big = wide if name in _BIG else 0.0
        grows = name in ("left", "right")
    while len(groups) > 1:
        _closed(groups[-2], groups.pop())
    return max(groups[0].widest, groups[0].settled())


def _wide(token: str, name: str, group: _Group) -> float:
    if group.upright:
        return _UPRIGHT.get(token, 0.52)
    if name:
        return 0.17 + sum(_UPRIGHT.get(c, 0.52) for c in name) if name in _WORDS else _COMMANDS.get(name, 0.63)
    if len(token) == 3:
        return 1.22 if group.size < 2 else 0.8
    return _ITALIC.get(token, 0.75)


def _inside(group: _Group, role: str) -> _Group:
    """The group in braces that opens in the part `role`."""
    if role in ("^", "_"):
        return _Group(role, 2 if group.size < 2 else 3)
    group.settled()
    if role in ("frac", "over"):
        return _Group(role, min(group.size + 1, 3))
    return _Group(role, group.size, role in _UPRIGHTS or group.upright, 1.15 if role in ("mathbf", "boldsymbol") else 1.0)


def _closed(outer: _Group, inner: _Group) -> str:
    """Adds a group that closes to the one it stands in; the part that comes next."""
    width = max(inner.widest, inner.settled()) * inner.factor
    scale = _SCRIPTS[inner.size] / _SCRIPTS[outer.size]
    if inner.role in ("^", "_"):
        outer.scripts[inner.role] = width * scale + 0.05
    elif inner.role == "frac":
        outer.above = width * scale
        return "over"
    elif inner.role == "over":
        outer.width += max(outer.above, width * scale) + 0.22
    elif inner.role == "sqrt":
        outer.width += width + 0.85
    elif inner.role == "begin":
        outer.width += FENCES
    elif inner.role != "end":
        outer.width += width + _UPRIGHTS.get(inner.role, 0.0)
    return ""
