"""Lines of bounded width: formulas broken where a reader would break them, lists filled line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

BREAKS = (" + ", " - ", " − ", " ⊙ ", " .*")


def broken(line: str, width: int, indent: int) -> Iterator[str]:
    """A line that is too long, broken before the + − ⊙ that stands in the fewest parentheses, or a space; what follows is indented.

    >>> list(broken("y = (a + b) c + d e", 16, 4))
    ['y = (a + b) c', '     + d e']
    """
    while len(line) > width:
        depth, best, at = 0, len(line), 0
        for i, c in enumerate(line[: width - 1]):
            depth += (c in "([") - (c in ")]")
            if i > max(width // 2, indent) and depth <= best and line[i : i + 3] in BREAKS:
                best, at = depth, i
        at = at or line.rfind(" ", indent + 1, width)
        if at < 0:
            break
        yield line[:at]
        line = " " * indent + line[at:]
    yield line


def filled(items: Sequence[str], width: int, first: str = "", comma: str = ", ") -> list[str]:
    """The items on as few lines as their width allows, after `first` and aligned below it.

    >>> filled(["a = 1", "b = 2", "c = 3"], 20, "where ")
    ['where a = 1, b = 2,', '      c = 3']
    """
    lines: list[str] = []
    begin = first
    for item in items:
        if lines and len(lines[-1]) + len(comma) + len(item) < width:
            lines[-1] += comma + item
        else:
            if lines:
                lines[-1] += comma.rstrip()
            lines.append(begin + item)
            begin = " " * len(first)
    return lines
