r"""LaTeX into its pieces: blanks and layout gone, fences with their sides, every argument of a script or fraction in braces.

\left\| \frac12 x^2 \right\|    OPEN  \frac { 1 } { 2 }  x ^ { 2 }  CLOSE
"""

from __future__ import annotations

import re

from matcalc.errors import LimitError, ParseError, UnknownNameError, UnsupportedError, did_you_mean
from matcalc.limits import MOST_CHARACTERS
from matcalc.reading.latex.commands import (
    ACCENTS,
    CLOSING,
    ENVIRONMENTS,
    FENCES,
    FONTS,
    FRACTIONS,
    INVISIBLE,
    INVISIBLE_WITH_ARGUMENT,
    KNOWN,
    LEFT,
    REFUSED_COMMANDS,
    RIGHT,
    SIZED,
)
from matcalc.reading.latex.tables import TERMINALS
from matcalc.reading.latex.token import Token
from matcalc.reading.names import describe, plain

_SCAN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in TERMINALS))
_SIGNS = {"∇": "\\nabla", "∑": "\\sum", "∏": "\\prod"}
_PAIRS = {"LPAR": "RPAR", "LBRACE": "RBRACE", "LANGLE": "RANGLE", "OPEN": "CLOSE", "LBAR": "RBAR"}
_CLOSES = {close: open_ for open_, close in _PAIRS.items()}
MOST_STACKED = 20  # commands that are each other's arguments without braces


