"""Made-up sources of drawings: characters, SketchRNN files, and a server of files on this machine's own network."""

import http.server
import io
import re
import threading
import zipfile
from pathlib import Path

import numpy as np

from tests.datasets.packages import write_files

# Two such files lie beside the repository where it is worked on. They are not part of it.


# As the files of KanjiVG are: the attributes are declared in the DOCTYPE, with one address of their namespace, and
# the root has another.
_SVG = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.0//EN" "http://www.w3.org/TR/2001/REC-SVG-20010904/DTD/svg10.dtd" [
<!ATTLIST g
xmlns:kvg CDATA #FIXED "http://kanjivg.tagaini.net"
kvg:element CDATA #IMPLIED
kvg:original CDATA #IMPLIED
kvg:radical CDATA #IMPLIED >
]>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 109 109" xmlns:kvg="https://kanjivg.tagaini.net/">
<g id="kvg:StrokePaths_{name}">
<g id="kvg:{name}">
{groups}
</g>
</g>
<g id="kvg:StrokeNumbers_{name}"><text transform="matrix(1 0 0 1 12.50 41.50)">1</text></g>
</svg>
"""
WATER = '<g kvg:element="氵" kvg:original="水" kvg:radical="general"><path d="M10,20 h5"/><path d="M10,40 h5"/></g>'
TREE = '<g kvg:element="木" kvg:radical="tradit"><g kvg:element="十"><path d="M50,50 v16"/></g></g>'
REST = '<path d="M30,20 c0,20 20,40 40,40"/><g kvg:element="口" kvg:phon="口"><path d="M60,60 h20 v20 h-20 z"/></g>'
NELSON = '<g kvg:element="木" kvg:radical="nelson"><path d="M60,60 h20"/></g>'
TWO = WATER + TREE


def svg(name: str, groups: str) -> bytes:
    """A file of KanjiVG with these strokes."""
    return _SVG.format(name=name, groups=groups).encode()


def write_kanji(home: Path, **changes: bytes) -> None:
    """Sixty characters of the water radical with a variant each, one of the tree's, and three that have no label."""
    characters = [f"{0x6C40 + number:05x}" for number in range(60)]
    files = {f"kanji/{code}.svg": svg(code, WATER + REST) for code in characters}
    files |= {f"kanji/{code}-Kaisho.svg": svg(code, REST + WATER) for code in characters}
    files["kanji/06728.svg"] = svg("06728", REST + TREE)
    files["kanji/0002c.svg"] = svg("0002c", REST)
    files["kanji/06749.svg"] = svg("06749", NELSON)
    files["kanji/0674a.svg"] = svg("0674a", TWO)
    for name, contents in changes.items():
        files[f"kanji/{name.removeprefix('u')}.svg"] = contents
    write_files(home, "kanjivg", files | {"help/readme.txt": b"no drawing"})


def sketches(count: int, seed: int = 0) -> list[np.ndarray]:
    """Random drawings of whole numbers in stroke-3."""
    rng = np.random.default_rng(seed)
    drawings = []
    for _ in range(count):
        drawing = rng.integers(-50, 50, (rng.integers(2, 30), 3), dtype=np.int16)
        drawing[:, 2] = rng.random(len(drawing)) < 0.2
        drawing[-1, 2] = 1
        drawings.append(drawing)
    return drawings


def npy(items: list) -> bytes:
    """An array of objects, as a member of an .npz file holds it."""
    array = np.empty(len(items), dtype=object)
    array[:] = items
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def npy_of_pickle(pickled: bytes, count: int = 1) -> bytes:
    """A member of an .npz file that says it holds that many objects, and holds this pickle."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|O", "fortran_order": False, "shape": (count,)})
    return stream.getvalue() + pickled


def write_npz(file: Path, **members: bytes) -> Path:
    """Write an .npz file of three small arrays, some of whose members are given."""
    whole = {name: npy(sketches(count, count)) for name, count in (("train", 20), ("valid", 4), ("test", 5))}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in (whole | members).items():
            archive.writestr(f"{name}.npy", contents)
    return file


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        site = self.server.site
        asked = self.headers.get("Range")
        site.log.append((self.path, asked))
        path = site.folder / self.path.removeprefix("/").replace("%20", " ")
        if site.status or not path.is_file():
            self.send_response(site.status or 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        contents, tag = path.read_bytes(), f'"{path.stat().st_mtime_ns}"'
        first = 0
        if asked and self.headers.get("If-Range", tag) == tag and not site.without_ranges:
            first = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
            if first >= len(contents):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(contents)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            first += site.shift
            self.send_header("Content-Range", f"bytes {first}-{len(contents) - 1}/{len(contents)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(contents) - first))
        if site.tags:
            self.send_header("ETag", tag)
        self.end_headers()
        if site.stops:
            stop = site.stops.pop(0)
            self.wfile.write(contents[first : first + stop])
            self.wfile.flush()
            site.hold.wait(60)
            self.close_connection = True
            return
        self.wfile.write(contents[first:])

    def log_message(self, *arguments):
        pass


class Site:
    """A server of the files of a folder, on a port of this machine that it finds free.

    Attributes:
      folder: what it serves.
      log: path and ``Range`` of each request so far.
      status: a status to answer everything with.
      tags: whether it says ``ETag``.
      without_ranges: whether it always sends whole files.
      shift: how many bytes too late it begins when it is asked for the rest of a file.
      stops: after how many bytes to break off the next answers, one for each.
      hold: an event that it waits for before it breaks off.
    """

    def __init__(self, folder: Path):
        self.folder, self.log, self.status = folder, [], None
        self.tags, self.without_ranges, self.shift, self.stops = True, False, 0, []
        self.hold = threading.Event()
        self.hold.set()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.site = self
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
