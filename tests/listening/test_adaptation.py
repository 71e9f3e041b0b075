"""The changes that the classifier needs in Moonshine's encoder."""

from __future__ import annotations

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room
from voicecoach.bench.moonshine_file import MoonshineFile
from voicecoach.errors import ModelError
from voicecoach.listening.adaptation import Adaptation, Product, Sum, adapted, matrix_of
from voicecoach.listening.moonshine import Encoder, encoder_model
from voicecoach.listening.phrase_classifier import PhraseClassifier, classifier_file

MATRIX = "onnx::MatMul_2168"
BIAS = "layers.0.mlp.fc1.bias"


@pytest.fixture(scope="module")
def file() -> MoonshineFile:
    return MoonshineFile()


@pytest.fixture(scope="module")
def product(file: MoonshineFile) -> Product:
    chance = np.random.default_rng(5)
    narrow, wide = (chance.normal(0.0, 0.3, shape).astype(np.float32) for shape in ((288, 4), (4, 1152)))
    return file.product(MATRIX, narrow, wide)


def test_a_product_is_added_to_a_matrix_as_exactly_as_bytes_allow(product: Product) -> None:
    model = encoder_model()
    changed = adapted(model, Adaptation([product], []))
    before, after = matrix_of(model, product), matrix_of(changed, product)
    wanted = before + product.narrow @ product.wide
    step = float(np.frombuffer(changed, np.float32, 1, product.scale_at)[0])
    assert np.abs(after - wanted).max() < 0.51 * step
    assert wanted.max() - wanted.min() > 250 * step, "all the steps that there are should be used"


def test_nothing_but_what_is_meant_is_changed(file: MoonshineFile, product: Product) -> None:
    model = encoder_model()
    more = np.random.default_rng(6).normal(0.0, 1.0, 1152).astype(np.float32)
    at = file.vector_at(BIAS)
    changed = adapted(model, Adaptation([product], [Sum(more, at)]))
    assert np.frombuffer(changed, np.float32, 1152, at) == pytest.approx(file.vector(BIAS) + more)
    meant = np.zeros(len(model), bool)
    for start, count in ((product.matrix_at, 288 * 1152), (product.scale_at, 4), (product.zero_at, 1), (at, 4 * 1152)):
        meant[start : start + count] = True
    is_same = np.frombuffer(model, np.uint8) == np.frombuffer(changed, np.uint8)
    assert is_same[~meant].all()
    assert adapted(model, Adaptation([], [])) == model


def test_a_model_that_is_too_short_is_refused(product: Product) -> None:
    with pytest.raises(ModelError, match="not the one"):
        adapted(encoder_model()[: product.matrix_at + 1000], Adaptation([product], []))


def test_the_changes_of_the_language_are_of_all_layers_and_make_a_difference(file: MoonshineFile) -> None:
    changes = PhraseClassifier(classifier_file("en")).changes
    matrices = file.matrices(("q_proj", "k_proj", "v_proj", "o_proj", "fc1", "fc2"))
    wanted = [
        file.product(name, each.narrow, each.wide)
        for name, each in zip(matrices.values(), changes.products, strict=True)
    ]
    assert [each.matrix_at for each in changes.products] == [each.matrix_at for each in wanted]
    assert len(changes.products) == 6 * 6
    said = in_a_quiet_room(Speaker("en", "rms").says("switch foot"))
    plain, changed = (Encoder(given).encode(said) for given in (None, changes))
    assert plain.shape == changed.shape
    assert 0.8 < float(np.corrcoef(plain.ravel(), changed.ravel())[0, 1]) < 0.995
