"""Methods are made from configurations, also those of strangers."""

import json

import pytest

from imgsearch.assets import ASSETS
from imgsearch.gallery.persistence import open_gallery
from imgsearch.methods.registry import (
    MethodError,
    fashion_methods,
    from_config,
    method_keys,
    photo_methods,
    preferred_key,
)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({}, "no method None"),
        ({"kind": "magic"}, "no method 'magic'"),
        ({"kind": "grey-histogram", "bins": 10**9}, "cannot be made"),
        ({"kind": "grey-histogram", "bins": "many"}, "cannot be made"),
        ({"kind": "grey-histogram", "colour": 3}, "cannot be made"),
        ({"kind": "colour-histogram", "bins": [8, 8, 8], "grid": 10**9}, "cannot be made"),
        ({"kind": "siamese", "model": "../../etc/passwd"}, "not a plain word"),
        ({"kind": "siamese", "model": "nowhere"}, "nowhere"),
    ],
)
def test_a_configuration_that_is_no_method_is_one_sentence(config, sentence):
    with pytest.raises(MethodError, match=sentence) as caught:
        from_config(config)
    assert "\n" not in str(caught.value)


def test_the_keys_choose_among_the_methods():
    assert [method.key for method in photo_methods(["histogram-grid", "histogram"])] == ["histogram", "histogram-grid"]
    assert [method.key for method in fashion_methods(["histogram"])] == ["histogram"]
    with pytest.raises(MethodError, match="no method magic"):
        photo_methods(["magic"])


@pytest.mark.parametrize("methods", [fashion_methods, photo_methods])
def test_the_list_s_keys_are_those_of_the_methods(methods):
    for key in method_keys():
        try:
            (method,) = methods([key])
        except MethodError:
            continue
        assert method.key == key
        assert from_config(json.loads(json.dumps(method.config()))).fingerprint == method.fingerprint


@pytest.mark.parametrize(("name", "methods"), [("fashion", fashion_methods), ("photos", photo_methods)])
def test_a_delivered_gallery_has_what_a_folder_gets(name, methods):
    delivered = open_gallery(ASSETS / "galleries" / name).methods
    assert {key: method.config() for key, method in delivered.items()} == {
        method.key: method.config() for method in methods()
    }


def test_a_network_that_is_not_wanted_is_not_loaded(monkeypatch):
    monkeypatch.setattr("imgsearch.methods.siamese.Siamese.__init__", None)
    assert photo_methods(["histogram"])


def test_without_a_choice_the_last_kind_of_the_list_is_searched_with():
    assert preferred_key(["siamese", "histogram"]) == "siamese"
    assert preferred_key(["histogram-grid", "histogram"]) == "histogram"
    assert preferred_key(["of-a-stranger"]) == "of-a-stranger"
