"""``nbgrader zip_collect`` on what learning platforms give, with names as people have them and slips as they make them."""

import gzip
import io
import logging
import random
import struct
import tarfile
import tracemalloc
import unicodedata
import zipfile
from pathlib import Path

import nbformat
import pytest

from seqmodels.grading import unpack, wording
from seqmodels.grading.collect import choose, handed_in
from seqmodels.grading.unpack import Entry, Limit, Refused, Room, Unpacker
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
        for file in sorted(self.course.folder.glob(f"submitted/*/{NAME}/*.ipynb")):
            notebook = nbformat.read(file, as_version=4)
            about = next(cell.source for cell in notebook.cells if cell.get("id") == "why")
            found.setdefault(file.parts[-3], {})[file.name] = about
        return found

    def report(self):
        return (self.course.folder / "autograded" / f"{NAME}.md").read_text(encoding="utf-8")


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
    assert "Not in the gradebook" not in said, "there is no gradebook yet"
    assert [path.parts[-3] for path in group.course.folder.glob("submitted/*/*/late_on_platform.txt")] == ["hopperg_21"]
    assert {file: file.read_bytes() for file in group.archive.iterdir()} == before

    # Whatever their ids look like, all are graded, and get their feedback.
    group.course.nbgrader("generate_assignment", NAME, "--force")
    group.course.nbgrader("autograde", NAME)
    for student in group.collected():
        assert group.course.marks(NAME, student)["test_add_0"] == 10, student
    assert "| `hopperg_21` | The submission came late, as the learning platform says." in group.report()
    group.course.nbgrader("generate_feedback", NAME)
    pages = {file.parts[-3] for file in group.course.folder.glob(f"feedback/*/{NAME}/{NAME}.html")}
    assert pages == group.collected().keys()


