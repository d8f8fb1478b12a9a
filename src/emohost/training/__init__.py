"""Training of the five networks (`emohost train`) and their scores (`emohost models evaluate`).

Each role has two modules. `ROLE.py` needs the extra `train` (torch):

    DATA: str, LICENCE: str                     # for the metadata of the file
    prepare(data, cache, progress) -> arrays    # features and labels, kept in the folder `cache`
    fit(arrays, seed, progress, checkpoint) -> torch.nn.Module    # of linear, recurrent and activation layers in order

`scores_ROLE.py` needs no torch, so that anyone can score a model file:

    evaluate(data, network, progress) -> list[Score]

`data` is the folder that holds the sets (models/README.md says which, and where they are published).
"""
