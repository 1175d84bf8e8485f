"""Small files of every kind, and the ways in which they are spoiled: for the tests and the long fuzz."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, features

Rng = np.random.Generator


def scene(width: int = 40, height: int = 30) -> Image.Image:
    """A small picture with smooth parts, an edge and some noise, the same every time."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    pixels = np.stack([x * 255 / width, y * 255 / height, 255 * (x > y)], axis=2)
    pixels += np.random.default_rng(1).normal(0, 8, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif(orientation: int) -> bytes:
    """An EXIF block with nothing but an orientation."""
    return b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HHI", orientation, 0, 0)


def samples() -> dict[str, bytes]:
    """One small file of each kind and coding that is read."""
    image = scene()
    grey, palette = image.convert("L"), image.quantize(16)
    transparent = image.copy()
    transparent.putalpha(grey)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    frames = [image.rotate(angle) for angle in (0, 30, 60)]
    made = {
        "jpeg": saved(image, "JPEG", exif=exif(6), icc_profile=profile),
        "jpeg-progressive": saved(image, "JPEG", progressive=True),
        "jpeg-grey": saved(grey, "JPEG"),
        "jpeg-cmyk": saved(image.convert("CMYK"), "JPEG"),
        "png": saved(image, "PNG", icc_profile=profile),
        "png-transparent": saved(transparent, "PNG"),
        "png-palette": saved(palette, "PNG", transparency=3),
        "png-1": saved(image.convert("1"), "PNG"),
        "png-16": saved(deep, "PNG"),
        "png-animated": saved(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        "webp": saved(image, "WEBP", exif=exif(3)),
        "webp-lossless": saved(transparent, "WEBP", lossless=True),
        "webp-animated": saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        "gif": saved(palette, "GIF", transparency=2),
        "gif-animated": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "bmp": saved(image, "BMP"),
        "bmp-palette": saved(palette, "BMP"),
        "tiff": saved(image, "TIFF"),
        "tiff-lzw": saved(transparent, "TIFF", compression="tiff_lzw"),
        "tiff-jpeg": saved(image, "TIFF", compression="jpeg"),
        "tiff-deflate": saved(deep, "TIFF", compression="tiff_adobe_deflate"),
        "tiff-fax": saved(image.convert("1"), "TIFF", compression="group4"),
        "tiff-float": saved(Image.fromarray(np.asarray(grey).astype(np.float32) / 255), "TIFF"),
    }
    if features.check("avif"):
        made["avif"] = saved(image, "AVIF", quality=60, exif=exif(8))
        made["avif-transparent"] = saved(transparent, "AVIF", quality=60)
        made["avif-animated"] = saved(frames[0], "AVIF", save_all=True, append_images=frames[1:])
    return made


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *, colour: int = 2, depth: int = 8, pixels: bytes = b"", extra: bytes = b"") -> bytes:
    """A PNG that may claim anything."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return head + extra + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


def tiff(entries: list[tuple[int, int, int, bytes]], body: bytes = b"") -> bytes:
    """A little-endian TIFF: entries are (tag, type, count, four bytes); `body` starts at byte 8."""
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + directory


def bombs() -> dict[str, bytes]:
    """Files made to cost time or memory; all are far smaller than what they ask for."""
    small = saved(scene(16, 16), "JPEG", progressive=True)
    scan = small[small.index(b"\xff\xda") :].removesuffix(b"\xff\xd9")
    size = small.index(b"\xff\xc2") + 5
    wide = small[:size] + struct.pack(">HH", 6000, 8000) + small[size + 4 :]
    short = struct.pack("<HH", 1, 0)
    many_tags = [(tag, 7, 900_000, struct.pack("<I", 8)) for tag in range(256, 1_200)]
    webp = saved(scene(), "WEBP", lossless=True)
    huge = b"\x2f" + struct.pack("<I", 16_382 | 16_382 << 14) + webp[25:]
    gif = saved(scene().quantize(16), "GIF")
    first = gif.index(b",", 13 + 3 * 16)
    frame = gif[first:-1]
    moving = saved(scene(16, 12), "WEBP", save_all=True, append_images=[scene(16, 12).rotate(90)])
    start = moving.index(b"ANMF")
    shown = moving[start : start + 8 + (struct.unpack("<I", moving[start + 4 : start + 8])[0] + 1) // 2 * 2]
    frames = moving[:start] + shown * 100_000
    entries = b"".join(struct.pack("<HHII", tag, 7, 60_000, 8) for tag in range(1, 5_001))
    greedy = exif(1)[:6] + b"II*\0\x08\0\0\0" + struct.pack("<H", 5_000) + entries
    made = {
        "gif of 20,000 frames": gif[:-1] + frame * min(20_000, 20_000_000 // len(frame)) + b";",
        "webp of 100,000 frames": frames[:4] + struct.pack("<I", len(frames) - 8) + frames[8:],
        "png that claims 2^31 frames": png(
            8, 8, pixels=bytes(25 * 8), extra=chunk(b"acTL", struct.pack(">II", 0x7FFFFFFF, 0))
        ),
        "png of a billion pixels": png(32_000, 32_000, colour=0, pixels=bytes(10_000)),
        "png at the bound, all of it there": png(5_000, 5_000, colour=6, pixels=bytes(20_001 * 5_000)),
        "interlaced sides of 2^31": png(0x7FFFFFFF, 0x7FFFFFFF),
        "png whose pixels go on": png(8, 8, pixels=bytes(200_000_000)),
        "png with huge texts": png(
            8, 8, pixels=bytes(25 * 8), extra=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(60_000_000))) * 40
        ),
        "png of a million chunks": png(8, 8, pixels=bytes(25 * 8), extra=chunk(b"tEXt", b"a\0b") * 1_000_000),
        "png whose profile goes on": png(
            8, 8, pixels=bytes(25 * 8), extra=chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(200_000_000)))
        ),
        "jpeg of many scans": wide.removesuffix(b"\xff\xd9") + scan * 2_000 + b"\xff\xd9",
        "jpeg of 48 million pixels in nothing": wide,
        "jpeg of many comments": small[:2] + b"\xff\xfe\x00\x02" * 2_000_000 + small[2:],
        "webp of 16,000 by 16,000": webp[:12] + b"VP8L" + struct.pack("<I", len(huge)) + huge,
        "gif of 65,535 by 65,535": gif[:6] + b"\xff\xff\xff\xff" + gif[10:],
        "gif with a comment of 20 million bytes": gif[:first]
        + b"!\xfe"
        + (b"\x01a" * 10_000_000)
        + b"\0"
        + gif[first:],
        "bmp of a billion pixels": b"BM" + struct.pack("<IIIIiiHHIIIIII", 0, 0, 54, 40, 32_000, 32_000, 1, 1, *[0] * 6),
        "bmp of run lengths": b"BM"
        + struct.pack("<IIIIiiHHIIIIII", 0, 0, 1078, 40, 2_800, 2_800, 1, 8, 1, *[0] * 5)
        + bytes(1024)
        + b"\x01\x07" * 900_000,
        "tiff whose entries each claim the whole file": tiff(many_tags, bytes(1_000_000)),
        "tiff that paints the same pixels 2,000 times": tiff(
            [
                (256, 4, 1, struct.pack("<I", 10_000)),
                (257, 4, 1, struct.pack("<I", 10_000)),
                (258, 3, 1, short),
                (259, 3, 1, short),
                (262, 3, 1, short),
                (273, 4, 2_000, struct.pack("<I", 8)),
                (278, 4, 1, struct.pack("<I", 9_999)),
                (279, 4, 2_000, struct.pack("<I", 8)),
            ],
            struct.pack("<I", 8) * 3_125_000,
        ),
        "tiff with a tile of 2^30 pixels": tiff(
            [
                (256, 4, 1, struct.pack("<I", 8)),
                (257, 4, 1, struct.pack("<I", 8)),
                (258, 3, 1, short.ljust(4, b"\0")),
                (259, 3, 1, struct.pack("<HH", 8, 0)),
                (262, 3, 1, short),
                (322, 4, 1, struct.pack("<I", 32_768)),
                (323, 4, 1, struct.pack("<I", 32_768)),
                (324, 4, 1, struct.pack("<I", 8)),
                (325, 4, 1, struct.pack("<I", 64)),
            ],
            zlib.compress(bytes(100_000)),
        ),
    }
    made["jpeg whose exif entries each claim all of it"] = (
        small[:2] + b"\xff\xe1" + struct.pack(">H", len(greedy) + 2) + greedy + small[2:]
    )
    turned = struct.pack("<HHII", 250, 3, 4_000_000, 34) + struct.pack("<HHIHH", 274, 3, 1, 6, 0)
    numbers = b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + turned + bytes(8_000_000)
    made["png turned by an exif of four million numbers"] = png(
        8, 16, pixels=bytes(25 * 16), extra=chunk(b"eXIf", numbers)
    )
    if features.check("avif"):
        made["avif of 256 million pixels that says 8 by 8"] = lying_avif()
        made["avif of a film of 2.5 million pictures"] = _long_film(2_500_000)
    return made


def lying_avif() -> bytes:
    """256 million pixels in a box that says 8 by 8."""
    return zlib.decompress(base64.b85decode(_LYING_AVIF))


def _long_film(frames: int) -> bytes:
    """An AVIF whose tables say that each byte of its end is a picture."""
    film = bytearray(saved(scene(), "AVIF", save_all=True, append_images=[scene().rotate(90)]))
    for name, skip, numbers in ((b"stts", 12, (frames, 1)), (b"stsc", 12, (1, frames, 1)), (b"stsz", 8, (1, frames))):
        struct.pack_into(f">{len(numbers)}I", film, film.index(name) + skip, *numbers)
    return bytes(film) + bytes(frames + 1_000)


def spoil(data: bytes, rng: Rng) -> bytes:
    """Cut, flip, insert, repeat or overwrite a little."""
    spoiled = bytearray(data)
    for _ in range(int(rng.integers(1, 6))):
        if not spoiled:
            break
        at = int(rng.integers(len(spoiled)))
        what = int(rng.integers(7))
        if what == 0:
            del spoiled[at:]
        elif what == 1:
            spoiled[at] ^= 1 << int(rng.integers(8))
        elif what == 2:
            spoiled[at] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF]))
        elif what == 3:
            spoiled[at:at] = rng.bytes(int(rng.integers(1, 40)))
        elif what == 4:
            del spoiled[at : at + int(rng.integers(1, 40))]
        elif what == 5:
            spoiled[at : at + 4] = struct.pack(str(rng.choice(["<", ">"])) + "I", int(rng.choice(_EXTREMES)))
        else:
            part = spoiled[at : at + int(rng.integers(1, 200))]
            spoiled[at:at] = part * int(rng.integers(1, 20))
    return bytes(spoiled)


_EXTREMES = [0, 1, 255, 256, 32_767, 65_535, 65_536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]

# 16,000 x 16,000 grey pixels, encoded by Pillow, the box "ispe" overwritten; Pillow alone takes 533 MB to read it.
_LYING_AVIF = (
    "c-muNU{FXasVqn=%S>Yc0uY^>nP!-qnV9D5Xy^nKdYzkElE?r7iWw<6MNl?FL1uCZ0~+8f$SlbPvlxL`E;A=T8N_h`@fjhajKT~I"
    "T-SkYjm*rvG`LzRASaax%1bOWFm%q($p_n&m03_!0HnP$3zGAJv`A)gK`PWf4k#8V$gIc&2{3bTfcQL#Wrog;@;o3R;pF_BqP*ms"
    "3ZTin3~UWRA@R(DT$rDL4r5_tYGwht>V9rYVu=s~7q|TPy854g7coikau^*I6<|+3d}z)4|NlRxKVV=8J%36s>Z&}SFN>6O>zpUb"
    "@tprTGI+&ecRV-Hp1-&2s)F_pk<0@s(toFZ^M6viDnBGyZmqg)V9ET)*JF5&&e@^AMDOITwB4J&)*Wk@@L`WmtX1QlCsJ#Mma!p3"
    "8vAeU84b?TP=?jclWos&ZD-z~TCza!mcjkhdolBhN`)_qDr$7z+qC(}SDEYwS_Pv)I~ug3K|30>qd_|ww4*^g8nl=}>q}L~?jGF6"
    "Q8NTL0szASMyC"
)
