"""The page in a browser, and its bridge without one.

The browser's part is skipped, with a line, where there is no Playwright, no Chromium or no build: `make page` builds it.
MATCALC_PAGE is the folder of the build, MATCALC_CHROMIUM the browser.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import pytest

from pages import PAGE, of_page

DIST = Path(os.environ.get("MATCALC_PAGE", PAGE / "dist"))
SLOW = 60_000  # ms that the engine may take to start
SIZE = {"width": 1280, "height": 800}


# --- the bridge --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ask() -> Any:
    found = of_page("bridge").ask
    return lambda do, f="", **more: json.loads(found(json.dumps({"do": do, "f": f, **more})))


def test_an_answer_says_how_it_was_read(ask: Any) -> None:
    said = ask("answer", "norm(A*x - b)^2", by="x", where="A: (m, n)")
    assert plain(said["answers"][0]["latex"]) == r"2 A^{\top} (A x - b)"
    assert [(s["name"], s["kind"], s["shape"], s["declared"]) for s in said["symbols"]] == [
        ("A", "matrix", "m, n", True),
        ("x", "vector", "n", False),
        ("b", "vector", "m", False),
    ]


# formula ; variable ; declarations ; box ; what is selected there
ERRORS = [
    ("x + x * * y", "x", "", "f", "*"),
    ("norm(A*x)^2", "x, q", "", "by", "q"),
    ("norm(A*x)^2", "x", "A: (m, n) foo", "where", "foo"),
    ("𝐱'*A*x + )", "x", "", "f", ")"),
    ("A*x", "x", "", "f", "A*x"),
]


@pytest.mark.parametrize(("f", "by", "where", "box", "selected"), ERRORS)
def test_an_error_has_its_box_and_place(ask: Any, f: str, by: str, where: str, box: str, selected: str) -> None:
    said = ask("answer", f, by=by, where=where)
    error = said["error"]
    text = {"f": f, "by": by, "where": where}[box].encode("utf-16-le")
    assert error["box"] == box and text[2 * error["start"] : 2 * error["end"]].decode("utf-16-le") == selected
    assert "^" in error["excerpt"] and "answers" not in said


def test_a_gradient_of_no_scalar_offers_the_jacobian(ask: Any) -> None:
    assert ask("answer", "A*x", by="x")["offer"] == "jacobian"
    assert "offer" not in ask("answer", "A*x + *", by="x")


def test_an_error_of_a_function_has_its_row(ask: Any) -> None:
    assert ask("answer", "trace(x)", by="x", where="x: (n)")["error"]["name"] == "tr"
    assert ask("answer", "x + * y", by="x")["error"]["name"] == ""


# formula ; variable ; declarations ; what is asked ; answer ; notes begin with
AFTER = [
    ("norm(A*x - b)^2 + λ*norm(x)^2", "x", "λ: scalar positive", "solve", "inv(A'*A + λ*I)*A'*b", "minimum, global"),
    ("norm(X - A)^2", "X", "X: (n, n) symmetric", "solve", "(A + A')/2", "minimum, global"),
    ("logsumexp(A*x)", "x", "", "curvature", "convex", ""),
    ("x'*A*x", "x", "", "curvature", "neither; convex where A + Aᵀ is psd", "not con"),
]


@pytest.mark.parametrize(("f", "by", "where", "d", "text", "noted"), AFTER)
def test_what_comes_after_the_gradient(ask: Any, f: str, by: str, where: str, d: str, text: str, noted: str) -> None:
    said = ask("answer", f, by=by, where=where, d=d)
    assert said["answers"][0]["text"] == text and (not noted or said["notes"][0].startswith(noted))
    assert "derivations" in ask("steps", f, by=by, where=where, d=d) and "programs" in ask("programs", f, by=by, where=where, d=d)
    if d == "solve":
        assert ask("check", f, by=by, where=where, d=d, claim=text)["verdict"] == "right"


# claim ; how the verdict begins
VERDICTS = [
    ("2*A'*(A*x - b)", r"right$"),
    ("3*A'*(A*x - b)", r"off by the factor 2/3.*; at A = .*, x = .* the claim is"),
    ("A*x", r"wrong in shape"),
]


@pytest.mark.parametrize(("claim", "verdict"), VERDICTS)
def test_a_verdict_is_a_line(ask: Any, claim: str, verdict: str) -> None:
    assert re.match(verdict, ask("check", "norm(A*x - b)^2", by="x", where="A: (m, n)", claim=claim)["verdict"])


def test_a_claim_right_in_some_sense_is_right_and_a_comma(ask: Any) -> None:
    said = ask("check", "tr(A*S)", by="S", where="A: (n, n); S: (n, n) symmetric", claim="A'")
    assert said["ok"] and said["verdict"] == "right, up to symmetry"


def test_a_defect_is_said_and_not_raised(ask: Any) -> None:
    assert "KeyError" in ask("nothing")["defect"]


# declarations ; edit ; declarations after it
EDITS = [
    ("", {"name": "λ", "kind": "matrix"}, "λ: matrix"),
    ("A: (m, n); x, y: (n)", {"name": "x", "kind": "vector", "shape": "(k)"}, "A: (m, n); x: (k); y: (n)"),
    ("S: (n, n)", {"name": "S", "kind": "matrix", "shape": "n, n", "properties": ["spd"]}, "S: (n, n) spd"),
    ("S = S'; c: scalar", {"name": "S", "kind": "matrix", "shape": "3, 3"}, "S: (3, 3); c: scalar"),
    ("x_i: (d), i = 1..n", {"name": "y", "kind": "scalar"}, "x_i: (d), i = 1..n; y: scalar"),
    ("c: scalar positive", {"name": "c", "kind": "elementwise", "properties": ["positive"]}, "c: elementwise"),
]


@pytest.mark.parametrize(("where", "edit", "after"), EDITS)
def test_an_edit_of_the_table_rewrites_one_declaration(ask: Any, where: str, edit: dict[str, Any], after: str) -> None:
    assert ask("declare", where=where, **edit)["where"] == after


@pytest.mark.parametrize("kind", ["matrix", "vector", "scalar"])
def test_a_kind_without_a_size_is_read(ask: Any, kind: str) -> None:
    formula = {"matrix": "tr(A*λ)", "vector": "a'*λ", "scalar": "λ*norm(x)^2"}[kind]
    said = ask("answer", formula, by="λ", where=f"λ: {kind}")
    (row,) = (s for s in said["symbols"] if s["name"] == "λ")
    assert row["kind"] == kind and row["declared"] and said["answers"]


def test_every_example_is_answered(ask: Any) -> None:
    examples = json.loads((PAGE / "examples.json").read_text("utf-8"))
    assert len(examples) >= 12
    for example in examples:
        said = ask("answer", **{k: v for k, v in example.items() if k != "name"})
        assert said.get("answers"), (example, said)


def test_the_lock_names_no_host() -> None:
    lock = json.loads((PAGE / "package-lock.json").read_text("utf-8"))
    hosts = {p["resolved"].split("/")[2] for p in lock["packages"].values() if "resolved" in p}
    assert hosts <= {"registry.npmjs.org"}


# --- in a browser --------------------------------------------------------------------------------------------------------


def plain(latex: str) -> str:
    """LaTeX without what only says how large a parenthesis is."""
    return re.sub(r"\\(left|right|[bB]ig+[lr]?)(?![A-Za-z])", "", latex)


class Quiet(SimpleHTTPRequestHandler):
    extensions_map: ClassVar[dict[str, str]] = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if not (DIST / "index.html").exists():
        pytest.skip("no build of the page: `make page` makes it")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(DIST))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright: the page is not driven")
    chromium = os.environ.get("MATCALC_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("no Chromium: the page is not driven")
    with playwright.sync_playwright() as p:
        found = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context(viewport=SIZE)
    made.grant_permissions(["clipboard-read", "clipboard-write"])
    yield made
    made.close()


class Driven:
    """A page and what went wrong on it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.wrong: list[str] = []
        page.set_default_timeout(SLOW)
        page.on("console", lambda m: self.wrong.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.wrong.append(str(e)))
        page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else self.wrong.append(r.url))

    def open(self, fragment: str = "") -> Driven:
        """Goes to the question of a fragment, without starting the engine again where the page is open already."""
        if self.page.url.startswith(self.address):
            self.page.evaluate("document.getElementById('answer').setAttribute('aria-busy', 'true')")  # until it is answered
        self.page.goto(self.address + fragment)
        return self

    def visit(self, fragment: str = "") -> Driven:
        """The page as it comes to someone who was elsewhere."""
        self.page.goto("about:blank")
        return self.open(fragment)

    def get(self, role: str, name: str) -> Any:
        return self.page.get_by_role(role, name=name, exact=True)

    def settled(self) -> Driven:
        from playwright.sync_api import expect

        expect(self.get("region", "Answer")).to_have_attribute("aria-busy", "false", timeout=SLOW)
        return self

    def latex(self, role: str = "region", name: str = "Answer") -> list[str]:
        return [plain(found) for found in self.get(role, name).locator("annotation").all_text_contents()]


