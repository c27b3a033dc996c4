"""The wheel holds all it needs, whether it is built from a checkout or from the sdist."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def build(source: Path, out: Path, target: str) -> Path:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)], cwd=source, check=True, capture_output=True)
    return next(out.glob("*.whl" if target == "wheel" else "*.tar.gz"))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheel of the checkout, and that of its sdist."""
    pytest.importorskip("hatchling")
    tmp = tmp_path_factory.mktemp("packages")
    with tarfile.open(build(ROOT, tmp / "sdist", "sdist")) as archive:
        archive.extractall(tmp / "unpacked", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (unpacked,) = (tmp / "unpacked").iterdir()
    return [build(ROOT, tmp / "first", "wheel"), build(unpacked, tmp / "second", "wheel")]


def test_both_wheels_hold_the_same(wheels: list[Path]) -> None:
    contents = [sorted(n for n in zipfile.ZipFile(w).namelist()) for w in wheels]
    assert contents[0] == contents[1]
    assert len(set(contents[0])) == len(contents[0])
    assert {"matcalc/py.typed", "matcalc/grammar/matcalc.lark", "matcalc/cli.py"} <= set(contents[0])
    assert not [n for n in contents[0] if n.startswith(("tests/", "grammar/"))]


def test_the_wheel_works_in_an_empty_directory(wheels: list[Path], tmp_path: Path) -> None:
    zipfile.ZipFile(wheels[1]).extractall(tmp_path / "site")
    (tmp_path / "empty").mkdir()
    code = "import matcalc; from matcalc.cli import main; print(matcalc.__file__); main(['grad', 'tr(G)', '--wrt', 'G', '--to', 'text'])"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "empty", env=environment, capture_output=True, text=True)
    where, answer = done.stdout.splitlines()
    assert str(tmp_path) in where
    assert answer == "eye(n)"
