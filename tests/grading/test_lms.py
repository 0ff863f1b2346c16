"""Marks in the files of Moodle and Canvas: the right row or none, nothing that is not final, and a file that is read."""

import codecs
import csv
import io

import pytest

from seqmodels.grading.lms import Standing, fill
from seqmodels.grading.platforms import CanvasGradebook, MoodleWorksheet
from seqmodels.grading.sheet import Sheet, Unusable, read
from tests.grading.course import Course

NAME = "small"

# As Moodle 4 writes them; Moodle's own file begins with a byte order mark.
MOODLE = """Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 11","Ann Lee",4711,ann@example.org,"Submitted for grading",,100.00,Yes,"Friday, 1 January 2027, 9:00 AM",-,
"Participant 12","Bea O""Neil",,BEA@example.org,"Submitted for grading",50.00,100.00,Yes,-,"Monday, 4 January 2027, 8:00 AM","Well, nearly"
"Participant 13","Çağla Öz",,,"No submission",,100.00,Yes,-,-,
"Participant 14","Dan Fry",,dan@example.org,"Submitted for grading",12.00,100.00,No,-,-,
"Participant 15","Eva Moe",,,"No submission",,100.00,Yes,-,-,"=1+1"
"""

# As Canvas writes it, with a row about posting and one about points.
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Notes,Warm up (300),Small things (301),Small things (302),Final Score
,,,,,,Manual Posting,,,
    Points Possible,,,,,,10.00,100.00,100.00,(read only)