def test_what_cannot_be_collected_is_named_and_nothing_is_lost(group):
    """Slips of six students, and of the teacher; the seventh student gets what is his."""
    whole = zipped({NOTEBOOK: group.work("cut short")})
    for name, content in {
        f"Max Planck_1_assignsubmission_file_/{NOTEBOOK}": group.work("honest"),
        "Lise Meitner_2_assignsubmission_file_/work.zip": whole[: len(whole) // 2],
        f"Marie Curie_3_assignsubmission_file_/{NOTEBOOK}.txt": group.work("a browser's suffix"),
        "Pierre Curie_4_assignsubmission_file_/final version.ipynb": group.work("another name"),
        "Niels Bohr_5_assignsubmission_file_/work.zip": broken(zipfile.ZIP_LZMA),
        "Irène Curie_6_assignsubmission_file_/work.zip": zipped({"n" * 300: b"", NOTEBOOK: group.work("beside it")}),
        NOTEBOOK: group.work("whose?"),
    }.items():
        (group.archive / name).parent.mkdir(exist_ok=True)
        (group.archive / name).write_bytes(content)

    said = group.collect()

    assert group.collected() == {
        "Max Planck": {NOTEBOOK: "honest"},
        "Pierre Curie": {"final version.ipynb": "another name"},
        "Irène Curie": {NOTEBOOK: "beside it"},
    }
    for words in (
        "work.zip cannot be unpacked: File is not a zip file",
        f"work.zip cannot be unpacked: {wording.UNUSUAL_ZIP}",
        "work.zip was unpacked, and some of it left out: `File name too long: nnn",
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
        "Irène Curie": {NOTEBOOK: "beside it"},
    }


def test_a_second_collection_keeps_the_work_of_those_who_are_not_in_it(group):
    (group.archive / f"ada+{NOTEBOOK}").write_bytes(group.work("first"))
    group.collect()
    (group.archive / f"ada+{NOTEBOOK}").rename(group.archive / f"bob+{NOTEBOOK}")
    assert "use the --force option" in group.course.nbgrader("zip_collect", NAME, fails=True)
    group.collect("--force")
    assert group.collected() == {"ada": {NOTEBOOK: "first"}, "bob": {NOTEBOOK: "first"}}


def test_lateness_is_forgotten_when_a_file_is_taken_in_its_place(group):
    (group.archive / f"hopperg_LATE_21_901_{NOTEBOOK}").write_bytes(group.work("late"))
    group.collect()
    (group.archive / f"hopperg_21+{NOTEBOOK}").write_bytes(group.work("in time, by mail"))
    group.collect("--force")
    assert group.collected() == {"hopperg_21": {NOTEBOOK: "in time, by mail"}}
    assert not list(group.course.folder.glob("submitted/*/*/late_on_platform.txt"))


def test_students_who_are_not_in_the_gradebook_are_named_and_doubtful_ones_are_not_collected(group):
    with group.course.gradebook() as gradebook:
        for student in ("Ada Lovelace", "Marie Curie"):
            gradebook.add_student(student)
    for name in ("Team A-Ada Lovelace_1", "Anne-Marie Curie_2", "Marie Curie_3", "Lise Meitner_4"):
        folder = group.archive / f"{name}_assignsubmission_file_"
        folder.mkdir()
        (folder / NOTEBOOK).write_bytes(group.work(name))
    said = group.collect()
    assert set(group.collected()) == {"Marie Curie", "Lise Meitner"}
    assert "'Team A-Ada Lovelace' was not collected: it may be 'Ada Lovelace', with the name of a group" in said
    assert "'Anne-Marie Curie' was not collected: it may be 'Marie Curie', with the name of a group" in said
    assert "added to it as new students: 'Lise Meitner'." in said
    # What the message says to do works.
    (group.archive / f"Ada Lovelace+{NOTEBOOK}").write_bytes(group.work("by hand"))
    with group.course.gradebook() as gradebook:
        gradebook.add_student("Anne-Marie Curie")
    group.collect("--force")
    assert set(group.collected()) == {"Marie Curie", "Lise Meitner", "Ada Lovelace", "Anne-Marie Curie"}


MOODLES = "{}_1_assignsubmission_file_/tiny.ipynb"


@pytest.mark.parametrize(
    ("file", "known", "collected", "said"),
    [
        # Two students of one name, of whom one has the name for an id.
        (
            MOODLES.format("Ada Byron"),
            {"Ada Byron": " ", "ada2": "Ada Byron"},
            [],
            "'ada2' of the gradebook is called so",
        ),
        (MOODLES.format("Ada Byron"), {"Ada Byron": "Ada Byron", "bob": "Bob"}, ["Ada Byron"], ""),
        (
            MOODLES.format("Ada Byron"),
            {"ada": "Ada Byron"},
            ["Ada Byron"],
            "'Ada Byron' (so is called 'ada' of the gradebook)",
        ),
        (MOODLES.format("X-Ada"), {"X-Ada": "", "Ada": ""}, ["X-Ada"], ""),
        (MOODLES.format("Ada"), {}, ["Ada"], ""),
        # What is sorted by hand is as the teacher says.
        ("x-ada+tiny.ipynb", {"ada": "Ada Byron"}, ["x-ada"], "new students: 'x-ada'."),
        ("ada+tiny.ipynb", {"ada": "Ada", "bob": "ada"}, ["ada"], ""),
    ],
)
def test_names_are_compared_with_the_gradebook(file, known, collected, said):
    taken, troubles = choose([Path(file)], {"tiny"}, known)
    assert [one.student for one in taken] == collected
    assert said in "".join(troubles) and bool(said) == bool(troubles)


@pytest.mark.parametrize("name", ["ada_LATE_7_8_tiny.ipynb", "ada_7_8_LATE.ipynb", "LATE_7_8_tiny.ipynb"])
def test_canvas_says_before_the_number_that_something_is_late(name):
    assert handed_in(Path(name), {"tiny"}).late == name.startswith("ada_LATE")


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
    [
        *("tiny.ipynb", "ada/tiny.ipynb", "C++ course.zip/tiny.ipynb", " ..+tiny.ipynb", "ada+huge.ipynb"),
        "<b>Eve<b>_1_assignsubmission_file_/tiny.ipynb",
        "Eve\nB_1_assignsubmission_file_/tiny.ipynb",
        # A student who has a name that cannot be used, and the file in it that of another student.
        "\u00a0.Eve_1_assignsubmission_file_/bob+tiny.ipynb",
        ".Eve_1_assignsubmission_file_/Bob_2_assignsubmission_file_/tiny.ipynb",
    ],
)
def test_files_that_say_nothing_of_their_owner(path):
    assert handed_in(Path(path), {"tiny"}) is None
    taken, troubles = choose([Path(path)], {"tiny"})
    assert taken == []
    assert troubles == [f"{path} was not collected: its name does not say whose it is."]


