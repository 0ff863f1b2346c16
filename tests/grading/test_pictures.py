"""Pictures that students hand in: what comes out is a picture of the same, and nothing else of the file."""

import base64
import io
import random
import struct
import time
import zlib

import pytest
from PIL import Image

from seqmodels.grading import pictures

WORDS = b"<script>alert(1)</script>"


def _drawn(kind, mode="RGB", size=(60, 40), **options):
    """The bytes of a picture that is red on the left and blue on the right."""
    image = Image.new("RGB", size, (200, 0, 0))
    image.paste((0, 0, 200), (size[0] // 2, 0, *size))
    stream = io.BytesIO()
    image.convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def _opened(picture):
    image = Image.open(io.BytesIO(picture.data))
    assert Image.MIME[image.format] == picture.kind
    return image.convert("RGB")


def _is_red(colour):
    red, green, blue = colour
    return red > 150 and green < 80 and blue < 80


@pytest.mark.parametrize(
    ("kind", "mode", "options", "becomes"),
    [
        ("PNG", "RGB", {}, "image/png"),
        ("PNG", "RGBA", {}, "image/png"),
        ("PNG", "P", {"transparency": 255}, "image/png"),
        ("GIF", "RGB", {}, "image/png"),
        ("JPEG", "RGB", {}, "image/jpeg"),
        ("JPEG", "RGB", {"progressive": True}, "image/jpeg"),
        ("JPEG", "CMYK", {}, "image/jpeg"),
        ("MPO", "RGB", {}, "image/jpeg"),
        ("WEBP", "RGB", {}, "image/jpeg"),
        ("WEBP", "RGBA", {"lossless": True}, "image/jpeg"),
    ],
)
def test_picture_is_drawn_anew(kind, mode, options, becomes):
    picture = pictures.safe(_drawn(kind, mode, **options))
    image = _opened(picture)
    assert picture.kind == becomes and image.size == (60, 40)
    assert _is_red(image.getpixel((10, 20))) and not _is_red(image.getpixel((50, 20)))


def test_greys_of_sixteen_bits_stay_apart():
    grey = Image.new("I;16", (2, 1))
    grey.putpixel((0, 0), 20_000)
    grey.putpixel((1, 0), 60_000)
    stream = io.BytesIO()
    grey.save(stream, "PNG")
    image = _opened(pictures.safe(stream.getvalue()))
    assert [image.getpixel((column, 0))[0] for column in (0, 1)] == [78, 234]


def test_of_a_film_the_first_picture_is_shown():
    film = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(film, "GIF", save_all=True, append_images=frames[1:])
    picture = pictures.safe(film.getvalue())
    assert picture.kind == "image/png" and _is_red(_opened(picture).getpixel((4, 4)))


def test_nothing_else_of_the_file_stays():
    where = Image.Exif()
    where[0x010F] = WORDS.decode()
    for kind, options in (("JPEG", {"comment": WORDS}), ("PNG", {}), ("WEBP", {})):
        data = _drawn(kind, exif=where, icc_profile=WORDS * 9, **options) + WORDS
        assert WORDS in data and WORDS not in pictures.safe(data).data


def test_photo_is_upright_and_of_the_size_of_a_page():
    lying = Image.Exif()
    lying[0x0112] = 6  # the telephone was held upright: turn by a quarter to the right
    picture = pictures.safe(_drawn("JPEG", size=(6000, 4000), exif=lying))
    image = _opened(picture)
    assert picture.decoded == 24_000_000 and image.size == (1333, 2000)
    assert _is_red(image.getpixel((600, 100))) and not _is_red(image.getpixel((600, 1900)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WORDS,
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.4",
        _drawn("PNG")[:60],
        _drawn("BMP"),
        _drawn("TIFF"),
        _drawn("JPEG")[:300],
    ],
    ids=range(8),
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(pictures.Refused, match="it is no PNG, JPEG, GIF or WebP picture, or it is damaged"):
        pictures.safe(data)


def _claims(wide, high):
    """A small file that claims to be a large PNG."""
    parts = (b"IHDR" + struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in parts
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (_drawn("PNG") + bytes(pictures.MOST_BYTES), "more than 20 MB"),
        (_claims(10_000, 10_000), "10,000 × 10,000 pixels, and no more than 64 million are shown"),
        (_claims(60_000, 60_000), "damaged"),
        (_drawn("JPEG") + b"\xff\xda" * 100, "more than 40 passes"),
    ],
    ids=("bytes", "pixels", "many more pixels", "passes"),
)
def test_what_is_too_large_is_refused_before_it_is_decoded(data, why):
    begun = time.process_time()
    with pytest.raises(pictures.Refused, match=why):
        pictures.safe(data)
    assert time.process_time() - begun < 10


def test_pictures_of_notebooks_may_have_line_breaks():
    written = base64.encodebytes(_drawn("PNG")).decode()
    picture = pictures.safe_base64(written)
    assert picture == pictures.safe(_drawn("PNG"))
    assert picture.url() == f"data:image/png;base64,{picture.base64()}"


@pytest.mark.parametrize("written", ["", "é", "no base64", "A" * 50_000_000], ids=("empty", "letter", "words", "long"))
def test_what_is_no_base64_is_refused(written):
    with pytest.raises(pictures.Refused):
        pictures.safe_base64(written)


def test_damaged_pictures_are_drawn_or_refused():
    chance = random.Random(1)
    whole = [
        *(_drawn("PNG"), _drawn("PNG", "P"), _drawn("GIF"), _drawn("WEBP"), _drawn("MPO"), _drawn("JPEG", "CMYK")),
        _drawn("JPEG", progressive=True, exif=Image.Exif()),
    ]
    for _ in range(1000):
        data = bytearray(chance.choice(whole))
        for _ in range(chance.choice((1, 3, 9))):
            place = chance.randrange(len(data))
            data[place : place + chance.randrange(2)] = bytes(chance.choices(range(256), k=chance.randrange(1, 3)))
        try:
            assert pictures.safe(bytes(data)).kind in ("image/png", "image/jpeg")
        except pictures.Refused:
            continue
