"""Training of the networks (`emohost train`) and their scores (`emohost models evaluate`).

    data_sets/   each data set, read in one place; splits; what is kept of them on disk
    rendering/   notes to sound (fluidsynth, rooms), and what the host's listener hears of it
    fitting/     what the fitting of all networks has in common (torch)
    ROLE/        a folder for each role, and for `text` and `sounds`: its data, training and scores
    registry.py  finds a role's modules; run.py makes a scored model file

`ROLE/training.py` needs the extra `train` (torch):

    DATA: str, LICENCE: str                     # for the metadata of the file
    prepare(data, cache, progress) -> arrays    # features and labels, kept in the folder `cache`
    fit(arrays, seed, progress, checkpoint) -> torch.nn.Module    # of linear, recurrent and activation layers in order

`ROLE/scores.py` needs no torch, so that anyone can score a model file:

    evaluate(data, network, progress) -> list[Score]

`data` is the folder that holds the sets (models/README.md says which, and where they are published). Imports run
downwards: a role's folder imports the first three, and they never import it.
"""
