"""``nbgrader zip_collect`` on what learning platforms give, with names as people have them and slips as they make them."""

import io
import tarfile
import unicodedata
import zipfile
from pathlib import Path

import nbformat
import pytest

from seqmodels.grading.collect import choose, handed_in
from tests.grading import submissions, tiny
from tests.grading.course import Course
from tools.release import release

NAME = tiny.NAME
NOTEBOOK = f"{NAME}.ipynb"
# Forms of the same accent: as most systems write it, and as macOS does.
JOSE = "José Peña-O'Neill"
JOSE_ON_MACOS = unicodedata.normalize("NFD", JOSE)


def zipped(files):
    """The bytes of a zip archive of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return stream.getvalue()


def tarred(files):
    """The bytes of a compressed tar archive of these files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as out:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def as_macos_writes_it(archive):
    """The same archive without the mark that says that names are in UTF-8."""
    utf8 = 0x800
    data = bytearray(archive)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(signature)
        while start >= 0:
            flags = int.from_bytes(data[start + offset : start + offset + 2], "little") & ~utf8
            data[start + offset : start + offset + 2] = flags.to_bytes(2, "little")
            start = data.find(signature, start + 4)
    return bytes(data)


class Class:
    """A course whose teacher has downloaded files; each student's notebook says whose it is."""

    def __init__(self, folder):
        self.course = Course(folder)
        tiny.write(self.course.folder)
        release(NAME, self.course.folder)
        self.release = self.course.notebook("assignments", NAME)
        self.archive = self.course.folder / "downloaded" / NAME / "archive"
        self.archive.mkdir(parents=True)

    def work(self, about):
        """A notebook with one task solved, as bytes."""
        answers = submissions.reference_answers(tiny.notebook())
        filled = submissions.filled_in(self.release, {"add_0": answers["add_0"], "why": about})
        return nbformat.writes(filled).encode()

    def collect(self, *options):
        return self.course.nbgrader("zip_collect", NAME, *options)

    def collected(self):
        """The files of each student in submitted/, the notebook being given by what it says."""
        found = {}
        for file in sorted(self.course.folder.glob(f"submitted/*/{NAME}/*")):
            notebook = nbformat.read(file, as_version=4)
            about = next(cell.source for cell in notebook.cells if cell.get("id") == "why")
            found.setdefault(file.parts[-3], {})[file.name] = about
        return found


@pytest.fixture
def group(tmp_path):
    return Class(tmp_path)