@pytest.fixture(scope="module")
def shown(context: Any, address: str) -> Driven:
    """One page for all questions: to start the engine takes longer than to answer them."""
    return Driven(context.new_page(), address)


@pytest.fixture
def driven(shown: Driven) -> Iterator[Driven]:
    shown.wrong.clear()
    shown.page.set_viewport_size(SIZE)
    yield shown
    assert not shown.wrong


def expects(locator: Any) -> Any:
    from playwright.sync_api import expect

    return expect(locator)


def test_it_opens_with_the_flagship(driven: Driven) -> None:
    d = driven.open().settled()
    assert d.get("textbox", "Formula").input_value() == "‖g(X·W) − Y‖²_F"
    expects(d.get("textbox", "Formula")).to_be_focused()
    assert d.latex() == [r"\frac{\partial f}{\partial W} = 2 X^{\top} ((g(X W) - Y) \odot g'(X W))"]
    assert d.latex("group", "Read as") == [r"\|g(X W) - Y\|_{F}^{2}"]
    expects(d.get("list", "Derivation").get_by_role("listitem")).to_have_count(4)
    assert d.page.locator("h1").count() == 1
    for name in ("NumPy", "JAX", "PyTorch", "Julia", "MATLAB", "SymPy"):
        d.get("tab", name).click()
        expects(d.page.get_by_role("tabpanel")).to_contain_text(
            {"SymPy": "import sympy", "Julia": "function grad", "MATLAB": "function result"}.get(name, "def grad")
        )


