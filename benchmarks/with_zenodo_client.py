"""``python with_zenodo_client.py URL FOLDER ...``: each folder as a dataset, by zenodo-client as it is.

The program knows two addresses only; that of its depositions is set from outside. It waits a second before each
publication.
"""

import sys
from pathlib import Path

from zenodo_client import Creator, Metadata, Zenodo


def main() -> None:
    zenodo = Zenodo(access_token="a-token")  # noqa: S106 - the embedded repository takes any
    zenodo.depositions_base = f"{sys.argv[1]}/api/deposit/depositions"
    for name in sys.argv[2:]:
        folder = Path(name)
        metadata = Metadata(
            title=folder.name,
            upload_type="dataset",
            description="Numbers.",
            creators=[Creator(name="Doe, Jane")],
        )
        zenodo.create(metadata, sorted(folder.iterdir()))


if __name__ == "__main__":
    main()
