"""Say which terms of the glossary a chapter uses before it links to them.

    python tools/terms.py [CHAPTER...]          say it
    python tools/terms.py --link CHAPTER...     make the links; read them through afterwards

A chapter links each term of the glossary that occurs in its text, where it occurs first. In headings, bold
first words, code, formulas, tables, quotations, other links and solutions a link would be in the way, so these don't
count.
"""

import argparse
import re
import sys
from pathlib import Path

from notebooks import canonical, read, write

ROOT = Path(__file__).resolve().parent.parent
BETWEEN_CELLS = "\n\n\0\n\n"
NO_TEXT = [
    r"\$\$(?s:.)*?\$\$",
    r"```\{solution-start\}(?s:.)*?```\{solution-end\}\n```",
    r"```\{solution\}(?s:.)*?\n```",
    r"^(?:```|:::|:\w+:|#|\||\(\S+\)=).*$",
    r"^\*\*[^*\n]+\*\*",
    r"\{(?!term)\w+(?::\w+)?\}`[^`]*`",
    r"(?<!\})`[^`\n]+`",
    r"\$[^$\n]+\$",
    r"\[[^\]\n]*\]\([^)\s]*\)",
    r"\"[^\"\n]*\"",
    r"\([^()\n]*\b(?:units|features)\)",  # a shape
    # Words of the glossary that mean something else here.
    r"\b(?:plain|state|hidden) units\b",  # neurons, or cells
    r"\borange cells\b",  # of a picture
    r"\bsoft window\b",  # of attention
]
LINK = r"\{term\}`(?:[^`<]*<)?(?P<linked>[^`<>]+)>?`"
PLURALS = {"y": "ies", "s": "ses", "x": "xes", "ch": "ches"}


def terms(glossary):
    """The forms in which each term of the glossary may stand in a text: its name, what is short for it, plurals."""
    forms = {}
    body = re.search(r"```\{glossary\}\n(.*?)\n```", glossary, re.DOTALL)[1]
    for entry in body.split("\n\n"):
        name = entry.partition("\n")[0]
        for form in (name.lower(), *re.findall(r"Short:\s+(\w+)\.", entry.lower(), re.IGNORECASE)):
            forms[form] = forms[plural(form)] = name
    return forms


def plural(form):
    ending = next((ending for ending in PLURALS if form.endswith(ending)), "")
    return form.removesuffix(ending) + PLURALS.get(ending, "s")


def markdown(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def text_of(path):
    return BETWEEN_CELLS.join(cell.source for cell in markdown(read(path)))


def unlinked(text, forms):
    """The first place of each term that occurs before its first link, or without one, as {name: match}."""
    longest_first = sorted(forms, key=len, reverse=True)
    plain = "|".join(re.escape(form) for form in longest_first)
    pattern = rf"{'|'.join(NO_TEXT)}|{LINK}|(?<![\w-])(?P<plain>{plain})(?![\w-])"
    first = {}
    for match in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE):
        form = (match["linked"] or match["plain"] or "").lower()
        if form:
            first.setdefault(forms.get(form, form), match)
    return {name: match for name, match in first.items() if match["plain"]}


def link(path, forms):
    """Make a link of each first place that has none."""
    notebook, text = read(path), text_of(path)
    # From the end, so that the places before stay what they are.
    for name, match in sorted(unlinked(text, forms).items(), key=lambda item: -item[1].start()):
        word = match["plain"]
        target = word if word.lower() == name.lower() else f"{word} <{name.lower()}>"
        text = f"{text[: match.start()]}{{term}}`{target}`{text[match.end() :]}"
    for cell, source in zip(markdown(notebook), text.split(BETWEEN_CELLS), strict=True):
        cell.source = source
    write(canonical(notebook), path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--link", action="store_true", help="make the links that are missing")
    parser.add_argument("chapters", nargs="*", type=Path, metavar="CHAPTER")
    options = parser.parse_args(arguments)
    forms = terms((ROOT / "glossary.md").read_text(encoding="utf-8"))
    found = False
    for path in options.chapters or sorted((ROOT / "chapters").rglob("*.ipynb")):
        if options.link:
            link(path, forms)
        text = text_of(path)
        for name, match in unlinked(text, forms).items():
            around = " ".join(text[max(0, match.start() - 50) : match.end() + 30].split())
            print(f"{path}: {name} is not linked to the glossary in: ... {around} ...")
            found = True
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