def test_typing_answers_live(driven: Driven) -> None:
    d = driven.open("#f=a'*x").settled()
    d.get("textbox", "With respect to").fill("x")
    box = d.get("textbox", "Formula")
    box.fill("")
    box.press_sequentially("x'*A*x", delay=20)
    expects(d.get("region", "Answer")).to_have_attribute("aria-busy", "true", timeout=50)
    d.settled()
    assert d.latex() == [r"\frac{\partial f}{\partial x} = (A + A^{\top}) x"]
    assert "f=x'*A*x&by=x" in d.page.url.replace("%27", "'").replace("%2A", "*")
    expects(d.get("status", "Status")).to_contain_text("answered in")
    box.fill("")
    expects(d.get("region", "Answer")).to_have_attribute("aria-busy", "false")
    assert d.latex() == [] and not d.get("alert", "Error").is_visible()


def test_the_table_and_the_declarations_are_one_state(driven: Driven) -> None:
    d = driven.open("#f=tr(A*S)&by=S").settled()
    expects(d.page.locator("tr", has=d.get("rowheader", "S"))).to_contain_text("inferred")
    d.get("button", "Properties of S").click()
    d.get("checkbox", "symmetric").check()
    expects(d.get("textbox", "Declarations")).to_have_value("S: matrix symmetric")
    d.settled()
    assert d.latex() == [r"\frac{\partial f}{\partial S} = \frac{1}{2} (A + A^{\top})"]
    expects(d.page.locator("tr", has=d.get("rowheader", "S"))).to_contain_text("declared")
    expects(d.get("button", "Properties of S")).to_have_text("symmetric")
    shape = d.get("textbox", "Shape of S")
    shape.fill("(k, k)")
    shape.press("Enter")
    expects(d.get("textbox", "Declarations")).to_have_value("S: (k, k) symmetric")
    d.get("textbox", "Declarations").fill("S: (k, k) diagonal; A: (k, k)")
    d.settled()
    expects(d.get("button", "Properties of S")).to_have_text("diagonal")
    d.get("combobox", "Kind of S").select_option("scalar")
    expects(d.get("textbox", "Declarations")).to_have_value("S: scalar; A: (k, k)")


