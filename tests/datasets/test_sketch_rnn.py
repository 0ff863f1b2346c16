"""The drawings of characters, and the sketches of Quick, Draw!: on made-up sources, and on the real characters."""

import itertools
import re

import numpy as np
import pytest
import tensorflow_datasets as tfds

from seqmodels import strokes
from seqmodels._packages import package_files
from seqmodels.datasets import DataFileError, KanjiConfig, QuickDrawConfig, SketchRnn, _download
from seqmodels.datasets._quickdraw_names import NAMES
from seqmodels.datasets.sketch_rnn import RADICALS, _split_of
from tests.datasets.sketches import TREE, Site, npy, npy_of_pickle, sketches, svg, write_kanji, write_npz
from tests.machine import PUBLISHED

SPLITS = ("train", "validation", "test")
REMEDY = "Run 'sh tools/setup.sh' in the course's folder"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQMODELS_HOME", str(tmp_path))
    monkeypatch.setattr(_download, "SECONDS_BETWEEN_ATTEMPTS", 0)
    return tmp_path


def _examples(builder):
    return {split: list(tfds.as_numpy(builder.as_dataset(split=split))) for split in SPLITS}


def _prepared(config):
    builder = SketchRnn(config=config)
    builder.download_and_prepare()
    return builder


# Characters


def test_characters_are_labelled_with_their_radical(home):
    write_kanji(home)
    examples = [example for part in _examples(_prepared("kanji")).values() for example in part]
    labels = {example["character"].decode(): list(RADICALS)[example["label"]] for example in examples}
    assert labels == {chr(0x6C40 + number): "水" for number in range(60)} | {"木": "木"}


def test_strokes_come_in_order_and_those_of_the_radical_are_marked(home):
    write_kanji(home)
    examples = _examples(_prepared("kanji"))
    tree = next(example for part in examples.values() for example in part if example["name"] == b"06728")
    lines = strokes.to_lines(tree["strokes"])
    assert [line[0].tolist() for line in lines] == [[30, 20], [60, 60], [50, 50]]
    assert [line[-1].tolist() for line in lines] == [[70, 60], [60, 60], [50, 66]]
    assert lines[2].tolist() == [[50, 50], [50, 66]], "a straight stroke needs no point between its ends"
    assert lines[1].tolist() == [[60, 60], [80, 60], [80, 80], [60, 80], [60, 60]], "a square keeps its corners"
    assert tree["radical"].tolist() == [False] * (len(lines[0]) + len(lines[1])) + [True, True]


def test_default_configuration_loads_in_pairs(home):
    write_kanji(home)
    pairs = list(tfds.as_numpy(tfds.load("sketch_rnn", split="train", as_supervised=True)))
    assert len(pairs) > 30
    for drawing, label in pairs:
        assert drawing.dtype == np.float32
        assert drawing.shape[1:] == (3,)
        assert drawing[-1, 2] == 1
        assert label in (0, 1)
    assert len(list(tfds.load("sketch_rnn/kanji", split="train"))) == len(pairs)


def test_all_drawings_of_a_character_are_in_one_split(home):
    write_kanji(home)
    one, all_ = _examples(_prepared("kanji")), _examples(_prepared("kanji_variants"))
    assert sum(map(len, one.values())) == 61
    assert sum(map(len, all_.values())) == 121
    for split in SPLITS:
        characters = {example["character"] for example in one[split]}
        assert characters == {example["character"] for example in all_[split]}
        assert len(one[split]) == len(characters), "a character came twice"
        assert characters


def test_forms_of_a_character_that_unicode_has_twice_are_in_one_split():
    pairs = [("⺡", "氵"), ("⺢", "氺"), ("令", "\uf9a8"), ("鈴", "\uf9b1"), ("都", "\ufa26"), ("梅", "\ufa44")]
    for one, other in pairs:
        assert one != other
        assert _split_of(one) == _split_of(other)
    assert {_split_of(chr(code)) for code in range(0x4E00, 0x4E40)} == set(SPLITS)


def test_settings_of_characters(home):
    write_kanji(home)
    coarse, fine = (
        _examples(_prepared(KanjiConfig(name=f"by_{epsilon}", radicals=("水",), epsilon=epsilon)))
        for epsilon in (20.0, 0.01)
    )
    assert sum(map(len, coarse.values())) == sum(map(len, fine.values())) == 60
    # The first two strokes, the radical, are straight. The third is a curve, which two points stand for or many.
    for examples, points in ((coarse, 2), (fine, 15)):
        lines = strokes.to_lines(examples["train"][0]["strokes"])
        assert [len(line) for line in lines[:2]] == [2, 2]
        assert points <= len(lines[2]) <= 1.2 * points
        assert lines[2][[0, -1]] == pytest.approx(np.array([[30, 20], [70, 60]]))


