"""Turns the grammar into the tables of an LALR(1) parser, written as a Python module of plain data.

    python -m matcalc.reading.tabulate

Lark builds the tables once, when the grammar changes; reading text needs the data only, so a command
starts without building anything.  States are numbered in the order a walk from the start meets them:
the same grammar gives the same file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TABLES = HERE / "tables.py"
HEADER = '''"""The tables of the parser: made from grammar/matcalc.lark by matcalc.reading.tabulate, not to be edited."""
'''


def grammar_file() -> Path:
    """grammar/matcalc.lark: beside the package in a checkout, inside of it where it is installed."""
    found = [p for p in (HERE.parents[1] / "grammar", HERE.parent / "grammar") if (p / "matcalc.lark").exists()]
    return found[0] / "matcalc.lark"


class _Settled:
    """Stands for matcalc.reading.tokens: the terminals that only it sees are kept."""

    always_accept = ("BARS", "NABLA")

    def process(self, stream: Any) -> Any:
        return stream


def tables(grammar: str) -> str:
    """The source of the module of tables for `grammar`.

    A state says what to do on each symbol: go to the state of that number, or reduce by a rule r, written -1 - r.
    Where all it can do is to reduce, it is that number alone.
    """
    from lark import Lark

    lark = Lark(grammar, parser="lalr", lexer="basic", keep_all_tokens=True, postlex=_Settled())
    machine: Any = lark.parser.parser.parser.parse_table
    rules = [(str(r.origin.name), len(r.expansion), r.alias or "") for r in lark.rules]
    number = {rule: i for i, rule in enumerate(lark.rules)}
    order = [machine.start_states["start"]]
    for state in order:  # grows while it is walked
        for _, (_, target) in sorted(machine.states[state].items()):
            if isinstance(target, int) and target not in order:
                order.append(target)
    renamed = {state: i for i, state in enumerate(order)}
    states: list[int | dict[str, int]] = []
    for state in order:
        row = {str(k): renamed[v] if isinstance(v, int) else -1 - number[v] for k, (_, v) in sorted(machine.states[state].items())}
        reductions = set(row.values())
        states.append(row if len(reductions) != 1 or min(reductions) >= 0 else min(reductions))
    terminals = [(t.name, t.pattern.to_regexp()) for t in sorted(lark.terminals, key=lambda t: -t.priority)]
    terminals = [t for t in terminals if t[0] not in ("OPEN", "CLOSE", "FUNCTION", "GRADIENT")]
    return "\n".join([
        HEADER,
        "# fmt: off",
        "# ruff: noqa: E501",
        f"TERMINALS: list[tuple[str, str]] = {_lines(terminals)}",
        f"RULES: list[tuple[str, int, str]] = {_lines(rules)}  # origin, length, what is made",
        f"STATES: list[int | dict[str, int]] = {_lines(states)}",
        f"END: int = {renamed[machine.end_states['start']]}",
        "",
    ])  # fmt: skip


def _lines(rows: list[Any]) -> str:
    return "[\n" + "".join(f"    {row!r},\n" for row in rows) + "]"


if __name__ == "__main__":
    TABLES.write_text(tables(grammar_file().read_text(encoding="utf-8")), encoding="utf-8")
