"""Downloads that break off, over this machine's own network: nothing but a whole and checked file is ever used."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from seqmodels.datasets import DataFileError, _download
from seqmodels.datasets._download import MissingFileError, download
from tests.datasets.sketches import Site
from tests.patience import PATIENCE

SIZE, PIECE = 1_000_000, _download.PIECE


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(_download, "SECONDS_BETWEEN_ATTEMPTS", 0)
    folder = tmp_path / "site"
    folder.mkdir()
    site = Site(folder)
    _publish(site)
    yield site
    site.close()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "downloads" / "cat.npz"


def _publish(site, seed=0, size=SIZE):
    contents = np.random.default_rng(seed).bytes(size)
    (site.folder / "cat.npz").write_bytes(contents)
    # The tag is the time of the last change: make sure that it moves.
    os.utime(site.folder / "cat.npz", ns=(seed, seed))
    return contents


def _published(site):
    return (site.folder / "cat.npz").read_bytes()


def _fetch(site, file, **options):
    return download(f"{site.address}/cat.npz", file, options.pop("check", lambda _: None), **options)


def _refusal(site, file, **options):
    with pytest.raises(DataFileError) as refusal:
        _fetch(site, file, **options)
    return str(refusal.value)


def _left(file):
    return sorted(path.name for path in file.parent.iterdir())


def _ranges(site):
    return [asked for _, asked in site.log]


def test_a_file_is_fetched_once(site, file):
    assert _fetch(site, file) == file
    assert file.read_bytes() == _published(site)
    _fetch(site, file)
    assert _ranges(site) == [None]
    assert _left(file) == ["cat.npz", "checksums.json"]


def test_a_download_goes_on_after_the_connection_broke(site, file):
    site.stops = [600_000, 200]
    _fetch(site, file)
    assert file.read_bytes() == _published(site)
    assert _ranges(site)[0] is None
    assert all(asked.startswith("bytes=") for asked in _ranges(site)[1:])
    assert len(site.log) == 3


def test_a_download_that_fails_is_kept_and_goes_on_the_next_time(site, file):
    site.stops = [600_000, 0, 0]
    message = _refusal(site, file)
    part = file.with_name("cat.npz.part")
    assert f"{site.address}/cat.npz can't be fetched (3 attempts)" in message
    assert f"it goes on after the {part.stat().st_size:,} bytes that are in {part}" in message
    assert part.read_bytes() == _published(site)[: part.stat().st_size]
    assert part.stat().st_size >= 2 * PIECE
    assert not file.exists()
    have = part.stat().st_size
    _fetch(site, file)
    assert file.read_bytes() == _published(site)
    assert _ranges(site)[-1] == f"bytes={have}-"


def test_a_file_that_changed_in_between_is_fetched_from_the_start(site, file):
    site.stops = [600_000, 0, 0]
    _refusal(site, file)
    new = _publish(site, seed=1)
    _fetch(site, file)
    assert file.read_bytes() == new


def test_a_server_that_sends_whole_files_only(site, file):
    site.without_ranges = True
    site.stops = [600_000]
    _fetch(site, file)
    assert file.read_bytes() == _published(site)


def test_a_server_that_does_not_say_which_version_it_sends(site, file):
    site.tags = False
    site.stops = [600_000]
    _fetch(site, file)
    assert file.read_bytes() == _published(site)
    assert _ranges(site) == [None, None]


def test_a_server_that_sends_another_part_than_it_was_asked_for(site, file):
    site.shift = 10
    site.stops = [600_000]
    _fetch(site, file)
    assert file.read_bytes() == _published(site)
    assert [asked is None for asked in _ranges(site)] == [True, False, True]


def _stop_before_the_end(site, file):
    """Leave what a process leaves that is killed after the last byte came and before the file is in its place."""
    with pytest.raises(KeyboardInterrupt):
        _fetch(site, file, check=_interrupt)


def _interrupt(path):
    raise KeyboardInterrupt


def test_a_whole_part_is_not_fetched_again(site, file):
    _stop_before_the_end(site, file)
    assert "cat.npz.part" in _left(file)
    _fetch(site, file)
    assert file.read_bytes() == _published(site)
    assert _ranges(site) == [None, f"bytes={SIZE}-"]
    assert _left(file) == ["cat.npz", "checksums.json"]


def test_a_part_that_is_longer_than_the_file_is_thrown_away(site, file):
    _stop_before_the_end(site, file)
    with file.with_name("cat.npz.part").open("ab") as part:
        part.write(b"more")
    _fetch(site, file)
    assert file.read_bytes() == _published(site)
    assert _ranges(site) == [None, f"bytes={SIZE + 4}-", None]


def test_a_part_of_unknown_version_is_not_built_on(site, file):
    file.parent.mkdir()
    file.with_name("cat.npz.part").write_bytes(b"something else")
    _fetch(site, file)
    assert file.read_bytes() == _published(site)
    assert _ranges(site) == [None]


# In a process of its own, as `kill -9` would end the tests.
FETCH = """
import sys
from pathlib import Path
from seqmodels.datasets._download import download
download(sys.argv[1], Path(sys.argv[2]), lambda _: None)
"""


def test_a_process_that_is_killed_goes_on_where_it_was(site, file):
    site.stops = [600_000]
    site.hold.clear()
    process = subprocess.Popen(
        [sys.executable, "-c", FETCH, f"{site.address}/cat.npz", str(file)], stderr=subprocess.DEVNULL
    )
    part = file.with_name("cat.npz.part")
    deadline = time.monotonic() + PATIENCE
    while not part.exists() or part.stat().st_size < 2 * PIECE:
        assert time.monotonic() < deadline, "nothing came"
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    site.hold.set()
    have = part.stat().st_size
    assert not file.exists()

    _fetch(site, file)
    assert file.read_bytes() == _published(site)
    assert _ranges(site) == [None, f"bytes={have}-"]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_not_there(site, file, status):
    site.status = status
    with pytest.raises(MissingFileError, match=rf"/cat.npz: the server has no such file \({status}\)"):
        _fetch(site, file)
    assert len(site.log) == 1
    assert _left(file) == []


def test_a_server_in_trouble_is_asked_again(site, file):
    site.status = 503
    assert "can't be fetched (3 attempts): 503 Server Error" in _refusal(site, file)
    assert len(site.log) == 3


def test_a_server_that_can_not_be_reached(tmp_path, file, monkeypatch):
    monkeypatch.setattr(_download, "SECONDS_BETWEEN_ATTEMPTS", 0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/cat.npz"
        with pytest.raises(DataFileError) as refusal:
            download(address, file, lambda _: None)
    assert f"{address} can't be fetched (3 attempts)" in str(refusal.value)
    assert str(refusal.value).endswith("Check the network and the address, and run this again.")
    assert not file.exists()


def test_a_given_checksum_is_compared_before_the_file_is_there(site, file):
    message = _refusal(site, file, sha256="0" * 64, check=lambda _: pytest.fail("it was used"))
    assert f"{file} from {site.address}/cat.npz has the SHA-256 " in message
    assert f"but {'0' * 64} is expected" in message
    assert _left(file) == []


def test_a_given_checksum_that_is_right(site, file):
    checksum = _download._sha256(site.folder / "cat.npz")
    _fetch(site, file, sha256=checksum)
    assert file.read_bytes() == _published(site)
    assert json.loads(file.with_name("checksums.json").read_text()) == {"cat.npz": checksum}


def test_a_file_that_was_altered_here_is_refused(site, file):
    _fetch(site, file)
    with file.open("r+b") as stream:
        stream.seek(SIZE // 2)
        stream.write(b"x")
    message = _refusal(site, file)
    assert "it was altered, here or there. Delete it" in message
    file.unlink()
    _fetch(site, file)
    assert file.read_bytes() == _published(site)


def test_a_file_that_was_altered_there_is_refused_until_it_is_trusted(site, file):
    _fetch(site, file)
    file.unlink()
    new = _publish(site, seed=1)
    message = _refusal(site, file)
    record = file.with_name("checksums.json")
    assert f"take the name of the file out of {record}" in message
    assert _left(file) == ["checksums.json"]
    record.write_text("{}")
    _fetch(site, file)
    assert file.read_bytes() == new


def test_each_file_of_a_folder_has_its_own_checksum(site, file):
    (site.folder / "dog.npz").write_bytes(b"dog")
    _fetch(site, file)
    download(f"{site.address}/dog.npz", file.with_name("dog.npz"), lambda _: None)
    known = json.loads(file.with_name("checksums.json").read_text())
    assert known == {name: _download._sha256(file.with_name(name)) for name in ("cat.npz", "dog.npz")}


def test_a_damaged_record_is_named(site, file):
    _fetch(site, file)
    record = file.with_name("checksums.json")
    for contents in ("{", "[]"):
        record.write_text(contents)
        assert f"{record} is damaged. Delete it" in _refusal(site, file)


def test_a_file_that_fails_its_check_is_not_kept(site, file):
    def check(path):
        raise DataFileError(f"{path} shows no cat.")

    message = _refusal(site, file, check=check)
    assert "cat.npz.part shows no cat. It was not kept: run this again, and if that does not help, look at" in message
    assert f"what {site.address}/cat.npz serves" in message
    assert _left(file) == []
    file.write_bytes(b"from a friend")
    assert "cat.npz shows no cat. Delete it and run this again" in _refusal(site, file, check=check)
    assert file.read_bytes() == b"from a friend"


def test_a_file_that_someone_put_there_is_checked_too(site, file):
    file.parent.mkdir()
    file.write_bytes(b"from a friend")
    seen = []
    _fetch(site, file, check=seen.append)
    _fetch(site, file, check=seen.append)
    assert seen == [file]
    assert site.log == []
    assert list(json.loads(file.with_name("checksums.json").read_text())) == ["cat.npz"]
