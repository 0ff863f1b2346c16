"""Pictures of the built book in _build/screenshots, to be looked at: make screenshots.

Each page wide and on a phone, in light and in dark, at the top and in the middle.
"""

import sys
from pathlib import Path

from browser import find_browser, launch, refuse_outside, serve, wait_until_drawn

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "_build" / "html"
FOLDER = ROOT / "_build" / "screenshots"
SIZES = {"wide": (1280, 900), "phone": (390, 844)}


def main(wanted):
    if find_browser() is None:
        sys.exit("*** No Chromium was found. Debian and Ubuntu: apt install chromium")
    if not BOOK.is_dir():
        sys.exit("*** There is no book yet; run: make book")
    FOLDER.mkdir(parents=True, exist_ok=True)
    pages = wanted or sorted(
        str(page.relative_to(BOOK).with_suffix(""))
        for page in BOOK.rglob("*.html")
        if "_static" not in page.parts and page.stem not in {"index", "genindex", "search"}
    )
    with serve(BOOK) as address, launch() as browser:
        for size, (width, height) in SIZES.items():
            for theme in ("light", "dark"):
                context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
                refuse_outside(context, address, outside=[])
                for name in pages:
                    take(context.new_page(), f"{address}/{name}.html", f"{name.replace('/', '-')}-{size}-{theme}")
                context.close()
    print(f"The pictures are in {FOLDER.relative_to(ROOT)}")


def take(page, url, name):
    page.goto(url)
    wait_until_drawn(page)
    page.screenshot(path=FOLDER / f"{name}-top.png")
    page.evaluate("window.scrollTo({top: document.body.scrollHeight / 2, behavior: 'instant'})")
    page.wait_for_timeout(200)
    page.screenshot(path=FOLDER / f"{name}-middle.png")
    page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
