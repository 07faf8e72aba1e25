"""The model card: front matter for the Hugging Face Hub, and a page for people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from optuna_codeepneat.export import ModelCard
from optuna_codeepneat.export._card import card_in_markdown
from tests.export.networks import PRESETS


ARCHITECTURE = PRESETS["conv1d"].smallest()
CARD = ModelCard(
    name="digits: 17",
    title="MNIST-1D",
    task="classification",
    kind="images",
    classes=["0 | zero", "1"],
    metric="accuracy",
    score=0.972,
    low=0.9601,
    high=0.9805,
    n_train=4000,
    n_test=1000,
    data_license="Apache-2.0",
    study="digits",
    trial=17,
    values={"accuracy": 0.95},
    params={"head.pool": "mean"},
    training=["For 2,000 steps."],
)


def parts(text: str) -> tuple[dict[str, Any], str]:
    _, matter, page = text.split("---\n", 2)
    return yaml.safe_load(matter), page


def test_the_front_matter_is_what_the_hub_reads() -> None:
    matter, _ = parts(card_in_markdown(CARD, ARCHITECTURE, []))
    assert matter["library_name"] == "optuna-codeepneat"
    assert matter["pipeline_tag"] == "image-classification"
    assert matter["metrics"] == ["accuracy"]
    [model] = matter["model-index"]
    assert model["name"] == "digits: 17"
    [result] = model["results"]
    assert result["task"] == {"type": "image-classification"}
    assert result["dataset"] == {"type": "mnist-1d", "name": "MNIST-1D", "split": "test"}
    assert result["metrics"] == [{"type": "accuracy", "value": 0.972, "name": "Test accuracy"}]


def test_the_page_says_what_there_is_to_know() -> None:
    _, page = parts(card_in_markdown(CARD, ARCHITECTURE, ["network.svg", "model.onnx"]))
    for text in (
        "**0.972**, 95 % interval 0.9601 to 0.9805",
        "`float32` (batch, 2, 11)",
        f"| parameters | {ARCHITECTURE.num_params:,} |",
        r"0 \| zero, 1",
        "| test examples | 1,000",
        "| license of the data | Apache-2.0 |",
        "in the study `digits`, where it is trial 17",
        "![The network](network.svg)",
        'load_network("THIS_DIRECTORY")',
        "predict THIS_DIRECTORY photo.png",
        "onnxruntime.InferenceSession",
        "* For 2,000 steps.",
        '"head.pool": "mean"',
    ):
        assert text in page
    assert "torch.export.load" not in page


def test_a_score_of_copies_is_told_beside_that_of_the_network_itself() -> None:
    card = replace(CARD, copies=20, plain=0.965)
    matter, page = parts(card_in_markdown(card, ARCHITECTURE, []))
    [metric] = matter["model-index"][0]["results"][0]["metrics"]
    assert metric["value"] == 0.965
    assert "test examples, averaged over 20 changed copies of each | **0.972**, 95 %" in page
    assert "| accuracy of the network by itself | **0.965** |" in page


def test_what_is_not_known_is_not_told() -> None:
    matter, page = parts(card_in_markdown(ModelCard(name="x"), PRESETS["text"].smallest(), []))
    assert "model-index" not in matter and "pipeline_tag" not in matter
    assert "in the search" not in page and "network.svg" not in page
    assert "| license of the data | not known |" in page
    assert "`int64` (batch, 5), tokens below 9" in page


def test_a_task_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="`task` must be one of 'classification', .* got 'guess'"):
        ModelCard(name="x", task="guess")  # type: ignore[arg-type]


def test_a_table_has_its_columns() -> None:
    card = ModelCard(name="x", kind="table", task="regression")
    matter, page = parts(card_in_markdown(card, ARCHITECTURE, [], ["age", "of `it`"]))
    assert matter["tags"] and "pipeline_tag" in matter
    assert "| columns | `age`, `` of `it` `` |" in page
    assert 'loaded.predict([{"age": ..., "of `it`": ...}])' in page