"Lee, Ann",77,s1,alee,Group A,,8.00,,,12.00
"O'Neil, Bea",78,s2,bea@example.org,Group A,,9.00,50.00,1.00,30.00
"Öz, Çağla",79,s3,coz,Group B,,,,,
"Fry, Dan",80,s4,dfry,Group B,,,EX,EX,
"Moe, Eva",81,s5,emoe,Group B,,,N/A,N/A,
"Student, Test",82,,a1b2,Group A,,,,,
"""


def _standing(name, score, status="graded", **known):
    return Standing(name, frozenset({("id", name), *known.items()}), score, status)


ANN = _standing("ann", 87.5, lms_user_id="4711")
BEA = _standing("bea", 62.0, email="bea@example.org")
CAGLA = _standing("çağla öz", 0.0, "missing")
DAN = _standing("dan", 40.0, email="dan@example.org")
FAY = _standing("fay", 99.0)


def _sheet(text, tmp_path):
    path = tmp_path / "platform.csv"
    path.write_bytes(text.encode())
    return read(path)


def _moodle(tmp_path, text=MOODLE, most=100.0, names=()):
    return MoodleWorksheet(_sheet(text, tmp_path), most, dict(names))


def _canvas(tmp_path, text=CANVAS, most=100.0, title="Small things (301)"):
    return CanvasGradebook(_sheet(text, tmp_path), most, title)


def _filled(platform, standings, only=None):
    """The finished sheet by the first column, and the remarks by what they are about."""
    rows, remarks = fill(platform, standings, only or {standing.id for standing in standings})
    sheet = platform.finished(rows)
    return sheet, dict(remark.split(": ", 1) for remark in remarks)


def _column(sheet, name, key):
    return {row[sheet.names.index(key)]: row[sheet.names.index(name)] for row in sheet.rows}


def test_moodle(tmp_path):
    sheet, remarks = _filled(_moodle(tmp_path), [ANN, BEA, CAGLA, DAN, FAY])
    assert _column(sheet, "Grade", "Identifier") == {
        "Participant 11": "87.5",
        "Participant 12": "62",
        "Participant 13": "0",
        "Participant 14": "12.00",
        "Participant 15": "",
    }
    assert remarks == {
        "Nothing was handed in, and the mark is 0": "çağla öz",
        "Left as the platform has it": "dan (locked in Moodle)",
        "In the gradebook, and not in the platform's file": "fay",
        "In the platform's file, and not in the gradebook": "Eva Moe (Participant 15)",
    }


def test_canvas(tmp_path):
    ann = _standing("ann", 87.5, lms_user_id="77")
    cagla = _standing("özçağla_79", 3.0)  # as collected from Canvas
    dan, eva = _standing("dfry", 40.0), _standing("EMoe".lower(), 41.0)
    sheet, remarks = _filled(_canvas(tmp_path), [ann, BEA, cagla, dan, eva, FAY])
    assert sheet.names == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Small things (301)"]
    assert sheet.rows == [
        ["", "", "", "", "", ""],
        ["    Points Possible", "", "", "", "", "100.00"],
        ["Lee, Ann", "77", "s1", "alee", "Group A", "87.5"],
        ["O'Neil, Bea", "78", "s2", "bea@example.org", "Group A", "62"],
        ["Öz, Çağla", "79", "s3", "coz", "Group B", "3"],
    ]
    assert remarks == {
        "Left as the platform has it": "dfry (excused in Canvas); emoe (the assignment is not theirs in Canvas)",
        "In the gradebook, and not in the platform's file": "fay",
        "In the platform's file, and not in the gradebook": "Student, Test",
    }


@pytest.mark.parametrize("status", ["pending", "not graded", "set aside"])
def test_mark_that_is_not_final_is_not_exported(tmp_path, status):
    bea = _standing("bea", None, status, email="bea@example.org")
    worksheet, remarks = _filled(_moodle(tmp_path), [ANN, bea])
    assert _column(worksheet, "Grade", "Identifier")["Participant 12"] == "50.00"
    assert remarks["Not final yet, and left as the platform has it"] == f"bea ({status})"
    gradebook, remarks = _filled(_canvas(tmp_path), [bea])
    assert "O'Neil, Bea" not in _column(gradebook, "Student", "Student"), "an empty field would delete what is there"
    assert remarks["Not final yet, and left as the platform has it"] == f"bea ({status})"


def test_only_those_that_are_asked_for(tmp_path):
    sheet, remarks = _filled(_moodle(tmp_path), [ANN, BEA, FAY], only={"ann"})
    assert _column(sheet, "Grade", "Identifier")["Participant 12"] == "50.00"
    assert set(remarks) == {"In the platform's file, and not in the gradebook"}


@pytest.mark.parametrize(
    ("students", "doubt"),
    [
        # Two of the gradebook fit one row: by number, and by address.
        ([ANN, _standing("x", 1.0, email="ann@example.org")], "Ann Lee (Participant 11) (may be ann, x; "),
        # One of the gradebook fits two rows.
        ([_standing("x", 1.0, lms_user_id="4711", email="bea@example.org")], "Ann Lee (Participant 11) (may be x; "),
        # Somebody whom nobody asked for is told apart all the same.
        ([_standing("ann lee", 1.0), ANN], "Ann Lee (Participant 11) (may be ann, ann lee; "),
    ],
)
def test_whoever_is_in_doubt_gets_no_mark(tmp_path, students, doubt):
    sheet, remarks = _filled(_moodle(tmp_path), students, only={students[0].id})
    assert set(_column(sheet, "Grade", "Identifier").values()) == {"", "50.00", "12.00"}
    assert remarks["In doubt, and left as the platform has it"].startswith(doubt)


NAMESAKE = "Only the name fits, and the number or the address is another; left as the platform has it"


@pytest.mark.parametrize("known", [{"email": "another@example.org"}, {"lms_user_id": "9999"}])
def test_name_does_not_count_in_moodle_where_something_better_disagrees(tmp_path, known):
    namesake = _standing("ann lee", 99.0, **known)
    sheet, remarks = _filled(_moodle(tmp_path), [namesake])
    assert _column(sheet, "Grade", "Identifier")["Participant 11"] == ""
    assert remarks[NAMESAKE] == "Ann Lee (Participant 11) (is not ann lee)"
    assert remarks["In the gradebook, and not in the platform's file"] == "ann lee"
    assert "Ann Lee" not in remarks["In the platform's file, and not in the gradebook"]


def test_namesake_does_not_keep_a_student_from_her_own_row(tmp_path):
    text = MOODLE.replace('"Eva Moe",,', '"Ann Lee",,other@example.org')
    ann = _standing("ann lee", 87.5, email="ann@example.org")
    sheet, remarks = _filled(_moodle(tmp_path, text), [ann])
    grades = _column(sheet, "Grade", "Identifier")
    assert (grades["Participant 11"], grades["Participant 15"]) == ("87.5", "")
    assert remarks[NAMESAKE] == "Ann Lee (Participant 15) (is not ann lee)"


def test_name_counts_in_moodle_where_nothing_better_is_known(tmp_path):
    sheet, _ = _filled(
        _moodle(tmp_path), [_standing("ann lee", 87.5), _standing("eva moe", 5.0, email="e@example.org")]
    )
    grades = _column(sheet, "Grade", "Identifier")
    assert (grades["Participant 11"], grades["Participant 15"]) == ("87.5", "5")


def test_address_or_number_alone_is_enough(tmp_path):
    """The other one may be an old one, or one of another kind."""
    ann = _standing("ann", 87.5, lms_user_id="4711", email="old@example.org")
    bea = _standing("bea", 62.0, lms_user_id="1", email="bea@example.org")
    sheet, _ = _filled(_moodle(tmp_path), [ann, bea])
    assert _column(sheet, "Grade", "Identifier")["Participant 11"] == "87.5"
    assert _column(sheet, "Grade", "Identifier")["Participant 12"] == "62"


@pytest.mark.parametrize("student", ["alee", "leeann_77"])
def test_name_does_not_count_in_canvas_where_the_number_is_another(tmp_path, student):
    """Somebody is called in the gradebook what Ann Lee logs in with, and has another number in Canvas."""
    other = _standing(student, 99.0, lms_user_id="999", email="anna@example.org")
    sheet, remarks = _filled(_canvas(tmp_path), [other])
    assert "Lee, Ann" not in _column(sheet, "Student", "Student")
    assert remarks[NAMESAKE] == f"Lee, Ann (is not {student})"


def test_address_that_is_no_name_to_log_in_with_contradicts_nothing_in_canvas(tmp_path):
    sheet, _ = _filled(_canvas(tmp_path), [_standing("alee", 87.5, email="ann.lee@example.org")])
    assert _column(sheet, "Small things (301)", "Student")["Lee, Ann"] == "87.5"


def test_namesakes_in_moodle_are_told_apart_as_they_were_collected(tmp_path):
    text = MOODLE.replace("Eva Moe", "Ann Lee").replace(",4711,ann@example.org,", ",,,")
    sheet, remarks = _filled(_moodle(tmp_path, text), [_standing("Ann Lee 15".lower(), 9.0)])
    assert _column(sheet, "Grade", "Identifier")["Participant 15"] == "9"
    sheet, remarks = _filled(_moodle(tmp_path, text), [_standing("ann lee", 9.0)])
    assert _column(sheet, "Grade", "Identifier")["Participant 15"] == ""
    assert "Ann Lee (Participant 11)" in remarks["In doubt, and left as the platform has it"]


def test_blind_marking(tmp_path):
    text = 'Identifier,Grade,"Maximum grade","Last modified (grade)"\n"Participant 11",,100.00,-\n'
    sheet, remarks = _filled(_moodle(tmp_path, text), [_standing("participant 11", 5.0)])
    assert (sheet.rows[0][1], remarks) == ("5", {})


@pytest.mark.parametrize("student", ["lee_77", "leeann_78", "ann", "77", "s1", "lee, ann", "Participant 1"])
def test_what_only_looks_alike_is_no_match(tmp_path, student):
    for platform in (_canvas(tmp_path), _moodle(tmp_path)):
        _, remarks = _filled(platform, [_standing(student.lower(), 5.0)])
        assert remarks["In the gradebook, and not in the platform's file"] == student.lower()


def test_other_columns_and_fields_stay(tmp_path):
    before = _moodle(tmp_path)
    untouched = [[*row[:5], *row[6:]] for row in before.students]
    sheet, _ = _filled(before, [ANN, BEA])
    assert [[*row[:5], *row[6:]] for row in sheet.rows] == untouched


def test_moodle_in_another_language(tmp_path):
    text = (
        'ID,"Vollständiger Name",Bewertung,Bestwertung,"Bewertung kann geändert werden","Zuletzt geändert (Bewertung)"\n'
        '"Teilnehmer/in11","Ann Lee",,"100,00",Ja,-\n"Teilnehmer/in12","Bea Oz","1,00","100,00",Nein,-\n'
    )
    names = {
        "Identifier": "ID",
        "Full name": "Vollständiger Name",
        "Grade": "Bewertung",
        "Maximum grade": "Bestwertung",
        "Grade can be changed": "Bewertung kann geändert werden",
        "Last modified (grade)": "Zuletzt geändert (Bewertung)",
        "No": "Nein",
    }
    with pytest.raises(Unusable, match=r"There is no column 'Identifier', but ID, .* --MoodleMarks\.names="):
        _moodle(tmp_path, text)
    sheet, remarks = _filled(
        _moodle(tmp_path, text, names=names), [_standing("ann lee", 87.5), _standing("bea oz", 1.5)]
    )
    assert _column(sheet, "Bewertung", "ID") == {"Teilnehmer/in11": "87,5", "Teilnehmer/in12": "1,00"}
    assert remarks == {"Left as the platform has it": "bea oz (locked in Moodle)"}


def test_canvas_with_first_and_last_names_and_decimal_commas(tmp_path):
    text = (
        "LastName;FirstName;ID;SIS Login ID;Section;Small things (301)\n"
        "    Points Possible;;;;;100,00\nLee;Ann;77;alee;A;\n"
    )
    sheet, remarks = _filled(_canvas(tmp_path, text), [_standing("leeann_77", 87.5)])
    assert (sheet.rows[1], remarks) == (["Lee", "Ann", "77", "alee", "A", "87.5"], {})
    assert sheet.separator == ";"


@pytest.mark.parametrize(
    ("change", "title", "message"),
    [
        ((), "small", "No columns are called 'small'.*--CanvasMarks.column=.*'Warm up \\(300\\)'"),
        ((), "Small things", "2 columns are called 'Small things'"),
        ((), "Final Score", "Canvas lets nobody change 'Final Score'"),
        ((), "Warm up", "100 points in the gradebook, and 10.00 in Canvas"),
        (("    Points Possible", "x"), "Small things (301)", "100 points in the gradebook, and none in Canvas"),
        (("Section", "Group"), "Small things (301)", "There are no columns Student, ID and Section"),
        (("Student,ID", "Name,ID"), "Small things (301)", "There are no columns Student, ID and Section"),
    ],
)
def test_canvas_file_that_does_not_fit_is_refused(tmp_path, change, title, message):
    with pytest.raises(Unusable, match=message):
        _canvas(tmp_path, CANVAS.replace(*change) if change else CANVAS, title=title)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("Identifier", "Id"), "no column 'Identifier'"),
        (('"Last modified (grade)"', "Changed"), "no column 'Last modified \\(grade\\)'"),
        (('"Maximum grade"', "Scale"), "no column 'Maximum grade'.* graded by points"),
        (("100.00,Yes,-,-,\n", "10.00,Yes,-,-,\n"), "100 points in the gradebook, and 10.00 in Moodle for Çağla"),
    ],
)
def test_moodle_file_that_does_not_fit_is_refused(tmp_path, change, message):
    with pytest.raises(Unusable, match=message):
        _moodle(tmp_path, MOODLE.replace(*change))


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["no mark", "mark"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_file_comes_back_as_it_went_in(tmp_path, mark, line_end, separator):
    rows = [["Náme", "x"], ['say "hi"', "a,b;c\td"], ["two\nlines", ""], ["=1+1", "100.00"]]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=line_end).writerows(rows)
    content = mark + text.getvalue().encode()
    (tmp_path / "in.csv").write_bytes(content)
    sheet = read(tmp_path / "in.csv")
    assert [sheet.names, *sheet.rows] == rows
    sheet.write(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == content


def test_utf_16_as_a_spreadsheet_saves_it(tmp_path):
    (tmp_path / "in.csv").write_bytes(MOODLE.replace(",", "\t").encode("utf-16"))
    assert read(tmp_path / "in.csv").names[:2] == ["Identifier", "Full name"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        ("Öz,x\n".encode("cp1252"), "not in UTF-8"),
        (b"a,b\n1,2,3\n", "Line 2 of .* has 3 fields and not 2"),
        (b'a,b\n"1,2\n', "no whole CSV file"),
    ],
)
def test_unusable_file_says_why(tmp_path, content, message):
    (tmp_path / "in.csv").write_bytes(content)
    with pytest.raises(Unusable, match=message):
        read(tmp_path / "in.csv")


def test_missing_file_says_so(tmp_path):
    with pytest.raises(Unusable, match="cannot be read: No such file"):
        read(tmp_path / "in.csv")


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(Unusable, match="2 columns called 'Grade'"):
        Sheet(["Grade", "Grade"], []).column("Grade")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Ann is graded, Bea waits for a person, Cem has handed nothing in, Dan's work was never run."""
    made = Course(tmp_path_factory.mktemp("lms"))
    with made.gradebook() as found:
        found.add_assignment(NAME)
        found.add_notebook(NAME, NAME)
        found.add_grade_cell("test", NAME, NAME, max_score=100, cell_type="code")
        for student in ("ann", "bea", "cem", "dan"):
            found.add_student(student, email=f"{student}@example.org")
        for student in ("ann", "bea"):
            found.add_submission(NAME, student)
            grade = found.find_grade("test", NAME, NAME, student)
            grade.auto_score, grade.needs_manual_grade = 87.5, student == "bea"
        found.db.commit()
    (made.folder / "submitted" / "dan" / NAME).mkdir(parents=True)
    rows = "".join(
        f"Participant {number},{name}@example.org,3.00,100.00,-\n"
        for number, name in enumerate(["ann", "bea", "cem", "dan"])
    )
    (made.folder / "moodle.csv").write_text(
        "Identifier,Email address,Grade,Maximum grade,Last modified (grade)\n" + rows, encoding="utf-8-sig"
    )
    return made


