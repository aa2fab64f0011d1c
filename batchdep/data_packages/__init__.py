"""Datasets that are Frictionless data packages: are they whole, and do their tables keep what is promised of them.

All that is found is a warning: the repository takes any file. Nothing is fetched from the network, no file outside the
manifest's folder is read, and the library that judges descriptors and rows (frictionless, of the extra
``data-packages``) works in a process of its own, which is ended when it takes too long: a descriptor may bring regular
expressions that never end.
"""

from batchdep.data_packages.finding import DataPackages

__all__ = ["DataPackages"]
