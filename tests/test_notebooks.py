"""The notebooks run from top to bottom: one of them in a kernel of its own, the others in IPython here, which is the same but for the kernel."""

from __future__ import annotations

import json
import timeit
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FIRST, *NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"), key=lambda path: (path.stem != "first_steps", path))
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook(path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("IPython")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(timeit, "repeat", lambda call, **_: [timeit.timeit(call, number=1)])  # what is measured is no matter here
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell(user_ns={})
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            shell.run_cell("".join(cell["source"])).raise_error()
    shell.history_manager.end_session()


def test_a_notebook_in_its_kernel() -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(FIRST, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