@pytest.mark.parametrize(
    "path",
    [
        *("..+tiny.ipynb", "__MACOSX/ada+tiny.ipynb", "ada+tiny.zip/.ipynb_checkpoints/tiny.ipynb"),
        "Ada_1_assignsubmission_file_/._Ada_1_assignsubmission_file_tiny.ipynb",
    ],
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


# --- archives that are made to do harm -------------------------------------------------------------

GOOD = "zz.zip"
LINE = b"one line of many\n"


def unpacked(folder, caplog, archives):
    """What comes out of archives, by path, and the log; one archive more, behind them, has to come out whole."""
    (folder / "archive").mkdir()
    for name, content in {**archives, GOOD: zipped({"a": b"good"})}.items():
        (folder / "archive" / name).write_bytes(content)
    out, unpacker = folder / "extracted", Unpacker()
    unpacker.log = logging.getLogger("unpacker")
    unpacker.extract(str(folder / "archive"), str(out))
    found = {file.relative_to(out).as_posix(): file.read_bytes() for file in out.rglob("*") if file.is_file()}
    assert found.pop(f"{GOOD}/a") == b"good"
    # What was half unpacked is gone.
    assert {path.name for path in out.iterdir()} == {path.split("/")[0] for path in found} | {GOOD}
    return found, caplog.text


def broken(method):
    """A zip archive packed by this method, whose data are not what the method makes."""
    stream, content = io.BytesIO(), random.Random(1).randbytes(500)
    with zipfile.ZipFile(stream, "w", method) as out:
        out.writestr("a", content)
    data = bytearray(stream.getvalue())
    data[60:400] = bytes(340)
    return bytes(data)


def that_lies(content):
    """A zip archive of one file that is said to hold one byte."""
    size, data = len(content).to_bytes(4, "little"), zipped({"a": content})
    assert data.count(size) == 2
    return data.replace(size, (1).to_bytes(4, "little"))


def zip_of_a_list(size):
    """A zip archive that is nothing but a list of entries, which is this long."""
    empty = zipped({"a": b""})
    at = empty.index(b"PK\x01\x02")
    listed = empty[at : empty.index(b"PK\x05\x06")] * (size // 47)
    return empty[:at] + listed + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(listed), at, 0)


def tar_of(*entries):
    """A compressed tar archive of entries: type, name, and how many zeros are said to be in it and are."""
    data = b""
    for kind, name, said, size in entries:
        info = tarfile.TarInfo(name)
        info.type, info.size, info.linkname = kind, said, "/etc/passwd"
        data += info.tobuf() + bytes(-(-size // 512) * 512)
    return gzip.compress(data + bytes(10240))


def tar_with_a_note(times, *names_and_values):
    """A compressed tar archive of so many entries with these PAX headers."""
    info = tarfile.TarInfo("a")
    info.pax_headers = dict(zip(names_and_values[::2], names_and_values[1::2], strict=True))
    return gzip.compress(info.tobuf(tarfile.PAX_FORMAT) * times + bytes(10240))


@pytest.mark.parametrize("folder", ["ada+tiny", "ada_22_1_tiny", "Ada Byron_1_assignsubmission_file_"])
@pytest.mark.parametrize(
    "forged", ["bob+tiny.ipynb", "bob_22_999_tiny-99.ipynb", "Bob_7_assignsubmission_file_/tiny.ipynb"]
)
def test_what_lies_in_a_students_archive_is_that_students(folder, forged):
    one = handed_in(Path(folder) / forged, {"tiny"})
    assert one.student.casefold().startswith("ada")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("1.zip", broken(zipfile.ZIP_DEFLATED), "Bad CRC-32 for file"),
        ("1.zip", broken(zipfile.ZIP_BZIP2), wording.UNUSUAL_ZIP),
        ("1.zip", broken(zipfile.ZIP_LZMA), wording.UNUSUAL_ZIP),
        ("1.zip", b"PK\x05\x06" + b"\xff" * 18, ""),
        ("1.tar", b"no archive", ""),
        ("1.tgz", tarred({"a": random.Random(1).randbytes(9999)})[:5000], "Compressed file ended"),
        ("1.tgz", tar_of((tarfile.XHDTYPE, "a", 2_000_000, 2_000_000)), wording.LONG_HEADER),
        ("1.tgz", tar_of((tarfile.GNUTYPE_LONGNAME, "a", 8_000_000_000, 0)), wording.LONG_HEADER),
        ("1.tgz", tar_of(*[(tarfile.GNUTYPE_LONGNAME, "a", 1, 1)] * 2000), ""),
        ("1.tgz", tar_of((tarfile.GNUTYPE_SPARSE, "a", 1, 1)), wording.SPARSE_TAR),
        ("1.tgz", tar_with_a_note(1, "GNU.sparse.map", "0,1"), wording.SPARSE_TAR),
        ("1.tgz", tar_with_a_note(1, "GNU.sparse.size", "1"), wording.SPARSE_TAR),
        ("1.tgz", tar_with_a_note(1, "GNU.sparse.major", "1", "GNU.sparse.minor", "0"), wording.SPARSE_TAR),
        (f"{'n' * 250}.zip", b"whose name can be no longer", "File is not a zip file"),
    ],
)
def test_an_archive_that_cannot_be_read_is_refused_by_name(name, content, said, tmp_path, caplog):
    found, log = unpacked(tmp_path, caplog, {name: content})
    assert found == {(name if len(name) > 99 else f"{name}.unreadable"): content}
    assert f"{name} cannot be unpacked: {said}" in log


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize(
    ("names", "odd"),
    [
        (["n" * 300], "`File name too long: nnn"),
        (["a", "a/b"], "`File exists: a/b`"),
        (["a/b", "a"], "`Is a directory: a`"),
        (["/".join("a" * 200)], "`too many folders in folders: a/a/a"),
        (["/".join("a" * 1500)], "`an odd name: a/a/a"),
        (["a\nWARNING: b"], "`an odd name: a?WARNING: b`"),
    ],
)
def test_a_file_with_an_odd_name_is_left_out_and_the_others_are_not(pack, names, odd, tmp_path, caplog):
    """In the archive of a class the others are other students'."""
    name = "1.zip" if pack is zipped else "1.tgz"
    found, log = unpacked(tmp_path, caplog, {name: pack({**dict.fromkeys(names, LINE), "kept": LINE})})
    assert found == dict.fromkeys([f"{name}/{file}" for file in [*names[:-1], "kept"]], LINE)
    assert f"{name} was unpacked, and some of it left out: `" in log
    assert odd in log


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_nothing_is_written_elsewhere(pack, tmp_path, caplog):
    name = "1.zip" if pack is zipped else "1.tgz"
    files = {"../../up": LINE, f"{tmp_path}/root": LINE}
    found, _ = unpacked(tmp_path, caplog, {name: pack(files)})
    assert found == {f"{name}/up": LINE, f"{name}/{str(tmp_path).lstrip('/')}/root": LINE}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "extracted"]


