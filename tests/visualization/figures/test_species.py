from __future__ import annotations

import optuna
import pytest

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization import plot_species
from optuna_codeepneat.visualization._figures._species import Species
from tests.visualization.studies import SPACE
from tests.visualization.studies import searched


def test_the_sizes_add_up_to_the_populations(evolved: optuna.Study) -> None:
    shown = Species.of(evolved)
    assert shown.generations == list(range(6))
    assert set(shown.populations["modules"]) == set(SPACE.slots)
    totals = [sum(sizes) for sizes in zip(*shown.populations["modules"].values(), strict=True)]
    assert totals[1:] == [6 * len(SPACE.slots)] * 5
    bars = plot_species(evolved).data
    assert sum(sum(bar.y) for bar in bars if bar.name.startswith("module")) == sum(totals)


def test_more_species_than_colours_differ_by_stripes() -> None:
    sampler = CoDeepNEATSampler(
        SPACE,
        seed=1,
        assembled_population_size=10,
        blueprint_population_size=20,
        n_blueprint_species=9,
    )
    bars = plot_species(searched(20, sampler=sampler)).data
    looks = [(bar.marker.color, bar.marker.pattern.shape) for bar in bars if "blue" in bar.name]
    assert len(looks) == 9
    assert len(set(looks)) == 9


def test_who_has_no_species_says_why(
    heirs: optuna.Study, foreign: optuna.Study, empty: optuna.Study
) -> None:
    with pytest.raises(NoFigureError, match="LEMONADE evolves networks as a whole"):
        plot_species(heirs)
    for study in (foreign, empty):
        with pytest.raises(NoFigureError, match="it has no generations of CoDeepNEAT"):
            plot_species(study)


def test_a_single_generation_is_a_sentence_and_few_are_no_blocks() -> None:
    with pytest.raises(NoFigureError, match=r"has one generation so far, whose species are 3 of "):
        plot_species(searched(8))
    figure = plot_species(searched(15))
    assert figure.layout.bargap >= 0.5