def test_data_of_other_settings_are_not_taken_for_these(home):
    write_kanji(home)
    builder = _prepared(KanjiConfig(name="mine", epsilon=1.0))
    assert SketchRnn(config=KanjiConfig(name="mine", epsilon=1.0)).is_prepared()
    with pytest.raises(ValueError, match=r"other settings: epsilon 1\.0, not 2\.0\. Give this configuration another"):
        SketchRnn(config=KanjiConfig(name="mine", epsilon=2.0))
    assert str(builder.data_dir).endswith("/mine/1.0.0")


@pytest.mark.parametrize(
    "contents, reason",
    [
        (b"<svg", "unclosed token"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "it has 0 groups of strokes, not one"),
        (svg("06728", ""), "it has no strokes"),
        (svg("06728", TREE.replace("M50,50 v16", "v16")), "does not begin with a move"),
        (svg("06728", TREE.replace("v16", "v16 M1,1 v1")), "a stroke lifts the pen"),
        (svg("06728", TREE.replace("v16", "v1e999")), "leave out points that are no numbers"),
        (svg("06728", TREE).replace(b"]>", b'<!ENTITY many "x">]>'), "declares an XML entity"),
    ],
)
def test_a_file_that_is_no_drawing_is_named(home, contents, reason):
    write_kanji(home, u06728=contents)
    builder = SketchRnn(config="kanji")
    with pytest.raises(DataFileError) as refusal:
        builder.download_and_prepare()
    assert str(home / "packages" / "kanji" / "06728.svg") in str(refusal.value)
    assert reason in str(refusal.value)
    assert REMEDY in str(refusal.value)
    assert not builder.is_prepared()


@pytest.mark.parametrize("fault", ["missing", "cut short", "altered"])
def test_a_damaged_package_is_named(home, fault):
    write_kanji(home)
    file = home / "packages" / "kanji" / "06c60.svg"
    if fault == "missing":
        file.unlink()
    else:
        contents = file.read_bytes()
        file.write_bytes(contents[:-1] if fault == "cut short" else contents.replace(b"h5", b"h6"))
    with pytest.raises(DataFileError) as refusal:
        _prepared("kanji")
    assert str(file) in str(refusal.value)
    assert REMEDY in str(refusal.value)


def test_files_of_a_package_are_found_by_pattern(home):
    write_kanji(home)
    assert len(package_files("kanjivg", "kanji/*.svg")) == 124
    assert [file.name for file in package_files("kanjivg", "kanji/0674?.svg")] == ["06749.svg", "0674a.svg"]
    with pytest.raises(DataFileError, match=r"'kanjivg' has no file that matches 'kanji/\*\.png'.*tools/setup\.sh"):
        package_files("kanjivg", "kanji/*.png")
    with pytest.raises(DataFileError, match="The data package 'kanji-vg' is not in"):
        package_files("kanji-vg", "*")


# Quick, Draw!


@pytest.fixture
def site(home):
    folder = home / "site" / "sketch rnn"
    folder.mkdir(parents=True)
    site = Site(home / "site")
    for name in ("cat", "The Eiffel Tower"):
        write_npz(folder / f"{name}.npz")
    yield site
    site.close()


def _quickdraw(site, **options):
    options.setdefault("classes", ("cat", "The Eiffel Tower"))
    return QuickDrawConfig(name="some", base_address=f"{site.address}/sketch%20rnn", **options)


def test_sketches_are_the_published_ones(site):
    builder = _prepared(_quickdraw(site))
    assert [path for path, _ in site.log] == ["/sketch%20rnn/cat.npz", "/sketch%20rnn/The%20Eiffel%20Tower.npz"]
    assert builder.info.features["label"].names == ["cat", "The Eiffel Tower"]
    for (split, examples), count in zip(_examples(builder).items(), (20, 4, 5), strict=True):
        published = sketches(count, count)
        array = {"validation": "valid"}.get(split, split)
        assert {example["name"].decode(): example["label"] for example in examples} == {
            f"{name}-{array}-{number}": label
            for label, name in enumerate(["cat", "The Eiffel Tower"])
            for number in range(count)
        }
        for example in examples:
            number = int(example["name"].decode().rpartition("-")[2])
            assert np.array_equal(example["strokes"], published[number])


