"""The command line gives what it says, and errors in one sentence."""

import json

import numpy as np
import pytest

from imgsearch import __main__ as command
from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from tests.galleries import write_pictures
from tests.gallery.test_fashion_mnist import write_fashion

HISTOGRAMS = ["--method", "histogram", "--method", "histogram-grid"]


@pytest.fixture
def folder(tmp_path):
    write_pictures(tmp_path / "pictures")
    return tmp_path / "pictures"


@pytest.fixture
def gallery(folder, tmp_path):
    assert command.main(["index", str(folder), "--out", str(tmp_path / "out"), *HISTOGRAMS]) == 0
    return tmp_path / "out"


def run(capsys, *arguments, code=0):
    assert command.main([str(argument) for argument in arguments]) == code
    return capsys.readouterr()


def test_index_says_what_it_did(folder, tmp_path, capsys):
    (folder / "round" / "03.png").write_bytes(b"broken")
    said = run(capsys, "index", folder, "--out", tmp_path / "out", *HISTOGRAMS, "--name", "Mine")
    assert "11 pictures, 11 new, 0 known already, 0 gone, 1 unreadable" in said.out
    assert said.err.startswith("skipped round/03.png: ")
    assert json.loads((tmp_path / "out" / "gallery.json").read_text())["title"] == "Mine"


@pytest.mark.parametrize("where", ["gallery", "folder"])
def test_search_prints_json(where, gallery, folder, capsys):
    capsys.readouterr()
    pictures = [folder / "round" / "00.png", folder / "tall" / "02.png"]
    place = gallery if where == "gallery" else folder
    said = run(capsys, "search", place, *pictures, "--method", "histogram", "-k", 3, "--json")
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [line["query"] for line in lines] == [str(picture) for picture in pictures]
    for line, index, label in zip(lines, (0, 8), ("round", "tall"), strict=True):
        assert line["method"] == "histogram"
        assert [match["rank"] for match in line["matches"]] == [1, 2, 3]
        assert line["matches"][0]["index"] == index
        assert line["matches"][0]["label"] == label
        assert line["matches"][0]["score"] == 0.0
        assert set(line["seconds"]) == {"decode", "describe", "search"}


def test_search_prints_a_table(gallery, folder, capsys):
    capsys.readouterr()
    said = run(capsys, "search", gallery, folder / "round" / "00.png", "-k", 2)
    lines = said.out.splitlines()
    assert lines[0].endswith(": Euclidean histogram")
    assert len(lines) == 3
    assert lines[1].split()[:3] == ["1", "distance", "0.000"]
    assert lines[1].endswith("the same picture")


def test_search_takes_marks_and_pictures_of_the_gallery(gallery, folder, capsys):
    capsys.readouterr()

    def found(*arguments):
        said = run(capsys, "search", gallery, *arguments, "--method", "histogram", "-k", 12, "--json")
        return json.loads(said.out)["matches"]

    by_number, by_file = found("g3"), found(folder / "round" / "09.png")
    # A picture of the gallery is not its own match; a file that happens to be one finds it.
    assert by_file[0]["index"] == 3
    assert by_file[0]["identical"]
    assert [match["index"] for match in by_file[1:]] == [match["index"] for match in by_number]
    assert not any(match["identical"] for match in by_number)
    last = by_number[-1]["index"]
    marked = found("g3", "--more", last, "--less", by_number[0]["index"], "--less", by_number[1]["index"])
    assert len(marked) == 9
    assert not {by_number[0]["index"], by_number[1]["index"], 3} & {match["index"] for match in marked}
    assert marked[-1]["index"] != last


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["g12"], "has no picture g12: its 12 pictures are numbered from g0."),
        (["q0"], "has no picture q0"),
        (["g1", "--less", "12"], "has no picture 12 to mark"),
    ],
)
def test_pictures_that_the_gallery_does_not_have_are_refused(gallery, capsys, arguments, sentence):
    capsys.readouterr()
    said = run(capsys, "search", gallery, *arguments, "--method", "histogram", code=1)
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_evaluate_ends_with_json(gallery, folder, capsys):
    capsys.readouterr()
    said = run(capsys, "evaluate", gallery, "--json", "--save")
    found = json.loads(said.out.splitlines()[-1])
    assert set(found) == {"gallery", "queries", "methods", "judgement"}
    assert (found["gallery"], found["queries"]) == (12, 12)
    assert list(found["methods"]) == ["histogram", "histogram-grid"]
    assert set(found["methods"]["histogram"]) == {"P@1", "P@5", "P@10", "mAP", "MAP@R"}
    kept = json.loads((gallery / "evaluation.json").read_text())
    assert kept["methods"] == found["methods"]

    said = run(capsys, "evaluate", gallery, "--queries", folder, "--method", "histogram", "--json")
    found = json.loads(said.out.splitlines()[-1])
    assert found["methods"]["histogram"]["P@1"] == 1.0  # each finds itself


def test_the_fashion_gallery_is_made_from_its_files(tmp_path, capsys):
    write_fashion(tmp_path / "data")
    run(capsys, "index", tmp_path / "data", "--out", tmp_path / "fashion", *HISTOGRAMS)
    said = run(capsys, "evaluate", tmp_path / "fashion", "--json")
    found = json.loads(said.out.splitlines()[-1])
    assert (found["gallery"], found["queries"]) == (30, 7)
    assert (tmp_path / "fashion" / "map.npy").exists()


