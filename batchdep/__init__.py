"""Deposit many datasets in Zenodo: checked before anything is sent, resumed whatever happens, nothing twice.

The command line is :mod:`batchdep.cli`; everything it does can be called from Python:

- :func:`batchdep.manifest.load_manifest` reads a batch from YAML, JSON, JSON Lines, CSV, TSV or XLSX;
- :func:`batchdep.check.check_manifest` finds what is wrong with it, without network or database;
- :class:`batchdep.batch.Batch` plans it and works it off.
"""

__version__ = "0.1.0"
