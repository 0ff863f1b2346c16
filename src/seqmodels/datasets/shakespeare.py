"""Plays and poems of William Shakespeare, a whole work at a time."""

import tensorflow_datasets as tfds

from seqmodels._packages import package_file
from seqmodels.datasets._builder import CourseBuilder

_DESCRIPTION = """
The text of 42 works, five million characters of ASCII, in modern spelling, from Project Gutenberg. One example is
one work. The line with the title and the line "by William Shakespeare" are left out, since the title is a feature;
lists of characters, names of speakers and stage directions are part of the text.

Whole works go to one split, so that a test measures what a model has learnt of the language and not which names it
remembers: a play's characters speak on every page of it. Each of the two small splits has one comedy, one history,
one tragedy and one poem, none of which shares its characters with another work or its lines with another poem (the
plays on Henry IV, Henry V, Henry VI and Richard III do; The Passionate Pilgrim repeats two sonnets and songs from
Love's Labour's Lost). As works differ in length, the splits have 83 %, 8 % and 9 % of the characters.

Genres are those of the First Folio of 1623; Pericles, which is not in it, counts as a comedy.

Known faults: Cymbeline lacks its third and fourth acts, Venus and Adonis and The Two Noble Kinsmen are missing,
parts of several works (Henry VI, Henry VIII, Pericles, The Passionate Pilgrim) are by other authors, and editors'
marks such as "@@@@" stand in two places of Love's Labour's Lost. How speakers' names are written differs from work
to work.
"""

_CITATION = """
@misc{openshakespeare,
  title = {Open Shakespeare: A Full Open Set of {Shakespeare}'s Works},
  author = {{Open Knowledge Foundation}},
  howpublished = {\\url{http://www.openshakespeare.org/}},
  note = {Texts from Project Gutenberg},
  year = {2008}
}
"""

_BYLINE = "by William Shakespeare\n"

# Name of the file without "_gut.txt" -> title, genre.
WORKS = {
    "alls_well_that_ends_well": ("All's Well That Ends Well", "comedy"),
    "antony_and_cleopatra": ("Antony and Cleopatra", "tragedy"),
    "as_you_like_it": ("As You Like It", "comedy"),
    "comedy_of_errors": ("The Comedy of Errors", "comedy"),
    "coriolanus": ("Coriolanus", "tragedy"),
    "cymbeline": ("Cymbeline", "tragedy"),
    "hamlet": ("Hamlet", "tragedy"),
    "henry_iv_part_1": ("Henry IV, Part 1", "history"),
    "henry_iv_part_2": ("Henry IV, Part 2", "history"),
    "henry_v": ("Henry V", "history"),
    "henry_vi_part_1": ("Henry VI, Part 1", "history"),
    "henry_vi_part_2": ("Henry VI, Part 2", "history"),
    "henry_vi_part_3": ("Henry VI, Part 3", "history"),
    "henry_viii": ("Henry VIII", "history"),
    "john": ("King John", "history"),
    "julius_caesar": ("Julius Caesar", "tragedy"),
    "lear": ("King Lear", "tragedy"),
    "lovers_complaint": ("A Lover's Complaint", "poetry"),
    "loves_labours_lost": ("Love's Labour's Lost", "comedy"),
    "macbeth": ("Macbeth", "tragedy"),
    "measure_for_measure": ("Measure for Measure", "comedy"),
    "merchant_of_venice": ("The Merchant of Venice", "comedy"),
    "merry_wives_of_windsor": ("The Merry Wives of Windsor", "comedy"),
    "midsummer_nights_dream": ("A Midsummer Night's Dream", "comedy"),
    "much_ado_about_nothing": ("Much Ado About Nothing", "comedy"),
    "othello": ("Othello", "tragedy"),
    "passionate_pilgrim": ("The Passionate Pilgrim", "poetry"),
    "pericles": ("Pericles", "comedy"),
    "phoenix_and_the_turtle": ("The Phoenix and the Turtle", "poetry"),
    "rape_of_lucrece": ("The Rape of Lucrece", "poetry"),
    "richard_ii": ("Richard II", "history"),
    "richard_iii": ("Richard III", "history"),
    "romeo_and_juliet": ("Romeo and Juliet", "tragedy"),
    "sonnets": ("The Sonnets", "poetry"),
    "taming_of_the_shrew": ("The Taming of the Shrew", "comedy"),
    "tempest": ("The Tempest", "comedy"),
    "timon_of_athens": ("Timon of Athens", "tragedy"),
    "tragedy_of_titus_andronicus": ("Titus Andronicus", "tragedy"),
    "troilus_and_cressida": ("Troilus and Cressida", "tragedy"),
    "twelfth_night": ("Twelfth Night", "comedy"),
    "two_gentlemen_of_verona": ("The Two Gentlemen of Verona", "comedy"),
    "winters_tale": ("The Winter's Tale", "comedy"),
}

VALIDATION = ("as_you_like_it", "henry_viii", "macbeth", "lovers_complaint")
TEST = ("twelfth_night", "john", "othello", "rape_of_lucrece")


class Shakespeare(CourseBuilder):
    """The works of Shakespeare, one example a work."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "title": tfds.features.Text(doc="The title in modern form."),
                    "text": tfds.features.Text(doc="The work, without its title."),
                    "genre": tfds.features.ClassLabel(
                        names=["comedy", "history", "tragedy", "poetry"], doc="The genre after the First Folio."
                    ),
                }
            ),
            homepage="http://www.openshakespeare.org/",
            citation=_CITATION,
            license="Public domain",
            disable_shuffling=True,  # in order of the titles: a text cut from it is the same everywhere
        )

    def _split_generators(self, dl_manager):
        train = [name for name in WORKS if name not in VALIDATION + TEST]
        return {
            "train": self._generate_examples(train),
            "validation": self._generate_examples(VALIDATION),
            "test": self._generate_examples(TEST),
        }

    def _generate_examples(self, names):
        for number, name in enumerate(names):
            path = package_file("shakespeare", f"shksprdata/texts/{name}_gut.txt")
            _, byline, text = path.read_text(encoding="ascii").partition(_BYLINE)
            if not byline:
                raise ValueError(f"{path} has no line {_BYLINE.strip()!r}, after which the work begins")
            title, genre = WORKS[name]
            yield number, {"title": title, "text": text.strip() + "\n", "genre": genre}
