"""POP909 (Z. Wang et al., "POP909: A pop-song dataset for music arrangement generation", ISMIR 2020).

`files` says where its files are and reads its tables; `scores` are the songs in beats, `songs` on a grid of sixteenths
with keys and chords, `pianists` how they were played.
"""