def test_downloads_are_collected_and_graded(group):
    """Everything at once, in one folder, as at the end of a term."""
    work = group.work
    moodle = {
        f"Ada Lovelace_1001_assignsubmission_file_/{NOTEBOOK}": work("Moodle, folders"),
        f"Lovelace, Byron_1002_assignsubmission_file/{NOTEBOOK}": work("comma, no underscore at the end"),
        f"{JOSE}_1003_assignsubmission_file_/{NOTEBOOK}": work("accents, before Wednesday"),
        "Ada Lovelace_1001_assignsubmission_onlinetext_/onlinetext.html": b"<p>See the notebook.</p>",
    }
    later = {f"{JOSE_ON_MACOS}_1003_assignsubmission_file_/sub folder/{NAME} (1).ipynb": work("accents, Wednesday")}
    packed = {
        "Grace Hopper_1004_assignsubmission_file_/my work.zip": zipped(
            {
                f"my work/{NAME}/{NOTEBOOK}": work("zip in a zip"),
                f"my work/{NAME}/.ipynb_checkpoints/{NAME}-checkpoint.ipynb": work("never this"),
                f"__MACOSX/my work/{NAME}/._{NOTEBOOK}": b"\x00\x05\x16\x07",
                f"__MACOSX/._my {NAME}.zip": b"\x00\x05\x16\x07",
            }
        ),
        "Alan Turing_1005_assignsubmission_file_/work.tar.gz": tarred({f"work/{NOTEBOOK}": work("tar in a zip")}),
    }
    for name, content in {
        "SEQ-Small sums-77.zip": zipped(moodle),
        "SEQ-Small sums-77 (Wednesday).zip": as_macos_writes_it(zipped(later)),
        "packed.zip": zipped(packed),
        f"Emmy Noether_1006_assignsubmission_file_{NOTEBOOK}": work("Moodle, flat"),
        f"hopperg_21_900_{NOTEBOOK}": work("Canvas, first"),
        f"hopperg_LATE_21_901_{NAME}-1.ipynb": work("Canvas, late and again"),
        f"van_den_bergh_22_902_{NAME}-2.ipynb": work("Canvas, underscores"),
        f"müller_23_903_{NAME}.zip": zipped({NOTEBOOK: work("Canvas, packed")}),
        f"s123+{NOTEBOOK}": work("by hand"),
        f"a.b+c@example.org+{NOTEBOOK}": work("an address for an id"),
        f"s124+{NAME}.zip": zipped({f"{NAME}/{NOTEBOOK}": work("the folder, packed")}),
    }.items():
        (group.archive / name).write_bytes(content)
    before = {file: file.read_bytes() for file in group.archive.iterdir()}

    said = group.collect()

    assert group.collected() == {
        student: {NOTEBOOK: about}
        for student, about in {
            "Ada Lovelace": "Moodle, folders",
            "Lovelace, Byron": "comma, no underscore at the end",
            JOSE: "accents, Wednesday",
            "Grace Hopper": "zip in a zip",
            "Alan Turing": "tar in a zip",
            "Emmy Noether": "Moodle, flat",
            "hopperg_21": "Canvas, late and again",
            "van_den_bergh_22": "Canvas, underscores",
            "müller_23": "Canvas, packed",
            "s123": "by hand",
            "a.b+c@example.org": "an address for an id",
            "s124": "the folder, packed",
        }.items()
    }
    assert f"hopperg_21 has handed in several files: hopperg_LATE_21_901_{NAME}-1.ipynb was collected, not" in said
    assert {file: file.read_bytes() for file in group.archive.iterdir()} == before

    # Whatever their ids look like, all are graded, and get their feedback.
    group.course.nbgrader("generate_assignment", NAME, "--force")
    group.course.nbgrader("autograde", NAME)
    for student in group.collected():
        assert group.course.marks(NAME, student)["test_add_0"] == 10, student
    group.course.nbgrader("generate_feedback", NAME)
    pages = {file.parts[-3] for file in group.course.folder.glob(f"feedback/*/{NAME}/{NAME}.html")}
    assert pages == group.collected().keys()


