"""Methods are made from configurations, also those of strangers."""

import pytest

from imgsearch.methods.registry import MethodError, fashion_methods, from_config, photo_methods


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