def test_verify_finds_an_altered_byte(gallery, capsys):
    run(capsys, "verify", gallery)
    raw = bytearray((gallery / "pictures.bin").read_bytes())
    raw[100] ^= 1
    (gallery / "pictures.bin").write_bytes(raw)
    said = run(capsys, "verify", gallery, code=1)
    assert said.err == "error: pictures.bin in out was altered: make the gallery again.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["search", "nowhere", "x.png", "--method", "histogram"], "nowhere is not a folder"),
        (["evaluate", "nowhere"], "nowhere is not a gallery"),
        (["index", "nowhere", "--out", "out", "--method", "histogram"], "nowhere is not a folder"),
    ],
)
def test_an_error_is_one_sentence(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = run(capsys, *arguments, code=1)
    assert said.err.startswith(f"error: {sentence}")
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_cannot_be_read_is_one_sentence(gallery, folder, capsys):
    capsys.readouterr()
    (folder / "broken.png").write_bytes(b"broken")
    said = run(capsys, "search", gallery, folder / "broken.png", code=1)
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1


def test_a_name_that_would_steer_the_terminal_is_printed_as_text(gallery, folder, capsys):
    (folder / "round" / "\x1b[2J\u202eevil.png").write_bytes((folder / "round" / "00.png").read_bytes())
    capsys.readouterr()
    said = run(capsys, "search", folder, folder / "round" / "00.png", "--method", "histogram")
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
    assert "evil.png" in said.out


PHOTOS = ASSETS / "galleries" / "photos"


def test_search_by_a_word_prints_what_it_finds(capsys):
    said = run(capsys, "search", PHOTOS, "--word", "musical instruments", "--word", "red car", "-k", 3)
    lines = said.out.splitlines()
    assert lines[0] == "musical instrument: Siamese network"
    assert all("musical instrument" in line for line in lines[1:4])
    assert lines[4] == "The network has not learnt “red car”: this is what it finds for “car”."
    assert lines[5] == "car: Siamese network"


def test_search_by_a_word_prints_json(capsys):
    said = run(capsys, "search", PHOTOS, "--word", "dogs", "-k", 2, "--json")
    found = json.loads(said.out)
    assert (found["query"], found["word"], found["method"]) == ("dogs", "dog", "siamese")
    assert [match["label"] for match in found["matches"]] == ["dog", "dog"]


def test_a_word_that_cannot_be_searched_is_one_sentence(gallery, capsys):
    capsys.readouterr()
    said = run(capsys, "search", PHOTOS, "--word", "kingfisher", code=1)
    assert said.err == (
        "error: The network has not learnt “kingfisher”. The nearest that it knows is “coraciiform bird”, "
        "such as bee eater or hornbill, or “bird”.\n"
    )
    said = run(capsys, "search", PHOTOS, "--word", "dog", "--method", "histogram", code=1)
    assert said.err.startswith("error: A histogram knows no words")
    said = run(capsys, "search", gallery, "--word", "dog", code=1)
    assert "has no vectors of the network, so it cannot be searched by a word" in said.err
    said = run(capsys, "search", PHOTOS, code=1)
    assert said.err.startswith("error: There is nothing to search with")


def test_name_says_what_pictures_show(folder, tmp_path, capsys):
    photos = open_gallery(PHOTOS)
    bird = photos.label_names.index("bird")
    picture = tmp_path / "bird.webp"
    picture.write_bytes(photos.store.encoded(int(np.flatnonzero(photos.labels == bird)[-1])))
    said = run(capsys, "name", picture, folder / "round" / "00.png")
    first, second = said.out.splitlines()
    assert first.startswith(f"{picture}: ") and first.endswith("%)")
    assert second.startswith(f"{folder / 'round' / '00.png'}: ")
    found = json.loads(run(capsys, "name", picture, "--json").out)
    assert found["picture"] == str(picture)
    assert set(found["names"][0]) == {"name", "share", "sure"}
    assert found["names"][0]["sure"] is True


def test_evaluate_measures_words(capsys):
    said = run(capsys, "evaluate", PHOTOS, "--words", "--json")
    figures = json.loads(said.out.splitlines()[-1])
    assert figures["precision"]["musical instrument"] >= 0.9
    assert "deer" in figures["without"]
    assert "pictures get a word" in said.out


def test_duplicates_lists_the_pairs(capsys, gallery):
    capsys.readouterr()
    said = run(capsys, "duplicates", PHOTOS)
    lines = said.out.splitlines()
    assert lines[0] == "1 pair of 691 pictures almost the same"
    assert lines[1].endswith("g515 planet/gcompris_neptune.webp  g531 planet/tuxpaint_planets_8_neptune.webp")
    found = json.loads(run(capsys, "duplicates", PHOTOS, "--json").out)
    assert [(pair["first"], pair["second"]) for pair in found["pairs"]] == [(515, 531)]
    said = run(capsys, "duplicates", gallery, code=1)
    assert "make a gallery of photographs with it" in said.err


def test_search_shows_only_some_kinds(capsys, gallery):
    capsys.readouterr()
    said = run(capsys, "search", PHOTOS, "g3", "--only", "Fish", "--only", "bird", "--without", "fish", "-k", 3)
    lines = said.out.splitlines()
    assert lines[1].startswith("Only fish and bird, without fish: ")
    assert all("  bird " in line for line in lines if line.startswith("   "))
    found = json.loads(run(capsys, "search", PHOTOS, "--word", "dog", "--without", "dog", "-k", 4, "--json").out)
    assert found["filter"]["without"] == ["dog"]
    assert not [match for match in found["matches"] if match["label"] == "dog"]
    said = run(capsys, "search", PHOTOS, "g3", "--only", "unicorn", code=1)
    assert "has no kind “unicorn”" in said.err
    picture = gallery.parent / "pictures" / "round" / "00.png"
    found = json.loads(run(capsys, "search", gallery, picture, "--hide-query", "--json").out)
    assert not any(match["identical"] for match in found["matches"])
