"""Samplers beside one another, on one problem or several, at equal budgets.

    python -m benchmarks.compare mnist1d --networks 200 --seeds 5 --processes 2
    python -m benchmarks.compare growth --samplers codeepneat nsgaii --seeds 50 --networks 300
    python -m benchmarks.compare mnist1d --samplers tpe --variant 'wide={"founders": 100}'
    python -m benchmarks.compare mnist1d --steps 20000 --samplers lemonade lemonade-off
    python -m benchmarks.compare nasbench201 --report --docs

Run it in the root of the repository. For every sampler and seed there is one study in memory, with
one worker, and one file for it in the folder `--out`. A second call runs only what is missing, so
that an interrupted one goes on where it was; a longer study serves where a shorter one is asked
for. Networks that are pruned before their training, for being over the caps of the space, do not
count. What trains, trains on one thread. Everything is measured on validation data; test data are
not touched.
"""