def test_a_kind_is_chosen_in_the_table(driven: Driven) -> None:
    d = driven.open("#" + "f=" + quote("norm(A*x - λ)^2") + "&by=x").settled()
    d.get("combobox", "Kind of λ").select_option("vector")
    expects(d.get("textbox", "Declarations")).to_have_value("λ: vector")
    d.settled()
    assert "λ: vector" in d.get("textbox", "Declarations").input_value()


def test_copies_are_of_the_answer_alone(driven: Driven) -> None:
    d = driven.open("#f=norm(X-D*R)^2&by=D,R").settled()
    for name, wanted in (("LaTeX", r"-2 (X - D R) R^{\top}"), ("text", "-2*(X - D*R)*R'")):
        d.get("button", f"Copy {name} by D").click()
        expects(d.get("button", f"Copy {name} by D")).to_have_class("done")
        assert plain(d.page.evaluate("navigator.clipboard.readText()")) == wanted
    d.get("button", "Copy SymPy by R").click()
    expects(d.get("button", "Copy SymPy by R")).to_have_class("done")
    scope: dict[str, Any] = {}
    exec(d.page.evaluate("navigator.clipboard.readText()"), scope)
    assert str(scope["grad_R"]) == "(-2)*D.T*(-D*R + X)" or scope["grad_R"].shape == scope["R"].shape
    expects(d.get("group", "Derivative by D")).to_be_visible()
    expects(d.get("region", "Differential by R")).to_be_visible()
    expects(d.get("list", "Derivation by R")).to_be_visible()


def test_latex_is_read_by_itself(driven: Driven) -> None:
    d = driven.open("#f=" + quote(r"\min_w \frac12 \lVert Xw - y\rVert_2^2", safe="")).settled()
    assert d.latex() == [r"\frac{\partial f}{\partial w} = X^{\top} (X w - y)"]


def test_an_error_waits_for_rest_and_shows_its_place(driven: Driven) -> None:
    d = driven.open("#f=x&by=x").settled()
    box = d.get("textbox", "Formula")
    box.fill("norm(A*x - b")
    assert not d.get("alert", "Error").is_visible()
    expects(d.get("alert", "Error")).to_contain_text("missing `)`")
    assert d.latex() == [] and "^" in d.get("alert", "Error").locator("pre").inner_text()
    expects(box).to_have_attribute("aria-invalid", "true")
    box.fill("x + x * * y")
    box.press("Enter")
    expects(d.get("alert", "Error")).to_contain_text("expected an operand")
    d.get("button", "Show the place").click()
    expects(box).to_be_focused()
    assert box.evaluate("b => b.value.slice(b.selectionStart, b.selectionEnd)") == "*"
    box.fill("A*x")
    d.get("button", "Jacobian").click()
    d.settled()
    assert d.latex() == [r"\frac{\partial y}{\partial x^{\top}} = A"]
    assert not d.get("alert", "Error").is_visible() and box.get_attribute("aria-invalid") is None