class Pieces:
    """The pieces of a source, and for each one that opens or closes, where the other one stands."""

    def __init__(self, text: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise LimitError(f"the text has {len(text):,} characters; the limit is {MOST_CHARACTERS:,}")
        self.text = text
        found = _fenced(_scan(text), text)
        found = _braced(found, matched(found, text), text)
        self.found = _subscripts_first(found, matched(found, text))
        self.match = matched(self.found, text)

    def __getitem__(self, i: int) -> Token:
        return self.found[i] if i < len(self.found) else Token("$END", "", len(self.text), len(self.text))

    def __len__(self) -> int:
        return len(self.found)

    def error(self, message: str, first: int, last: int | None = None, hint: str = "") -> ParseError:
        """A ParseError at the pieces from `first` to `last`."""
        end = self[first if last is None else last].end
        return ParseError(message, line=self.text, start=self[first].start, end=end, hint=hint)


def _scan(text: str) -> list[Token]:
    """The tokens of the source but for its blanks."""
    line, at = plain(text), 0
    out: list[Token] = []
    for match in _SCAN.finditer(line):
        if match.start() != at:
            break
        start, at = match.span()
        kind = match.lastgroup or ""
        if kind == "BLANK":
            continue
        shown = match.group()
        if kind == "SIGN" and shown in _SIGNS:
            kind, shown = "COMMAND", _SIGNS[shown]
        if kind == "COMMAND" and shown[1:].isspace():
            continue
        out.append(Token(kind, shown, start, at))
    if at != len(line) and line[at:].strip(" \n\t.;$"):
        hint = "an expression is read, not an equation" if line[at] == "=" else ""
        raise ParseError(f"{describe(line[at])} is no symbol of a formula here", line=text, start=at, end=at + 1, hint=hint)
    return out


def _fenced(found: list[Token], text: str) -> list[Token]:
    r"""Without what is not seen, and with fences for what they are: \left( is LPAR, \left| is LBAR, a lone | stays BAR."""
    out: list[Token] = []
    side, i = "", 0
    while i < len(found):
        token = found[i]
        shown = token.text
        i += 1
        if token.kind == "COMMAND" and (shown in LEFT or shown in RIGHT or shown in SIZED):
            side = "left" if shown in LEFT else "right" if shown in RIGHT else ""
            following = found[i] if i < len(found) else None
            if following is None or following.text not in FENCES:
                raise ParseError(
                    f"expected a parenthesis or a bar after `{shown}`",
                    line=text,
                    start=token.start,
                    end=token.end,
                    hint="\\left( … \\right)",
                )
            continue
        if shown in FENCES and token.kind != "LETTER":
            left, right = FENCES[shown]
            both = left and right
            kind = {"left": left, "right": right, "": left if not right else right if not left else ""}[side]
            if not kind and not both:
                raise ParseError(f"`{shown}` is on the wrong side", line=text, start=token.start, end=token.end)
            out.append(token._replace(kind=kind or ("BARS" if left == "OPEN" else "BAR")))
            side = ""
        elif token.kind != "COMMAND":
            out.append(token)
        elif shown in INVISIBLE_WITH_ARGUMENT:
            i = _skipped(found, i, token, text)
        elif shown not in INVISIBLE:
            if shown not in KNOWN and shown not in REFUSED_COMMANDS:
                hint = did_you_mean(shown, KNOWN)
                raise UnknownNameError(f"the command `{shown}` is not known", hint=hint).at(text, token.start, token.end)
            out.append(token)
    while out and out[-1].kind == "COMMA":  # the end of a sentence
        out.pop()
    return out


def _skipped(found: list[Token], i: int, command: Token, text: str) -> int:
    """Where the braced argument at `i` ends; the name of an environment is looked at."""
    if i == len(found) or found[i].kind != "LBRACE":
        return i
    depth, j = 0, i
    while j < len(found):
        depth += (found[j].kind == "LBRACE") - (found[j].kind == "RBRACE")
        j += 1
        if not depth:
            break
    if command.text == "\\begin":
        name = "".join(t.text for t in found[i + 1 : j - 1]).rstrip("*")
        if name not in ENVIRONMENTS:
            what = "a matrix written out by its entries" if name.endswith(("matrix", "array")) else f"the environment `{name}`"
            raise UnsupportedError(f"{what} is not supported", hint="matrices are letters here: X, \\Sigma").at(
                text, command.start, found[j - 1].end
            )
    return j


def matched(found: list[Token], text: str) -> dict[int, int]:
    """For each token that opens or closes, where its other one stands."""
    match: dict[int, int] = {}
    stack: list[int] = []
    for i, token in enumerate(found):
        if token.kind in _PAIRS:
            stack.append(i)
        elif token.kind in _CLOSES:
            if not stack:
                raise ParseError(f"`{token.text}` closes nothing").at(text, token.start, token.end)
            opening = stack.pop()
            pair = CLOSING.get(found[opening].text), CLOSING.get(token.text)
            if found[opening].kind != _CLOSES[token.kind] or token.kind == "RPAR" and None not in pair and pair[0] != pair[1]:
                message = f"`{token.text}` does not close the `{found[opening].text}` at column {found[opening].start + 1}"
                raise ParseError(message).at(text, token.start, token.end)
            match[opening], match[i] = i, opening
    if stack:
        opening = stack[-1]
        raise ParseError(f"the `{found[opening].text}` at column {found[opening].start + 1} is not closed").at(
            text, found[opening].start, found[opening].end
        )
    return match


def _braced(found: list[Token], match: dict[int, int], text: str) -> list[Token]:
    r"""Braces around the arguments that have none: x^2, x_i, \frac12, \sqrt x."""
    opens: dict[int, int] = {}
    closes: dict[int, int] = {}

    def argument(i: int, of: Token) -> int:
        end = _argument_end(found, match, i, text, of)
        if found[i].kind != "LBRACE":
            opens[i] = opens.get(i, 0) + 1
            closes[end] = closes.get(end, 0) + 1
        return end

    split: set[int] = set()
    for i, token in enumerate(found):
        if token.kind in ("SUPER", "SUB"):
            _one_digit(found, i + 1, text)
            argument(i + 1, token)
        elif token.kind == "COMMAND" and token.text in FRACTIONS:
            if i + 1 < len(found) and found[i + 1].kind == "NUMBER" and re.fullmatch(r"\d\d", found[i + 1].text):
                split.add(i + 1)
                continue
            _one_digit(found, i + 1, text)
            middle = argument(i + 1, token)
            _one_digit(found, middle, text)
            argument(middle, token)
        elif token.kind == "COMMAND" and token.text == "\\sqrt":
            if i + 1 < len(found) and found[i + 1].text == "[":
                raise UnsupportedError("a root of another degree is a power here", hint="x^{1/3}").at(text, token.start, found[i + 1].end)
            _one_digit(found, i + 1, text)
            argument(i + 1, token)
    out: list[Token] = []
    for i, token in enumerate(found):
        at = token.start
        out += [Token("RBRACE", "}", at, at)] * closes.get(i, 0) + [Token("LBRACE", "{", at, at)] * opens.get(i, 0)
        if i in split:
            for k, digit in enumerate(token.text):
                a, b = at + k, at + k + 1
                out += [Token("LBRACE", "{", a, a), Token("NUMBER", digit, a, b), Token("RBRACE", "}", b, b)]
        else:
            out.append(token)
    end = len(text)
    return out + [Token("RBRACE", "}", end, end)] * closes.get(len(found), 0)


def _one_digit(found: list[Token], i: int, text: str) -> None:
    if i < len(found) and found[i].kind == "NUMBER" and len(found[i].text) > 1:
        token = found[i]
        raise ParseError(
            f"in LaTeX only the digit `{token.text[0]}` belongs to the command before it", hint=f"write {{{token.text}}} in braces"
        ).at(text, token.start, token.end)


def _argument_end(found: list[Token], match: dict[int, int], i: int, text: str, of: Token) -> int:
    """Where the argument at `i` ends: a group, a letter, a sign and a digit, or a command with its own arguments."""
    missing = ParseError(f"`{of.text}` needs an argument", hint="x^{2}   x_{i}   \\frac{a}{b}   \\sqrt{x}")
    wanted, first = 1, i
    for _ in range(MOST_STACKED):
        if not wanted:
            return i
        if i >= len(found) or found[i].kind in ("RBRACE", "RPAR", "SUPER", "SUB", "COMMA", "RANGLE", "CLOSE", "RBAR"):
            raise missing.at(text, of.start, of.end)
        token = found[i]
        wanted -= 1
        if token.kind == "LBRACE":
            i = match[i] + 1
            continue
        i += 1
        if token.kind == "COMMAND":
            wanted += 2 if token.text in FRACTIONS else token.text in FONTS or token.text in ACCENTS or token.text == "\\sqrt"
        elif token.kind == "ADD" and i == first + 1 and of.kind == "SUPER":
            wanted += 1  # x^-1
    raise LimitError(f"more than {MOST_STACKED} commands without braces").at(text, of.start, of.end)


def _subscripts_first(found: list[Token], match: dict[int, int]) -> list[Token]:
    r"""x^{\top}_{i} as x_{i}^{\top}: a subscript belongs to the letter."""
    out: list[Token] = []
    i = 0
    while i < len(found):
        if found[i].kind == "SUPER" and i + 1 in match:
            end = match[i + 1] + 1
            if end < len(found) and found[end].kind == "SUB" and end + 1 in match:
                last = match[end + 1] + 1
                if not any(found[k].kind in ("SUPER", "SUB") for k in range(i + 1, end)):
                    out += found[end:last] + found[i:end]
                    i = last
                    continue
        out.append(found[i])
        i += 1
    return out
