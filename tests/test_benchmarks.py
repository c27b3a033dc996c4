"""The benchmark: each contestant's value, gradient and Hessian are those of the hand-written form, and the table is written."""

import numpy as np
import pytest

from benchmarks import measure, report
from benchmarks.contestants import CONTESTANTS, disagreement
from benchmarks.problems import PROBLEMS

PACKAGES = {"ours": "numpy", "ours in JAX": "jax", "ours in PyTorch": "torch", "torch.func": "torch"}


def cases(*modes, sizes):
    return lambda problem: [(second, size) for second in modes for size in problem.sizes_of(second)[:sizes]]


CASES = {
    "ours": cases(False, True, sizes=2),
    "ours in PyTorch": cases(True, sizes=2),
    "ours in JAX": cases(True, sizes=1),  # compiling takes a second
    "torch.func": cases(True, sizes=1),
}


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # of torch.func itself
@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_all_agree_with_the_hand_written_form(problem, name):
    pytest.importorskip(PACKAGES[name])
    for second, size in CASES[name](problem):
        data = problem.data(np.random.default_rng(7), **size)
        given = {key: np.copy(v) for key, v in data.items()}
        found = CONTESTANTS[name](problem, data, second)()
        assert all(np.array_equal(v, given[key]) for key, v in data.items())  # what is given is not written to
        assert disagreement(name, found, problem.hand(data, second)) < report.TOLERANCE


def test_a_wrong_hessian_is_noticed():
    problem = next(p for p in PROBLEMS if p.name == "matrix factorisation")
    f, g, H = problem.hand(problem.data(np.random.default_rng(1), m=3, n=4, k=2), True)
    by_rows = H.reshape(2, 3, 2, 3).transpose(1, 0, 3, 2).reshape(6, 6)
    assert disagreement("ours", (f, g, H), (f, g, H)) == 0
    assert disagreement("ours", (f, g, by_rows), (f, g, H)) > 0.1
    assert disagreement("JAX AD", (f, g, by_rows.reshape(3, 2, 3, 2)), (f, g, H)) == 0
    assert disagreement("ours", (f, g, H[:-1]), (f, g, H)) == np.inf


def test_measuring_writes_the_table(tmp_path, capsys):
    out = tmp_path / "results.md"
    assert measure.main(["--only", "quadratic", "--contestants", "ours", "--sizes", "1", "--budget", "0", "--out", str(out)]) == 0
    text = out.read_text()
    assert "| quadratic form | n = 10 | + Hessian |" in text
    assert "| quadratic form | n = 10 | + Hessian |" in capsys.readouterr().out
    readme = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    assert "old" not in report.quoted(readme, text)
    assert "| our NumPy ÷ by hand, smallest sizes |" in report.quoted(readme, text)


def test_checking_measures_nothing(capsys):
    assert measure.main(["--only", "least squares", "--contestants", "ours", "--sizes", "1", "--check"]) == 0
    assert "| least squares | m = 20, n = 10 | value + gradient |" in capsys.readouterr().out
