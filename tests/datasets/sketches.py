"""SketchRNN files as Quick, Draw! publishes them, and a server of files on this machine's own network."""

import http.server
import io
import re
import threading
import zipfile
from pathlib import Path

import numpy as np

# Two such files lie beside the repository where it is worked on. They are not part of it.
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


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
