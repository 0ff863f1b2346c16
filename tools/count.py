"""Say how much there is in the book, by chapter and in all: python tools/count.py"""

import re
from collections import Counter
from pathlib import Path

from notebooks import read
from terms import terms

from seqmodels.quiz import load_quiz

ROOT = Path(__file__).resolve().parent.parent


def count(path):
    """What a chapter has. Figures are those that a reader sees; each has an alt text or the check of notebooks fails."""
    cells = read(path).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    code = [cell for cell in cells if cell.cell_type == "code"]
    quiz = path.with_name(f"{path.stem}_quiz.json")
    questions = load_quiz(quiz) if quiz.exists() else []
    figures = [cell for cell in code if any(_is_image(output) for output in cell.outputs)]
    return Counter(
        {
            "words": len(re.findall(r"\w+", text)),
            "code cells": len(code),
            "lines of code": sum(cell.source.count("\n") + 1 for cell in code),
            "figures": len(figures),
            "alt texts": sum(bool(cell.metadata.get("mystnb", {}).get("image", {}).get("alt")) for cell in figures),
            "exercises": text.count("```{exercise}"),
            "questions": len(questions),
            "answers with feedback": sum(len(question["answers"]) for question in questions),
            "citations": len(citations(text)),
            "glossary links": text.count("{term}`"),
        }
    )


def _is_image(output):
    return any(kind.startswith("image/") for kind in output.get("data", {}))


def citations(text):
    """The keys that a text cites, each as often as it does."""
    return [key.strip() for keys in re.findall(r"\{cite[^}]*\}`([^`]*)`", text) for key in keys.split(",")]


def bibliography(root):
    return re.findall(r"^@\w+\{(\w+),", (root / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)


def cited(root):
    """All keys that the chapters and the pages of the book cite."""
    keys = set()
    for path in sorted((root / "chapters").rglob("*.ipynb")):
        keys.update(key for cell in read(path).cells for key in citations(cell.source))
    for path in sorted({*root.glob("*.md"), *root.glob("handouts/*.md"), *root.glob("instructor/*.md")}):
        keys.update(citations(path.read_text(encoding="utf-8")))
    return keys


def main():
    total = Counter()
    for path in sorted((ROOT / "chapters").rglob("*.ipynb")):
        numbers = count(path)
        total += numbers
        print(f"{path.relative_to(ROOT)}\n    " + ", ".join(f"{number} {name}" for name, number in numbers.items()))
    print("in all\n    " + ", ".join(f"{number:,} {name}" for name, number in total.items()))
    glossary = terms((ROOT / "glossary.md").read_text(encoding="utf-8"))
    print(
        f"    {len(set(glossary.values()))} terms in the glossary, {len(bibliography(ROOT))} works in the bibliography"
    )


if __name__ == "__main__":
    main()
