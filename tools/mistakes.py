"""Write mistakes.md, the index of the common mistakes that the chapters show: python tools/mistakes.py

A mistake is a paragraph that begins with bold words in a section "Common mistakes", or one anywhere that begins with
"Common mistake:" or "The tempting wrong answer", or a heading "Common mistake: ...". The page gives its name and
the first sentences about it, and leads to the nearest label above it in its section, or else to the chapter.
"""

import re
from pathlib import Path

import yaml
from book import toc_files
from notebooks import read

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "mistakes.md"
HEAD = """# Common mistakes

What goes wrong most often with sequence models, by the chapter in which it is run and explained. Most of these raise no error.
"""
SENTENCE = re.compile(r"(.+?[.!?:][\"*]*)(?:(?<!:)\s+|$)", re.DOTALL)
SHORT = 100  # characters; a sentence that says less is not left alone


def page(root):
    """The text of the page, in the order of the table of contents."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    sections = []
    for name in toc_files(toc):
        path = root / f"{name}.ipynb"
        if path.exists() and (found := mistakes(path)):
            items = [f"[{title}]({'#' + label if label else name})\n: {said}\n" for title, said, label in found]
            sections.append("\n".join([f"\n## [](/{name}.ipynb)\n", *items]))
    return HEAD + "".join(sections)


def mistakes(path):
    """The mistakes that a chapter shows: name, what is said first, and the label to lead to, or None."""
    text = "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    text = re.sub(r"^(\(\S+\)=|#+ .*)$", r"\n\1\n", text, flags=re.MULTILINE)
    found = []
    section = label = of_next = title = None
    for paragraph in filter(None, map(str.strip, text.split("\n\n"))):
        if match := re.fullmatch(r"\((\S+)\)=", paragraph):
            label = of_next = match[1]
        elif match := re.fullmatch(r"#+ (.*)", paragraph):
            section, label, of_next = match[1], of_next, None
            title = section.removeprefix("Common mistake: ") if section.startswith("Common mistake: ") else None
        else:
            of_next = None
            if title:
                found.append((title, paragraph, label))
                title = None
            found += [(*parts, label) for parts in _named(paragraph, section)]
    return [(*_line(title, text, path.parent.name), label) for title, text, label in found]


def _named(paragraph, section):
    """The name of each mistake that a paragraph begins, or goes on, to tell, and what follows the name."""
    # A bold beginning, also in the middle of the paragraph where a sentence has ended.
    pieces = re.split(r"(?:^|(?<=[.!?] ))\*\*(.+?)\*\*", paragraph)
    for title, text in zip(pieces[1::2], pieces[2::2], strict=True):
        if title.startswith("The tempting wrong answer"):
            answer = SENTENCE.match(text.strip().removeprefix("is "))
            # The answer to a question says nothing without it.
            name = f"{section} {answer[1]}" if section and section.endswith("?") else answer[1]
            yield name, text.strip().removeprefix("is ")[answer.end() :]
        elif title.startswith("Common mistake: "):
            yield title.removeprefix("Common mistake: "), text
        elif section == "Common mistakes":
            # "**A thing,** once more. What it does ..."
            yield title, SENTENCE.sub("", text, count=1) if title.endswith(",") else text


def _line(title, text, folder):
    """Name and first words, without what only makes sense in the chapter."""
    title, said = title.strip().rstrip(".,"), ""
    for sentence in SENTENCE.findall(text.strip())[:3]:
        said += f" {sentence}" if len(said) < SHORT else ""
    for pattern, replacement in (
        (r"\s*\{cite[^}]*\}`[^`]*`", ""),
        (r"\{(?:term|ref)\}`([^`<]*?)(?:\s*<[^`]*>)?`", r"\1"),
        (r"\{doc\}`(\w+)`", rf"[](/chapters/{folder}/\1.ipynb)"),
    ):
        title, said = re.sub(pattern, replacement, title), re.sub(pattern, replacement, said)
    return title[0].upper() + title[1:], re.sub(":$", ".", " ".join(said.split()))


if __name__ == "__main__":
    PAGE.write_text(page(ROOT), encoding="utf-8")
    print(f"Wrote {PAGE.name}")
