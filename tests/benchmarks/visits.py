"""Visits of the page: seconds from navigation to the first answer, files and bytes moved, on the first visit and from the cache.

    python tests/benchmarks/visits.py page/dist

Needs Playwright and Chromium; the profile is a real one on disk, the server local and without compression.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

QUESTION = "#f=tr(A*X*B*X')&by=X"  # none of the examples, whose answers come with the page
REST = 5000  # ms in which the service worker keeps what else there is
SLOW = 90_000


class Counting(SimpleHTTPRequestHandler):
    sent: ClassVar[list[int]] = []
    extensions_map: ClassVar[dict[str, str]] = {
        **SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm",
    }  # fmt: skip

    def log_message(self, *_: Any) -> None:
        pass

    def copyfile(self, source: Any, outputfile: Any) -> None:
        content = source.read()
        self.sent.append(len(content))
        outputfile.write(content)


def main(folder: str) -> None:
    from playwright.sync_api import sync_playwright  # which not everyone has who reads this module

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=folder)) as server, sync_playwright() as p:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        with tempfile.TemporaryDirectory() as profile:
            context = p.chromium.launch_persistent_context(profile, executable_path=chromium, args=["--no-sandbox"])
            print("| visit | to the answer, s | files, MB till then | files, MB in all |\n|---|--:|--:|--:|")
            for visit in ("first", "second", "third"):
                Counting.sent.clear()
                page, begun = context.new_page(), time.perf_counter()
                page.goto(f"http://127.0.0.1:{server.server_port}/{QUESTION}", wait_until="commit")
                page.locator('[aria-busy="false"] annotation').first.wait_for(state="attached", timeout=SLOW)
                seconds, moved = time.perf_counter() - begun, _said(Counting.sent)
                page.wait_for_timeout(REST)
                print(f"| {visit} | {seconds:.2f} | {moved} | {_said(Counting.sent)} |")
                page.close()
            context.close()
        server.shutdown()


def _said(sent: list[int]) -> str:
    return f"{len(sent)}, {sum(sent) / 1e6:.1f}"


if __name__ == "__main__":
    main(sys.argv[1])