def test_solve_and_curvature_answer_in_the_browser(driven: Driven) -> None:
    d = driven.open("#d=solve&by=x&f=" + quote("norm(A*x - b)^2 + λ*norm(x)^2") + "&where=" + quote("λ: scalar positive")).settled()
    assert d.latex("group", "Solution by x") == [r"x = (A^{\top} A + \lambda I)^{-1} A^{\top} b"]
    expects(d.get("list", "Notes")).to_contain_text("minimum, global")
    d.get("radio", "Curvature").click()
    d.settled()
    assert "convex" in d.latex("group", "Curvature by x")[0]
    d.get("textbox", "Formula").fill("norm(A*x - b)")
    d.settled()
    expects(d.get("list", "Derivation")).to_contain_text("Cauchy–Schwarz")  # with words that have formulas in them
    d.get("textbox", "Formula").fill("x'*A*x")
    d.get("textbox", "Declarations").fill("")
    d.settled()
    assert "neither" in d.latex()[0]
    expects(d.get("list", "Notes")).to_contain_text("not concave")


def test_a_claim_is_judged(driven: Driven) -> None:
    d = driven.open("#f=norm(A*x-b)^2&by=x").settled()
    claim = d.get("textbox", "Your own answer")
    claim.fill("3*A'*(A*x-b)")
    claim.press("Enter")
    expects(d.get("status", "Verdict")).to_contain_text("off by the factor 2/3", timeout=SLOW)
    expects(d.get("status", "Verdict")).to_contain_text("at A = ")
    claim.fill("2*A'*(A*x-b)")
    d.get("button", "Check").click()
    expects(d.get("status", "Verdict")).to_have_text("right")
    claim.fill("2*A'*(A*x-")
    d.get("button", "Check").click()
    expects(d.get("status", "Verdict")).to_contain_text("missing `)`")


def test_a_link_is_the_question(driven: Driven) -> None:
    d = driven.open("#f=tr(X'*A*X)&by=X&d=hessian&where=A:%20(n,%20n)%20symmetric&nonsense=1&claim=x").settled()
    expects(d.get("radio", "Hessian")).to_be_checked()
    assert d.get("textbox", "Declarations").input_value() == "A: (n, n) symmetric"
    assert "otimes" in d.latex()[0]
    d.get("textbox", "Your own answer").fill("a+b & 100%#")
    d.get("button", "Copy link").click()
    expects(d.get("button", "Copy link")).to_have_class("done")
    link = d.page.evaluate("navigator.clipboard.readText()")
    other = d.page.context.new_page()
    other.goto(link)
    assert other.get_by_role("textbox", name="Your own answer", exact=True).input_value() == "a+b & 100%#"
    assert other.get_by_role("radio", name="Hessian", exact=True).is_checked()
    other.close()


HOSTILE = [
    "#f=%",
    "#f=%E0%A4%A&by=%",
    "#&&&=&f",
    "#f=<img src=x onerror=alert(1)>&by=x",
    "#d=zzz&f=x'*x&by=x",
    "#f=" + "(" * 3000,
    "#__proto__=1&f=a",
    "#f=%00&by=%F0%9F",
    "#f=norm(W_αβ*x - Δθ)^2&by=x",
]


@pytest.mark.parametrize("fragment", HOSTILE)
def test_no_fragment_breaks_it(driven: Driven, fragment: str) -> None:
    d = driven.open(fragment).settled()
    assert d.page.locator("img").count() == 0
    d.get("textbox", "Formula").fill("a'*x")
    d.get("textbox", "With respect to").fill("x")
    d.settled()
    assert d.latex() == [r"\frac{\partial f}{\partial x} = a"]


