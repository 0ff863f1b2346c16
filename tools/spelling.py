"""Say which words of the course no dictionary knows, and which are not British: python tools/spelling.py

It reads what people read: pages, Markdown cells, alt texts and quizzes. The dictionary is Hunspell's American one, the only one
that comes as a package of a reasonable size; etc/words.txt adds names, terms and British spellings. A word that is
right goes there, in alphabetical order. What is American is told from the British words of that list and from
"-ize", for which the course writes "-ise".
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from hunspell import Hunspell
from notebooks import read

ROOT = Path(__file__).resolve().parent.parent
WORDS = ROOT / "etc" / "words.txt"
NO_TEXT = [
    r"(?m)^% What follows is written by python (?s:.)*",  # tables of names and numbers
    r"(?m)^ *(`{3,4})(?:bash|python|json|toml|yaml|html|css|text|markdown)\n(?s:.)*?\n *\1$",
    r"\$\$(?s:.)*?\$\$",
    r"(?m)^ *(?:`{3,}|:::).*$|^:\w[\w-]*:.*$|^\(\S+\)=$",
    r"\{(?!term)[\w:-]+\}`[^`]*`",
    r"(?<!\})`[^`\n]+`",
    r"\$[^$\n]+\$",
    r"\(eq-[\w-]+\)",  # the label of an equation
    r"\]\([^)\s]*\)",
    r"https?://\S+",
    r"<[^>\n]+>",
    r"(?<!\w)-\w+|\*\w+\*-|\w+-(?!\w)",  # a piece of a word: -tion
]
# British, and the American way to write the same sound; the list of words says to which words it applies.
AMERICAN = [
    ("our", "or"),
    ("entre", "enter"),
    ("grey", "gray"),
    ("gement", "gment"),
    ("ll", "l"),
    ("learnt", "learned"),
]
IZE = re.compile(r"[a-z]{3,}(?:i[sz]|y[sz])(?:e[ds]?|ing|ers?|ations?)", re.IGNORECASE)
NOT_IZE = {"size", "sized", "sizes", "resize", "resized", "prize", "seize", "tokenizer", "tokenizers"}


def words_of(text):
    """The words of a Markdown text that a reader sees."""
    text = re.sub(r"\{term\}`([^`<]*?)\s*(?:<[^`]*>)?`", r"\1", text)
    for pattern in NO_TEXT:
        text = re.sub(pattern, " ", text)
    text = text.replace("**", "")  # also within a word
    # What is not in Latin letters is a character that somebody draws.
    return re.findall(r"[A-Za-zÀ-ɏ]+(?:'[a-z]+)?", text.replace("’", "'"))


def texts(root):
    """Everything that people read, as pairs of a file and a text."""
    for folder in ("chapters", "solutions"):
        for path in sorted((root / folder).rglob("*.ipynb")):
            for cell in read(path).cells:
                if cell.cell_type == "markdown":
                    yield path, cell.source
                yield path, cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    for path in sorted((root / "chapters").rglob("*_quiz.json")):
        for question in json.loads(path.read_text(encoding="utf-8")):
            yield path, question["question"]
            for answer in question["answers"]:
                yield path, answer.get("answer", "")
                yield path, answer["feedback"]
    for folder in (root, root / "handouts", root / "instructor"):
        for path in sorted(folder.glob("*.md")):
            yield path, path.read_text(encoding="utf-8")


class Speller:
    """Knows the words of the dictionary and of a list."""

    def __init__(self, listed):
        self.dictionary = Hunspell("en_US")
        self.listed = set(listed)
        self.american = {
            re.sub(british, american, word): word
            for word in listed
            for british, american in AMERICAN
            if british in word and word.islower()
        }

    def fault(self, word):
        """What is wrong with a word, or None."""
        word = word.removesuffix("'s")
        lower = word.lower()
        if {word, lower} & self.listed:
            return None
        if lower in self.american:
            return f"American; write {self.american[lower]}"
        if IZE.fullmatch(lower) and re.search("[iy]z", lower) and lower not in NOT_IZE:
            return "American; write " + re.sub("([iy])z", r"\1s", lower)
        return None if self._known(word) else "unknown; mend it, or add it to etc/words.txt"

    def _known(self, word):
        # The dictionary's own alphabet is Latin-1.
        try:
            word.encode("latin-1")
        except UnicodeEncodeError:
            return False
        return self.dictionary.spell(word)


def main():
    speller = Speller(WORDS.read_text(encoding="utf-8").split())
    found = defaultdict(set)
    for path, text in texts(ROOT):
        for word in words_of(text):
            if fault := speller.fault(word):
                found[word, fault].add(str(path.relative_to(ROOT)))
    for (word, fault), places in sorted(found.items()):
        print(f"{word}: {fault} ({', '.join(sorted(places))})")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
