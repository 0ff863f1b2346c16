"""A browser on the built book, for the tests and for screenshots.

The book is served from this machine and the browser is the system's own: nothing is downloaded,
and every request that leaves the machine is refused and counted.
"""

import contextlib
import functools
import http.server
import shutil
import threading
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
# The last three keep the browser from calling its maker at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 900_000  # milliseconds, for what has to come on a machine that is busy
# The theme logs these whenever a page opens; anything else on the console is a fault.
HARMLESS = ("[PST]:", "[togglebutton]:")


def find_browser():
    """The path of an installed Chromium or Chrome, or None."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or (MAC_CHROME if Path(MAC_CHROME).exists() else None)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serve(folder):
    """Serve a folder from this machine; gives its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def launch():
    """Start the browser; gives Playwright's handle of it."""
    # Imported here, so that finding out whether there is a browser costs nothing.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def refuse_outside(context, address, outside):
    """Refuse every request that doesn't go to `address`, and add it to the list `outside`."""

    def route(route):
        url = route.request.url
        if url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(url)
            route.abort()

    context.route("**/*", route)


def wait_until_drawn(page):
    """Wait for the formulas and the fonts of a page."""
    page.wait_for_load_state("load")
    if page.locator(".math").count():
        page.wait_for_function("() => window.MathJax && MathJax.startup && MathJax.startup.promise")
        page.evaluate("() => MathJax.startup.promise.then(() => null)")
    page.evaluate("() => document.fonts.ready.then(() => null)")


@contextlib.contextmanager
def reader(browser, site):
    """Gives a function that opens pages; at the end, none may have asked the network or complained."""
    outside, complaints = [], []
    with contextlib.ExitStack() as stack:

        def open_page(name, width=1280, height=900):
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
            stack.callback(context.close)
            refuse_outside(context, site, outside)
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{site}/{name}")
            wait_until_drawn(page)
            return page

        yield open_page
    assert outside == [], "the page asked for something outside the book"
    assert [text for text in complaints if not text.startswith(HARMLESS)] == [], "the browser's console"
