"""A student's picture, decoded and encoded again: of the file nothing stays but what one sees.

What a browser gets is never a student's own bytes, which may be a page, a script or a picture of many gigabytes under
the name of a small one. Photos become small enough to be read on a page, and lose where and by whom they were taken.
"""

import base64
import binascii
import io
import re
import struct
import warnings
import zlib
from typing import NamedTuple

from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")  # of a GIF or another film, the first picture
MOST_BYTES = 20_000_000  # a photo of a telephone has 5 to 15 million
MOST_PIXELS = 64_000_000
LONGEST_SIDE = 2000  # pixels of what comes out; handwriting on a page of paper can be read

# A JPEG may draw itself in thousands of passes, each over all pixels. Real ones take ten, and one for a preview.
_MOST_PASSES = 40
_PASS = b"\xff\xda"
_PHOTOS = ("JPEG", "MPO", "WEBP")  # MPO: a JPEG with more pictures behind it, as some telephones write
_BLANKS = re.compile(r"\s+")

NO_PICTURE = "it is no PNG, JPEG, GIF or WebP picture, or it is damaged"
TOO_MANY_BYTES = "it has more than {most} MB"
TOO_MANY_PIXELS = "it has {wide:,} × {high:,} pixels, and no more than {most} million are shown"
TOO_MANY_PASSES = "it is drawn in more than {most} passes"

# What Pillow raises for files that are not what they claim.
_UNREADABLE = (
    *(AttributeError, EOFError, LookupError, MemoryError, OSError, OverflowError, SyntaxError, TypeError, ValueError),
    *(Image.DecompressionBombError, struct.error, zlib.error),
)


class Refused(ValueError):
    """A picture that is not shown. The message says why, and can be put behind its name and a colon.

    Attributes:
      decoded: how many pixels may have been decoded before that was known.
    """

    def __init__(self, why: str, decoded: int = 0):
        super().__init__(why)
        self.decoded = decoded


class Picture(NamedTuple):
    """A picture that Pillow has encoded.

    Attributes:
      kind: its media type, "image/png" or "image/jpeg".
      data: its bytes.
      decoded: how many pixels had to be decoded for it, which is what it costs.
    """

    kind: str
    data: bytes
    decoded: int

    def base64(self) -> str:
        """Its bytes as nbformat keeps those of a picture, without line breaks."""
        return base64.b64encode(self.data).decode("ascii")

    def url(self) -> str:
        """An address that holds the whole picture, for ``<img src="...">``."""
        return f"data:{self.kind};base64,{self.base64()}"


def safe(data: bytes) -> Picture:
    """A student's picture, decoded and encoded again, upright, and no larger than a page needs.

    Args:
      data: the bytes of a file, whatever it calls itself.

    Raises:
      Refused: it is of no known kind, damaged, or too large.
    """
    if len(data) > MOST_BYTES:
        raise Refused(TOO_MANY_BYTES.format(most=MOST_BYTES // 1_000_000))
    if data.count(_PASS) > _MOST_PASSES and data.startswith(b"\xff\xd8"):
        raise Refused(TOO_MANY_PASSES.format(most=_MOST_PASSES))
    decoded = 0
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            wide, high = image.size
            if wide * high > MOST_PIXELS:
                raise Refused(TOO_MANY_PIXELS.format(wide=wide, high=high, most=MOST_PIXELS // 1_000_000))
            decoded = wide * high
            return _encoded(_plain(image), image.format in _PHOTOS, decoded)
    except Refused:
        raise
    except _UNREADABLE as error:
        raise Refused(NO_PICTURE, decoded) from error


def safe_base64(written: str) -> Picture:
    """safe() of a picture in base64, as a notebook holds it; line breaks do not count.

    Raises:
      Refused: as safe() does, or it is no base64.
    """
    if len(written) > 2 * MOST_BYTES:
        raise Refused(TOO_MANY_BYTES.format(most=MOST_BYTES // 1_000_000))
    try:
        data = base64.b64decode(_BLANKS.sub("", written), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(NO_PICTURE) from error
    return safe(data)


def _plain(image: Image.Image) -> Image.Image:
    """What one sees of an image, as L, RGB or RGBA, and without all else that it carries."""
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at a fraction of its size
    image.load()
    if image.mode.startswith("I"):  # greys of 16 bits
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode != "L":
        image = image.convert("L" if image.mode == "1" else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    image = ImageOps.exif_transpose(image)
    image.info = {}
    return image


def _encoded(image: Image.Image, is_photo: bool, decoded: int) -> Picture:
    stream = io.BytesIO()
    if is_photo and image.mode != "RGBA":
        image.save(stream, "JPEG", quality=85)
        return Picture("image/jpeg", stream.getvalue(), decoded)
    image.save(stream, "PNG")
    return Picture("image/png", stream.getvalue(), decoded)
