"""Say where mistakes.md and the chapters differ: python tools/mistakes.py

A chapter shows a mistake in a paragraph that has bold words in a section "Common mistakes", or in one anywhere that
begins with "Common mistake:" or "The tempting wrong answer", or under a heading "Common mistake: ...". A label stands
above it. mistakes.md has an entry for each, which leads to that label and says what one sees, why, and what to do:

    [No mask](#lstm-no-mask)
    : *Symptom:* ... *Cause:* ... *Cure:* ...

Entries may lead to other labels of the chapter as well.
"""

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml
from book import toc_files
from notebooks import read

ROOT = Path(__file__).resolve().parent.parent
PAGE = "mistakes.md"
BOLD = re.compile(r"(?:^|(?<=[.!?] ))\*\*(.+?)\*\*")  # at the beginning, or where a sentence has ended
FORM = re.compile(r"\*Symptom:\* .+?\. \*Cause:\* .+?\. \*Cure:\* .+?\.", re.DOTALL)


@dataclass(frozen=True)
class Chapter:
    """What a chapter has of mistakes: its title, its labels, and name and label of each mistake, or None."""

    title: str
    labels: tuple[str, ...]
    mistakes: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Section:
    """The entries of one chapter in mistakes.md: name, label and text of each."""

    heading: str
    chapter: str
    entries: tuple[tuple[str, str, str], ...]


def chapter(path):
    """Read the mistakes that a notebook shows."""
    text = "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    text = re.sub(r"^(\(\S+\)=|#+ .*)$", r"\n\1\n", text, flags=re.MULTILINE)
    titles, labels, found = [], [], []
    section = label = None
    for paragraph in filter(None, map(str.strip, text.split("\n\n"))):
        if match := re.fullmatch(r"\((\S+)\)=", paragraph):
            label = match[1]
            labels.append(label)
            continue
        if match := re.fullmatch(r"#+ (.*)", paragraph):
            section = match[1]
            titles.append(section)
            names = [section] if section.startswith("Common mistake: ") else []
        else:
            names = [name for name in BOLD.findall(paragraph) if _is_mistake(name, section)]
        found += [(name, label) for name in names]
        label = None
    return Chapter(titles[0], tuple(labels), tuple(found))


def _is_mistake(name, section):
    return section == "Common mistakes" or name.startswith(("Common mistake: ", "The tempting wrong answer"))


def sections(page):
    """Read mistakes.md."""
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)[1:]
    return [
        Section(
            heading,
            (re.search(r"\]\(/(\S+?)\.ipynb\)", text) or ("", ""))[1],
            tuple(re.findall(r"^\[(.+)\]\(#(\S+)\)\n: (.*)$", text, flags=re.MULTILINE)),
        )
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    ]


def faults(root):
    """What is wrong with mistakes.md, a line each."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    chapters = {name: chapter(path) for name in toc_files(toc) if (path := root / f"{name}.ipynb").exists()}
    expected = [name for name in chapters if chapters[name].mistakes]
    written = {section.chapter: section for section in sections((root / PAGE).read_text(encoding="utf-8"))}
    if list(written) != expected:
        yield f"{PAGE} has sections on {', '.join(written)}; it should have, in this order, {', '.join(expected)}"
    for name in expected:
        section = written.get(name, Section("", name, ()))
        yield from _faults_of(name, chapters[name], section)


def _faults_of(name, shown, section):
    if section.heading != shown.title:
        yield f"{PAGE}: the heading {section.heading!r} should be the chapter's, {shown.title!r}"
    entries = Counter(label for _, label, _ in section.entries)
    for title, label in shown.mistakes:
        if label is None:
            yield f"{name}: no label stands above the mistake {title!r}; write (name-of-the-mistake)= there"
        elif entries[label] < 1:
            yield f"{PAGE}: no entry leads to #{label}, where {name} shows {title!r}"
        entries[label] -= 1
    for title, label, text in section.entries:
        if label not in shown.labels:
            yield f"{PAGE}: {title!r} leads to #{label}, which {name} does not have"
        if not FORM.fullmatch(text):
            yield f"{PAGE}: {title!r} does not have the form of the others: *Symptom:* ... *Cause:* ... *Cure:* ..."


def main():
    found = list(faults(ROOT))
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
