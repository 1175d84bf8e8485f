"""Archives: what is good comes out, what is not has its reason, and nothing unpacks without bound."""

import io
import struct
import zipfile

import pytest

from imgsearch.images import zip_files
from imgsearch.images.zip_files import ArchiveError, read_members


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def read(data):
    skipped = []
    members = list(read_members(data, skipped=lambda name, reason: skipped.append((name, reason))))
    for _, reason in skipped:
        assert reason.endswith(".")
    return members, skipped


def test_members_come_out_with_name_and_content():
    members = {"cats/a.jpg": b"aaa", "b.png": bytes(10_000), "ü/ß.webp": b"c"}
    for data in (zipped(members), zipped(members, zipfile.ZIP_STORED)):
        assert dict(read(data)[0]) == members
        assert dict(read(io.BytesIO(data))[0]) == members


def test_folders_and_what_systems_add_are_passed_over_silently():
    data = zipped({"a/": b"", "__MACOSX/a/._b.jpg": b"x", "a/.DS_Store": b"x", "Thumbs.db": b"x", "a/b.jpg": b"good"})
    assert read(data) == ([("a/b.jpg", b"good")], [])


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.jpg", "a/../../b.jpg", "..\\a.jpg", "C:\\a.jpg", "c:a.jpg"])
def test_names_that_point_outside_are_skipped(name):
    members, skipped = read(zipped({name: b"x", "good.jpg": b"y"}))
    assert members == [("good.jpg", b"y")]
    assert [reason for _, reason in skipped] == [
        "Its name points outside the archive: pack it again under a plain name."
    ]


def test_links_are_skipped():
    link = zipfile.ZipInfo("link.jpg")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.jpg", b"y")
    members, skipped = read(file.getvalue())
    assert members == [("good.jpg", b"y")]
    assert "link" in skipped[0][1]


def test_archives_inside_are_skipped():
    members, skipped = read(zipped({"inner.zip": zipped({"a.jpg": b"x"}), "good.jpg": b"y"}))
    assert members == [("good.jpg", b"y")]
    assert "archive inside" in skipped[0][1]


def test_locked_members_are_skipped():
    data = bytearray(zipped({"a.jpg": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    members, skipped = read(bytes(data))
    assert members == []
    assert "password" in skipped[0][1]


def test_two_of_the_same_name_are_told_apart():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.jpg", b"first")
        archive.writestr("a.jpg", b"second")
    members, skipped = read(file.getvalue())
    assert members == [("a.jpg", b"first")]
    assert "same name" in skipped[0][1]


def test_a_damaged_member_costs_only_itself():
    data = bytearray(zipped({"a.jpg": bytes(range(256)) * 20, "b.jpg": b"good"}, zipfile.ZIP_STORED))
    data[100] ^= 255
    members, skipped = read(bytes(data))
    assert members == [("b.jpg", b"good")]
    assert "damaged" in skipped[0][1]


def test_unusual_packing_is_skipped():
    members, skipped = read(zipped({"a.jpg": b"x" * 100}, zipfile.ZIP_LZMA))
    assert members == []
    assert "ordinary zip" in skipped[0][1]


def test_a_member_larger_than_the_bound_is_skipped(monkeypatch):
    monkeypatch.setattr(zip_files, "MAX_BYTES", 1_000)
    members, skipped = read(zipped({"a.jpg": bytes(2_000), "b.jpg": b"y"}))
    assert members == [("b.jpg", b"y")]
    assert "larger than" in skipped[0][1]


def test_a_bomb_is_stopped_while_it_unpacks():
    with pytest.raises(ArchiveError, match="far more than it should"):
        read(zipped({"a.jpg": bytes(20_000_000)}))


def test_a_bomb_that_lies_about_its_size_is_stopped():
    data = bytearray(zipped({"a.jpg": bytes(60_000_000)}))
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 100)
    data[22:26] = struct.pack("<I", 100)
    try:
        members, _ = read(bytes(data))
    except ArchiveError:
        return
    assert all(len(content) <= 100 for _, content in members)


def test_many_small_bombs_are_counted_together():
    # Each within its own allowance, all together a thousand times what was packed.
    with pytest.raises(ArchiveError, match="far more than it should"):
        read(zipped({f"{i}.jpg": bytes(900_000) for i in range(60)}))


def test_the_total_is_bounded(monkeypatch):
    monkeypatch.setattr(zip_files, "MAX_TOTAL", 1_000_000)
    with pytest.raises(ArchiveError, match="more than 1 MB"):
        read(zipped({f"{i}.jpg": bytes(400_000) for i in range(4)}, zipfile.ZIP_STORED))


def test_what_came_before_a_bomb_stays_good():
    reader = read_members(zipped({"a.jpg": b"good", "b.jpg": bytes(20_000_000)}))
    assert next(reader) == ("a.jpg", b"good")
    with pytest.raises(ArchiveError):
        next(reader)


def test_one_body_under_many_names_is_refused():
    data = zipped({"a.jpg": b"x" * 1_000}, zipfile.ZIP_STORED)
    start = data.index(b"PK\x01\x02")
    entry = data[start : data.index(b"PK\x05\x06")]
    directory = entry + entry.replace(b"a.jpg", b"b.jpg")
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2, 2, len(directory), start, 0)
    with pytest.raises(ArchiveError):
        read(data[:start] + directory + end)


def test_a_million_tiny_files_are_refused_before_they_are_listed(monkeypatch):
    many = zipped({f"{i}": b"" for i in range(30_000)}, zipfile.ZIP_STORED)
    with monkeypatch.context() as patched:
        patched.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("they were listed"))
        with pytest.raises(ArchiveError, match="at most 20,000"):
            read(many)


def test_the_number_of_files_is_counted_not_believed(monkeypatch):
    monkeypatch.setattr(zip_files, "MAX_MEMBERS", 100)
    data = bytearray(zipped({f"{i}": b"" for i in range(300)}, zipfile.ZIP_STORED))
    end = data.index(b"PK\x05\x06")
    data[end + 8 : end + 12] = struct.pack("<2H", 1, 1)  # the number is a lie
    with pytest.raises(ArchiveError, match="too many files"):
        read(bytes(data))


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + bytes(100), b"Rar!\x1a\x07" + bytes(100)])
def test_what_is_no_zip_is_said(data):
    with pytest.raises(ArchiveError, match="not a zip"):
        read(data)


def test_cut_at_every_length():
    data = zipped({"a.jpg": b"x" * 50, "b/c.png": b"y" * 50})
    for length in range(len(data)):
        with pytest.raises(ArchiveError):
            read(data[:length])