def test_prepared_sketches_need_no_server(site):
    config = _quickdraw(site)
    _prepared(config)
    site.close()
    pairs = SketchRnn(config=config).as_dataset(split="test", as_supervised=True)
    assert len(list(pairs)) == 10


def test_sketches_of_another_base_address_are_other_files(site, home):
    _prepared(_quickdraw(site, classes=("cat",)))
    other = home / "site" / "other"
    other.mkdir()
    write_npz(other / "cat.npz", train=npy(sketches(7)))
    there = _prepared(QuickDrawConfig(name="other", base_address=f"{site.address}/other/", classes=("cat",)))
    assert {split: info.num_examples for split, info in there.info.splits.items()} == {
        "train": 7,
        "validation": 4,
        "test": 5,
    }


@pytest.mark.parametrize("name, near", [("catt", "'cat'"), ("The Eifel tower", "'The Eiffel Tower'")])
def test_a_class_that_does_not_exist(site, name, near):
    with pytest.raises(DataFileError) as refusal:
        _prepared(_quickdraw(site, classes=("cat", name)))
    assert f"There are no sketches of the class {name!r}. Did you mean {near}" in str(refusal.value)
    assert ".npz: the server has no such file (404)" in str(refusal.value)


def test_a_class_like_no_other(site):
    with pytest.raises(DataFileError, match=r"the class 'xqzw'\. No class has a name like it"):
        _prepared(_quickdraw(site, classes=("xqzw",)))


def test_a_wrong_checksum(site):
    builder = SketchRnn(config=_quickdraw(site, checksums={"cat": "1" * 64}))
    with pytest.raises(DataFileError, match=r"cat\.npz has the SHA-256 \w{64}, but 1{64} is expected"):
        builder.download_and_prepare()
    assert not builder.is_prepared()


@pytest.mark.parametrize("array", ["train", "valid", "test"])
def test_a_file_that_would_run_code_is_not_kept(site, home, array):
    hostile = npy_of_pickle(f"cos\nsystem\n(S'touch {home / 'was_run'}'\ntR.".encode())
    write_npz(site.folder / "sketch rnn" / "cat.npz", **{array: hostile})
    builder = SketchRnn(config=_quickdraw(site))
    with pytest.raises(DataFileError, match=f"array '{array}': it "):
        builder.download_and_prepare()
    assert not builder.is_prepared()
    assert not list(home.rglob("cat.npz*"))[1:], "more than the one that is served"
    assert not (home / "was_run").exists()


def test_a_file_that_ends_early_is_not_kept(site, home):
    served = site.folder / "sketch rnn" / "cat.npz"
    served.write_bytes(served.read_bytes()[:-100])
    with pytest.raises(DataFileError, match="File is not a zip file"):
        _prepared(_quickdraw(site))
    assert list(home.rglob("cat.npz*")) == [served]