def _export(course, *arguments, fails=False):
    return course.nbgrader("export", "--exporter=seqmodels.grading.lms.MoodleMarks", *arguments, fails=fails)


def test_the_command(course):
    before = (course.folder / "moodle.csv").read_bytes()
    said = _export(course, f"--assignment={NAME}", "--MoodleMarks.file=moodle.csv", "--to=out.csv")
    assert (course.folder / "out.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "Participant 0,ann@example.org,87.5,100.00,-",
        "Participant 1,bea@example.org,3.00,100.00,-",
        "Participant 2,cem@example.org,0,100.00,-",
        "Participant 3,dan@example.org,3.00,100.00,-",
    ]
    assert "Not final yet, and left as the platform has it: bea (pending); dan (not graded)" in said
    assert "Nothing was handed in, and the mark is 0: cem" in said
    assert "out.csv holds the marks of 2 of 4 students" in said
    assert (course.folder / "moodle.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--MoodleMarks.file=moodle.csv"], "Name one assignment: --assignment=NAME"),
        ([f"--assignment={NAME}"], "--MoodleMarks.file=FILE"),
        ([f"--assignment={NAME}", "--MoodleMarks.file=none.csv"], "none.csv cannot be read"),
        ([f"--assignment={NAME}", "--MoodleMarks.file=moodle.csv", "--to=moodle.csv"], "may not be the platform's own"),
    ],
)
def test_the_command_refuses(course, arguments, message):
    before = (course.folder / "moodle.csv").read_bytes()
    said = _export(course, *arguments, fails=True)
    assert message in said and "Traceback" not in said
    assert (course.folder / "moodle.csv").read_bytes() == before