def test_links_and_devices_are_not_made(tmp_path, caplog):
    kinds = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
    entries = [(kind, f"entry {number}", 0, 0) for number, kind in enumerate(kinds)]
    found, log = unpacked(tmp_path, caplog, {"1.tgz": tar_of(*entries, (tarfile.REGTYPE, "kept", 3, 3))})
    assert found == {"1.tgz/kept": bytes(3)}
    assert "`a link: entry 0`, `a link: entry 1`, `no plain file: entry 2`, `no plain file: entry 3`" in log
    assert not list((tmp_path / "extracted").rglob("entry*"))


BOMB = bytes(3_000_000)
TOO_MUCH = "more than 2 MB would come out of it"
TOO_MANY = "more than 30 files and folders would come out of it"


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(unpack, "OF_A_CLASS", Limit(100, 10_000_000))
    monkeypatch.setattr(unpack, "OF_A_STUDENT", Limit(30, 2_000_000))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.zip", zipped({"a": BOMB}), TOO_MUCH),
        ("a.zip", zipped({str(number): bytes(99_999) for number in range(25)}), TOO_MUCH),
        ("a.zip", zipped({str(number): b"" for number in range(31)}), TOO_MANY),
        ("a.zip", zip_of_a_list(31 * 600), TOO_MANY),
        ("a.tgz", tarred({"a": BOMB}), TOO_MUCH),
        ("a.tgz", tarred({str(number): b"" for number in range(31)}), TOO_MANY),
        ("a.tgz", tar_of((tarfile.REGTYPE, "a", 7 << 40, 0)), TOO_MUCH),
        ("a.tgz", tar_with_a_note(3, "comment", "x" * 900_000), TOO_MUCH),
        ("a.tgz", tar_of(*[(b"Z", "a", 1_500_000, 1_500_000)] * 2), TOO_MUCH),
    ],
)
def test_a_students_archive_has_a_limit_and_the_class_is_unpacked(name, content, said, small_limits, tmp_path, caplog):
    packed = {f"Ada/{name}": content, "Bob/b.zip": zipped({"b": LINE})}
    found, log = unpacked(tmp_path, caplog, {"1.zip": zipped(packed)})
    assert found == {f"1.zip/Ada/{name}.unreadable": content, "1.zip/Bob/b.zip/b": LINE}
    assert f"1.zip/Ada/{name} cannot be unpacked: {said}" in log


