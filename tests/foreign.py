"""Running programs in Julia and in MATLAB's language (by Octave): many in one process, as it takes long to start."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest

COMMANDS = {
    "julia": ["julia", "-O0", "--compiled-modules=no"],
    "matlab": ["octave-cli", "--norc", "--quiet", "--no-history"],
}
# What SpecialFunctions is to a program where the package is not installed.
SPECIAL = """
module SpecialFunctions
export erf, erfc, erfcx, loggamma, digamma, trigamma, polygamma
erf(x) = ccall((:erf, Base.Math.libm), Float64, (Float64,), x)
erfc(x) = ccall((:erfc, Base.Math.libm), Float64, (Float64,), x)
function erfcx(x)
    x < 25 && return exp(x^2) * erfc(x)
    return (1 - 1 / (2x^2) + 3 / (4x^4)) / (x * sqrt(pi))
end
loggamma(x) = ccall((:lgamma, Base.Math.libm), Float64, (Float64,), x)
function polygamma(k, x)
    out = 0.0
    while x < 40
        out += (-1)^(k + 1) * factorial(k) / x^(k + 1)
        x += 1
    end
    terms = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66)
    tail = factorial(k - 1) / x^k + factorial(k) / (2 * x^(k + 1))
    tail += sum(b * factorial(2j + k - 1) / factorial(2j) / x^(2j + k) for (j, b) in enumerate(terms))
    return out + (-1)^(k + 1) * tail
end
trigamma(x) = polygamma(1, x)
function digamma(x)
    out = 0.0
    while x < 40
        out -= 1 / x
        x += 1
    end
    return out + log(x) - 1 / (2x) - 1 / (12x^2) + 1 / (120x^4) - 1 / (252x^6)
end
end
"""
# Functions that stand for those that a user names, entry by entry: their derivatives after them.
FUNCTIONS = {
    "julia": {
        "g": "tanh", "g_prime": "x -> 1 - tanh(x)^2", "g_prime2": "x -> -2 * tanh(x) * (1 - tanh(x)^2)",
        "h": "sinh", "h_prime": "cosh", "h_prime2": "sinh",
    },
    "matlab": {
        "g": "@tanh", "g_prime": "@(x) 1 - tanh(x).^2", "g_prime2": "@(x) -2 * tanh(x) .* (1 - tanh(x).^2)",
        "h": "@sinh", "h_prime": "@cosh", "h_prime2": "@sinh",
    },
}  # fmt: skip
IN_NUMPY = {
    "g": np.tanh, "g_prime": lambda x: 1 - np.tanh(x) ** 2, "g_prime2": lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2),
    "h": np.sinh, "h_prime": np.cosh, "h_prime2": np.sinh,
}  # fmt: skip


def needs(language: str) -> None:
    """Skips where the language is not installed."""
    command = COMMANDS[language][0]
    if not shutil.which(command):
        pytest.skip(f"{command} is not here: programs in {language} are written, but not run")


def literal(language: str, name: str, value) -> str:
    """A value as the language writes it."""
    if name in FUNCTIONS[language]:
        return FUNCTIONS[language][name]
    a = np.asarray(value, float)
    if not a.ndim:
        return repr(int(value)) if isinstance(value, int) else repr(float(a))
    entries = ", ".join(repr(float(v)) for v in a.reshape(-1, order="F"))
    if language == "julia":
        return f"Float64[{entries}]" if a.ndim == 1 else f"reshape(Float64[{entries}], {', '.join(map(str, a.shape))})"
    shape = (*a.shape, 1) if a.ndim == 1 else a.shape
    return f"reshape([{entries}], {', '.join(map(str, shape))})"


TOLD = {
    "julia": """told(rs) = for r in rs
    println(join(vec(Array{Float64}(r isa Number ? fill(r) : r)), ' '), ';', join(size(r), ' '))
end""",
    "matlab": """function told(rs)
    for k = 1:numel(rs)
        printf('%.17g ', rs{k}); printf(';'); printf('%d ', size(rs{k})); printf('\\n');
    end
end""",
}


def written(language: str, cases) -> str:
    """A script that runs the program of each case, (source, values, results), and tells their entries column by column, or the error."""
    mark, begin = ("%", "1;") if language == "matlab" else ("#", "using LinearAlgebra")
    lines, calls, known = [begin, TOLD[language]], [], set()
    for i, (source, values, count) in enumerate(cases):
        *routines, main = re.split(rf"\n\n(?={mark} )|\n\n(?=\"\"\")", source)
        if language == "matlab":
            main, routines = re.split(r"\n\n(?=% )", source)[0], re.split(r"\n\n(?=% )", source)[1:]
        lines += [text for text in dict.fromkeys(routines) if text not in known]
        known |= {*routines}
        (name, given) = re.findall(r"^function .*?(\w+)\((.*)\)$", main, re.MULTILINE)[0]
        lines.append(re.sub(rf"^(function .*?)\b{name}\(", rf"\1p{i}(", main, count=1, flags=re.MULTILINE))
        call = f"p{i}({', '.join(literal(language, x, values[x]) for x in filter(None, given.split(', ')))})"
        outs = ", ".join(f"r{k}" for k in range(count))
        if language == "julia":
            results = f"({call},)" if count == 1 else call
            calls += ["try", f"    r = {results}", f'    println("case {i}"); told(r)', "catch e", f"    println(\"error {i} \", replace(sprint(showerror, e), '\\n' => ' '))", "end"]  # fmt: skip
        else:
            calls += ["try", f"    [{outs}] = {call};", f"    printf('case {i}\\n'); told({{{outs}}});", "catch e", f"    printf('error {i} %s\\n', strrep(e.message, \"\\n\", ' '));", "end"]  # fmt: skip
    return "\n".join([*lines, *calls]) + "\n"


def ran(language: str, cases) -> list:
    """The results of each case, flat, column by column; text where there was an error."""
    if not cases:
        return []
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        script = Path(folder) / f"programs.{'jl' if language == 'julia' else 'm'}"
        text = written(language, cases)
        if language == "julia":
            (Path(folder) / "SpecialFunctions.jl").write_text(SPECIAL)
            text = f'pushfirst!(LOAD_PATH, "{folder}")\n{text}'
        script.write_text(text)
        done = subprocess.run([*COMMANDS[language], str(script)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=560)
    out: list = ["it did not run: " + done.stderr[-1500:]] * len(cases)
    lines = iter(done.stdout.split("\n"))
    for line in lines:
        if line.startswith("error"):
            _, i, message = line.split(" ", 2)
            out[int(i)] = message
        elif line.startswith("case"):
            i = int(line.split()[1])
            out[i] = []
            for _ in range(cases[i][2]):
                entries, shape = next(lines).split(";")
                out[i].append((np.array(entries.split(), float), tuple(map(int, shape.split()))))
    return out


def close(found, wanted, language, rtol=1e-7) -> str:
    """ "" where what was found is what was wanted, in its shape; else what is wrong."""
    if isinstance(found, str):
        return found
    for (entries, shape), w in zip(found, wanted, strict=True):
        w = np.asarray(w, float)
        if w.size != entries.size or not np.allclose(
            entries, w.reshape(-1, order="F"), rtol=rtol, atol=rtol * (1 + np.abs(w).max(initial=0))
        ):
            return f"{entries} is not {w.reshape(-1, order='F')}"
        expected = w.shape if language == "julia" else (*w.shape, 1, 1)[:2]
        if shape != expected:
            return f"its shape is {shape}, not {expected}"
    return ""