def test_what_cannot_be_collected_is_named_and_nothing_is_lost(group):
    """Slips of four students, and of the teacher; the fifth student gets what is his."""
    whole = zipped({NOTEBOOK: group.work("cut short")})
    for name, content in {
        f"Max Planck_1_assignsubmission_file_/{NOTEBOOK}": group.work("honest"),
        "Lise Meitner_2_assignsubmission_file_/work.zip": whole[: len(whole) // 2],
        f"Marie Curie_3_assignsubmission_file_/{NOTEBOOK}.txt": group.work("a browser's suffix"),
        "Pierre Curie_4_assignsubmission_file_/final version.ipynb": group.work("another name"),
        NOTEBOOK: group.work("whose?"),
    }.items():
        (group.archive / name).parent.mkdir(exist_ok=True)
        (group.archive / name).write_bytes(content)

    said = group.collect()

    assert group.collected() == {
        "Max Planck": {NOTEBOOK: "honest"},
        "Pierre Curie": {"final version.ipynb": "another name"},
    }
    for words in (
        "work.zip cannot be unpacked: File is not a zip file",
        "Lise Meitner has handed in no notebook, but Lise Meitner_2_assignsubmission_file_/work.zip.unreadable.",
        f"Marie Curie has handed in no notebook, but Marie Curie_3_assignsubmission_file_/{NOTEBOOK}.txt.",
        "Pierre Curie has handed in no notebook of the right name; "
        "Pierre Curie_4_assignsubmission_file_/final version.ipynb was collected as it is.",
        f"{NOTEBOOK} was not collected: its name does not say whose it is.",
        f"copy it to downloaded/{NAME}/archive/STUDENT+{NOTEBOOK}, with the student's id, and run: "
        f"nbgrader zip_collect {NAME} --force",
    ):
        assert words in said

    # What the message says to do works.
    (group.archive / NOTEBOOK).rename(group.archive / f"Lise Meitner+{NOTEBOOK}")
    (group.archive / f"Max Planck+{NOTEBOOK}").write_bytes(group.work("a better one, by mail"))
    group.collect("--force")
    assert group.collected() == {
        "Max Planck": {NOTEBOOK: "a better one, by mail"},
        "Lise Meitner": {NOTEBOOK: "whose?"},
        "Pierre Curie": {"final version.ipynb": "another name"},
    }


def test_a_second_collection_keeps_the_work_of_those_who_are_not_in_it(group):
    (group.archive / f"ada+{NOTEBOOK}").write_bytes(group.work("first"))
    group.collect()
    (group.archive / f"ada+{NOTEBOOK}").rename(group.archive / f"bob+{NOTEBOOK}")
    assert "use the --force option" in group.course.nbgrader("zip_collect", NAME, fails=True)
    group.collect("--force")
    assert group.collected() == {"ada": {NOTEBOOK: "first"}, "bob": {NOTEBOOK: "first"}}


@pytest.mark.parametrize(
    ("path", "student", "notebook"),
    [
        ("Ada_1_assignsubmission_file_/hw_1_2_x.ipynb", "Ada", ""),
        ("Default group_assignsubmission_file_/tiny.ipynb", "Default group", "tiny"),
        ("C++ course.zip/tiny_1_assignsubmission_file/tiny.ipynb", "tiny", "tiny"),
        ("C++ course.zip/ada+tiny.ipynb", "ada", "tiny"),
        ("ada_7_8_bob+tiny.ipynb", "ada_7", ""),
        ("ada+tiny.zip/elsewhere/tiny (12).ipynb", "ada", "tiny"),
        ("ada+tiny-3.ipynb", "ada", "tiny"),
        ("ada+tiny.IPYNB", "ada", ""),
        ("ada+tiny_3.ipynb", "ada", ""),
        ("ada+tinyest.ipynb", "ada", ""),
    ],
)
def test_whose_a_file_is(path, student, notebook):
    one = handed_in(Path(path), {"tiny"})
    assert (one.student, one.notebook) == (student, notebook)


@pytest.mark.parametrize(
    "path",
    ["tiny.ipynb", "ada/tiny.ipynb", "C++ course.zip/tiny.ipynb", " ..+tiny.ipynb", "ada+huge.ipynb"],
)
def test_files_that_say_nothing_of_their_owner(path):
    assert handed_in(Path(path), {"tiny"}) is None
    taken, troubles = choose([Path(path)], {"tiny"})
    assert taken == []
    assert troubles == [f"{path} was not collected: its name does not say whose it is."]


@pytest.mark.parametrize(
    "path", ["..+tiny.ipynb", "__MACOSX/ada+tiny.ipynb", "ada+tiny.zip/.ipynb_checkpoints/tiny.ipynb"]
)
def test_hidden_files_are_passed_over(path):
    """A student called ".." would be the course's own folder."""
    assert choose([Path(path)], {"tiny"}) == ([], [])


def test_namesakes_are_two_students():
    files = [Path(f"Jan Smit_{number}_assignsubmission_file_/tiny.ipynb") for number in (41, 42)]
    taken, troubles = choose(files, {"tiny"})
    assert [one.student for one in taken] == ["Jan Smit 41", "Jan Smit 42"]
    assert [trouble.partition(":")[0] for trouble in troubles] == ["Several students are called Jan Smit"]


def test_attempts_are_counted_as_numbers():
    files = [Path(f"ada_7_{file}_tiny{attempt}.ipynb") for file, attempt in [(3, "-9"), (5, ""), (4, "-10")]]
    taken, _ = choose(files, {"tiny"})
    assert [one.file for one in taken] == [Path("ada_7_4_tiny-10.ipynb")]


def test_two_renamed_notebooks_of_one_name_are_one():
    """nbgrader would stop at the second."""
    files = [Path(f"Ada_1_assignsubmission_file_/{folder}/final.ipynb") for folder in "ab"]
    taken, troubles = choose(files, {"tiny"})
    assert [one.file for one in taken] == files[1:]
    assert len(troubles) == 1