@pytest.mark.needs("published drawings")
def test_published_files(home):
    site = Site(PUBLISHED)
    config = QuickDrawConfig(name="shared", base_address=site.address, classes=("aaron_sheep", "short_kanji"))
    builder = _prepared(config)
    site.close()
    assert {split: info.num_examples for split, info in builder.info.splits.items()} == {
        "train": 17_400,
        "validation": 900,
        "test": 800,
    }
    examples = list(tfds.as_numpy(builder.as_dataset(split="test")))
    assert np.bincount([example["label"] for example in examples]).tolist() == [300, 500]
    assert all(example["strokes"][-1, 2] == 1 for example in examples)


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"classes": ()}, "classes is (). Give a list of class names"),
        ({"classes": "cat"}, "classes is 'cat'. Give a list of class names"),
        ({"classes": ("cat", "cat")}, "each once"),
        ({"classes": ("../cat",)}, "'../cat' is no class name"),
        ({"classes": ("..\\cat",)}, "is no class name"),
        ({"classes": ("",)}, "'' is no class name"),
        ({"base_address": "ftp://example.org"}, "Give an address that begins with https://"),
        ({"base_address": "/data"}, "Give an address that begins with https://"),
        ({"checksums": {"dog": "0"}}, "checksums names ['dog'], which classes does not"),
    ],
)
def test_settings_of_sketches_that_can_not_be_meant(options, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        QuickDrawConfig(name="mine", **options)


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"radicals": ()}, "radicals is (). Give a list of radicals"),
        ({"radicals": ("water",)}, "radicals is ('water',). Give a list of radicals"),
        ({"radicals": "水水"}, "each once"),
        ({"epsilon": -1}, "epsilon is -1. Give a distance"),
    ],
)
def test_settings_of_characters_that_can_not_be_meant(options, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        KanjiConfig(name="mine", **options)


def test_published_class_names():
    names = tfds.core.tfds_path("datasets/quickdraw_bitmap/labels.txt").read_text().split("\n")
    assert sorted(NAMES) == sorted(filter(None, names))
    default = SketchRnn.builder_configs["quickdraw"]
    assert set(default.classes) < set(NAMES)


# The characters themselves

COUNTS = {
    "train": [252, 227, 204, 165, 155, 164, 154, 112, 116, 117, 101, 92, 86, 95, 79, 70, 67, 63],
    "validation": [61, 60, 33, 33, 40, 28, 30, 34, 21, 19, 14, 13, 19, 10, 21, 12, 13, 23],
    "test": [44, 52, 43, 38, 32, 34, 36, 29, 24, 19, 19, 20, 16, 14, 12, 18, 14, 7],
}


@pytest.fixture(scope="module")
def kanji():
    return {split: list(tfds.as_numpy(tfds.load("sketch_rnn/kanji", split=split))) for split in SPLITS}


def test_number_of_characters_of_each_radical(kanji):
    assert {split: np.bincount([e["label"] for e in kanji[split]]).tolist() for split in SPLITS} == COUNTS
    total = np.sum(list(COUNTS.values()), axis=0)
    assert total.sum() == 3274
    assert total.min() == 93
    assert (np.diff(total) <= 0).all(), "the labels are in order of frequency"


def test_no_character_and_no_drawing_is_in_two_splits(kanji):
    for kind in ("character", "strokes"):
        seen = {
            split: {e[kind].tobytes() if kind == "strokes" else e[kind] for e in examples}
            for split, examples in kanji.items()
        }
        for one, other in itertools.combinations(SPLITS, 2):
            assert not seen[one] & seen[other]
    assert sum(len({e["character"] for e in kanji[split]}) for split in SPLITS) == 3274


def test_every_drawing_is_one(kanji):
    for example in itertools.chain(*kanji.values()):
        drawing = example["strokes"]
        points = np.cumsum(drawing[:, :2], axis=0)
        assert np.isfinite(drawing).all()
        assert set(np.unique(drawing[:, 2])) <= {0, 1}
        assert drawing[-1, 2] == 1
        assert points.min() > 0
        assert points.max() < 109
        assert example["radical"].any()
        # The pen is down all through the radical's strokes or not at all.
        lines = np.split(example["radical"], np.flatnonzero(drawing[:-1, 2]) + 1)
        assert all(line.all() or not line.any() for line in lines)
    lengths = [len(e["strokes"]) for e in itertools.chain(*kanji.values())]
    assert 5 < min(lengths) < 12
    assert 100 < max(lengths) < 150
    assert np.mean(lengths) == pytest.approx(62, abs=2)


def test_a_known_character(kanji):
    tree = next(e for e in itertools.chain(*kanji.values()) if e["character"].decode() == "林")
    assert list(RADICALS)[tree["label"]] == "木"
    lines = strokes.to_lines(tree["strokes"])
    assert len(lines) == 8
    assert lines[0][0] == pytest.approx([13.25, 39.93], abs=3)
    one, other = (np.concatenate(half)[:, 0] for half in (lines[:4], lines[4:]))
    assert one.mean() < 54.5 < other.mean(), "one tree at the left, and then one at the right"


def test_a_character_with_its_radical_in_another_form(kanji):
    sea = next(e for e in itertools.chain(*kanji.values()) if e["character"].decode() == "海")
    assert list(RADICALS)[sea["label"]] == "水"
    lines = strokes.to_lines(sea["strokes"])
    marks = np.split(sea["radical"], np.cumsum([len(line) for line in lines])[:-1])
    assert [bool(mark[0]) for mark in marks] == [True] * 3 + [False] * (len(lines) - 3)


def test_label_is_no_matter_of_order(kanji):
    assert len({int(e["label"]) for e in kanji["train"][:100]}) > 12
