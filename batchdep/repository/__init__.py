"""The other side: Zenodo's deposit API behind one Protocol."""