def test_embedded_it_is_formula_and_answer(driven: Driven) -> None:
    d = driven.visit("#f=a'*x&by=x&embed=1").settled()
    assert d.get("link", "Open in matcalc").is_visible() and not d.get("region", "History").is_visible()
    assert "embed" not in d.get("link", "Open in matcalc").get_attribute("href")
    assert not d.page.locator("header").is_visible() and d.page.evaluate("document.activeElement === document.body")


def test_examples_and_history(driven: Driven) -> None:
    d = driven.open("#f=a'*x").settled()
    buttons = d.get("region", "Examples").get_by_role("button")
    assert buttons.count() >= 12
    buttons.filter(has_text="Quadratic form").click()
    d.settled()
    assert d.latex() == [r"\frac{\partial f}{\partial x} = (A + A^{\top}) x"]
    first = d.get("region", "History").get_by_role("link").first
    expects(first).to_contain_text("x'*A*x", timeout=5000)
    d.get("button", "Clear history").click()
    expects(d.get("region", "History").get_by_role("link")).to_have_count(0)


@pytest.mark.parametrize("width", [375, 320])
def test_a_phone_needs_no_sideways_scroll(driven: Driven, width: int) -> None:
    driven.page.set_viewport_size({"width": width, "height": 740})
    d = driven.open().settled()
    assert d.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    places = [
        d.page.locator(s).bounding_box()["y"]
        for s in ("#f", "#by", "#answer", "#symbols", "#claim", "#differentials", "#derivations", "#programs", "#examples")
    ]
    assert places == sorted(places)
    assert d.page.locator("#answers .katex").first.bounding_box()["y"] < 740


def test_what_can_be_pressed_is_large_enough_and_seen(driven: Driven) -> None:
    d = driven.open("#f=norm(A*x-b)^2&by=x").settled()
    small = d.page.locator("button:visible, select:visible").evaluate_all(
        "all => all.filter(b => b.getBoundingClientRect().height < 28).map(b => b.outerHTML)"
    )
    assert small == [] and d.page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0


def test_a_keyboard_is_enough(driven: Driven) -> None:
    d = driven.visit("#f=x'*A*x&by=x").settled()
    for name in ("With respect to",):
        d.page.keyboard.press("Tab")
        expects(d.get("textbox", name)).to_be_focused()
    d.page.keyboard.press("Tab")
    d.page.keyboard.press("ArrowRight")
    d.page.keyboard.press("ArrowRight")
    expects(d.get("radio", "Hessian")).to_be_checked()
    d.settled()
    assert d.latex()[0].endswith(r"= A + A^{\top}")


def test_it_works_offline_after_the_first_visit(browser: Any, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(SLOW)
    d = Driven(page, address).open().settled()
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    context.set_offline(True)
    d.open("#f=a'*x&by=x")
    page.reload()
    d.settled()
    assert d.latex() == [r"\frac{\partial f}{\partial x} = a"]
    page.goto(address + "reference.html")
    assert page.locator("h1").count() == 1
    context.close()


def test_what_cannot_be_loaded_is_said(browser: Any, address: str) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.set_default_timeout(SLOW)
    context.route("**/*.wasm", lambda route: route.fulfill(status=404, body=""))
    d = Driven(page, address).open("#f=b'*x&by=x")
    expects(d.get("status", "Status")).to_contain_text("could not be loaded", timeout=SLOW)
    context.unroute("**/*.wasm")
    d.get("button", "Try again").click()
    d.settled()
    assert d.latex() == [r"\frac{\partial f}{\partial x} = b"]
    context.close()


def test_no_answer_moves_the_page(browser: Any, address: str) -> None:
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    page.set_default_timeout(SLOW)
    page.add_init_script(
        "window.shifts = []; new PerformanceObserver(l => l.getEntries().forEach(e => e.hadRecentInput || window.shifts.push(e.value))).observe({type: 'layout-shift', buffered: true})"
    )
    d = Driven(page, address).open().settled()
    page.wait_for_timeout(500)
    assert sum(page.evaluate("window.shifts")) < 0.01
    context.close()
    assert d.wrong == []
