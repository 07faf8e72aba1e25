"""What a network may be: layers, limits, architectures, shapes and costs. No torch here."""

from optuna_codeepneat.search_space import _layers as _layers  # registers the built-in layers
from optuna_codeepneat.search_space._architecture import BLUEPRINT as BLUEPRINT
from optuna_codeepneat.search_space._architecture import Architecture
from optuna_codeepneat.search_space._difference import difference as difference
from optuna_codeepneat.search_space._genes import Genes
from optuna_codeepneat.search_space._genes import Value as Value
from optuna_codeepneat.search_space._genes import is_same as is_same
from optuna_codeepneat.search_space._genes import plain as plain
from optuna_codeepneat.search_space._genes import plain_range as plain_range
from optuna_codeepneat.search_space._graph import IN as IN
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node
from optuna_codeepneat.search_space._layer import GeneValues as GeneValues
from optuna_codeepneat.search_space._layer import InheritanceRule
from optuna_codeepneat.search_space._layer import Layer
from optuna_codeepneat.search_space._layer import extremes as extremes
from optuna_codeepneat.search_space._layer import is_neutral as is_neutral
from optuna_codeepneat.search_space._layer import resolve as resolve
from optuna_codeepneat.search_space._layers import kernel_sizes as kernel_sizes
from optuna_codeepneat.search_space._layers import squeezed as squeezed
from optuna_codeepneat.search_space._layers import taps as taps
from optuna_codeepneat.search_space._operations import Operation
from optuna_codeepneat.search_space._parameters import GraphNames as GraphNames
from optuna_codeepneat.search_space._parameters import graph_values_of as graph_values_of
from optuna_codeepneat.search_space._parameters import graphs_in as graphs_in
from optuna_codeepneat.search_space._parameters import inputs_of as inputs_of
from optuna_codeepneat.search_space._parameters import (
    is_architecture_parameter as is_architecture_parameter,
)
from optuna_codeepneat.search_space._parameters import network_key as network_key
from optuna_codeepneat.search_space._parameters import suggest as suggest
from optuna_codeepneat.search_space._ranges import contains as contains
from optuna_codeepneat.search_space._ranges import typed as typed
from optuna_codeepneat.search_space._ranges import with_defaults as with_defaults
from optuna_codeepneat.search_space._registry import build_core as build_core
from optuna_codeepneat.search_space._registry import get_layer
from optuna_codeepneat.search_space._registry import only_tried as only_tried
from optuna_codeepneat.search_space._registry import register_layer
from optuna_codeepneat.search_space._shapes import Shape as Shape
from optuna_codeepneat.search_space._shapes import checked_shape as checked_shape
from optuna_codeepneat.search_space._shapes import head_features as head_features
from optuna_codeepneat.search_space._shapes import num_scales as num_scales
from optuna_codeepneat.search_space._shapes import rank as rank
from optuna_codeepneat.search_space._shapes import smallest as smallest
from optuna_codeepneat.search_space._space import SearchSpace
from optuna_codeepneat.search_space._widening import widened


__all__ = [
    "Architecture",
    "Genes",
    "Graph",
    "InheritanceRule",
    "Layer",
    "Node",
    "Operation",
    "SearchSpace",
    "get_layer",
    "register_layer",
    "widened",
]