@pytest.mark.parametrize("name", ["ada+tiny.zip", "Ada Byron_1_assignsubmission_file_tiny.zip", "ada_22_900_tiny.zip"])
def test_a_students_archive_has_it_wherever_it_lies(name, small_limits, tmp_path, caplog):
    found, log = unpacked(tmp_path, caplog, {name: zipped({"a": BOMB}), "C++ class.zip": zipped({"a": BOMB})})
    assert set(found) == {f"{name}.unreadable", "C++ class.zip/a"}
    assert TOO_MUCH in log


def test_archives_in_a_students_archive_share_its_limit(small_limits, tmp_path, caplog):
    """Each of them is small enough by itself."""
    parts = {f"{number}.zip": zipped({"a": bytes(600_000)}) for number in range(9)}
    found, log = unpacked(
        tmp_path, caplog, {"1.zip": zipped({"Ada.zip": zipped(parts), "Bob.zip": zipped({"b": LINE})})}
    )
    assert found["1.zip/Bob.zip/b"] == LINE
    assert sum(path.endswith("/a") for path in found) == 3
    assert log.count(TOO_MUCH) == 6


def test_a_class_has_a_limit_too(small_limits, tmp_path, caplog):
    found, log = unpacked(tmp_path, caplog, {"1.zip": zipped({"a": bytes(11_000_000)})})
    assert list(found) == ["1.zip.unreadable"]
    assert "1.zip cannot be unpacked: more than 10 MB" in log


def test_what_an_archive_says_of_its_size_is_not_believed(tmp_path, caplog):
    content = that_lies(BOMB)
    found, log = unpacked(tmp_path, caplog, {"1.zip": content})
    assert found == {"1.zip.unreadable": content}
    assert "1.zip cannot be unpacked: Bad CRC-32" in log


def test_what_is_read_is_counted_whatever_was_said(small_limits, tmp_path, caplog, monkeypatch):
    """As if zipfile could be deceived: more than it has said comes out."""
    real = unpack._of_zip

    def deceived(archive, room):
        yield from [Entry("a", lambda: io.BytesIO(BOMB))] if archive.name == "Ada.zip" else real(archive, room)

    monkeypatch.setattr(unpack, "_of_zip", deceived)
    found, log = unpacked(tmp_path, caplog, {"1.zip": zipped({"Ada.zip": b"bomb"})})
    assert found == {"1.zip/Ada.zip.unreadable": b"bomb"}
    assert f"Ada.zip cannot be unpacked: {TOO_MUCH}" in log


def test_a_long_list_of_entries_is_not_read(small_limits, tmp_path):
    """zipfile would make 300 MB of it."""
    (tmp_path / "a.zip").write_bytes(zip_of_a_list(30_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match=TOO_MANY):
            list(unpack._of_zip(tmp_path / "a.zip", Room(unpack.OF_A_STUDENT)))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_ordinary_archives_of_ordinary_students_are_far_below_the_limits():
    assert unpack.OF_A_STUDENT.size >= 200_000_000
    assert unpack.OF_A_CLASS.size >= 10_000_000_000
