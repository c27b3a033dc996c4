"""The server for assistants, asked by the protocol's own client, in process and as the command."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import pytest

mcp = pytest.importorskip("mcp")
from matcalc.assistants import server  # noqa: E402  (it needs the protocol's package)


def asked(tool: str, *, to: Any = None, **arguments: Any) -> tuple[bool, str]:
    """Whether it was refused, and the text of the answer."""

    async def ask() -> tuple[bool, str]:
        async with mcp.Client(to or server()) as client:
            result = await client.call_tool(tool, arguments)
            return bool(result.is_error), "\n".join(c.text for c in result.content)

    return asyncio.run(ask())


def test_what_there_is() -> None:
    async def ask() -> set[str]:
        async with mcp.Client(server()) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert asyncio.run(ask()) == {"derive", "steps", "check", "equal", "simplify", "code"}


def test_a_derivative_with_its_check_and_steps() -> None:
    refused, answer = asked("derive", expr="norm(A*x - b)^2", wrt="x", where="A: (m, n)", check=True)
    made = json.loads(answer)
    assert not refused
    assert (made["text"], made["checked"]["ok"]) == ("2*A'*(A*x - b)", True)
    assert "A (m, n)" in made["read_as"]
    assert json.loads(asked("steps", expr="x'*A*x", wrt="x")[1])["steps"]
    assert "def value_and_grad(" in asked("code", expr="x'*A*x", wrt="x")[1]


def test_claims_are_judged() -> None:
    verdict = json.loads(asked("check", expr="x'*A*x", wrt="x", claim="2*A*x")[1])
    assert not verdict["ok"] and verdict["answer"]["text"] == "(A + A')*x"
    assert json.loads(asked("equal", first="tr(A*B)", second="tr(B*A)")[1])["ok"]
    assert json.loads(asked("simplify", expr="tr(A*B) + tr(B*A)")[1])["text"] == "2*tr(A*B)"


def test_what_is_refused_says_where_and_why() -> None:
    refused, why = asked("derive", expr="norm(A*x - )^2", wrt="x")
    assert refused and "^" in why and "Traceback" not in why
    refused, why = asked("derive", expr="x" * 200_000, wrt="x")
    assert refused and "limit" in why


def test_the_command_speaks_the_protocol() -> None:
    from mcp import StdioServerParameters

    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = StdioServerParameters(command=sys.executable, args=["-m", "matcalc", "mcp"], env=env)
    assert json.loads(asked("equal", to=command, first="det(2*A)", second="8*det(A)")[1])["ok"] is False
