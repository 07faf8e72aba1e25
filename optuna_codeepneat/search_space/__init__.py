"""What a network may be: layers, limits, architectures, shapes and costs. No torch here."""

from optuna_codeepneat.search_space import _layers as _layers  # registers the built-in layers
from optuna_codeepneat.search_space._architecture import Architecture
from optuna_codeepneat.search_space._graph import Genes
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node
from optuna_codeepneat.search_space._layer import Heredity
from optuna_codeepneat.search_space._layer import Layer
from optuna_codeepneat.search_space._layer import get_layer
from optuna_codeepneat.search_space._layer import register_layer
from optuna_codeepneat.search_space._operations import Operation
from optuna_codeepneat.search_space._space import SearchSpace


__all__ = [
    "Architecture",
    "Genes",
    "Graph",
    "Heredity",
    "Layer",
    "Node",
    "Operation",
    "SearchSpace",
    "get_layer",
    "register_layer",
]
