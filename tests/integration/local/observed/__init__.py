"""The account of what Zenodo's server code answered, as cases that the embedded repository is held to."""
