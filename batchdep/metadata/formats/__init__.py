"""Metadata from where people already have it: a reader for each format, one module each.

A reader turns the parsed content of a metadata file into a :class:`~batchdep.metadata.formats.base.Reading`: metadata
under the keys of the deposit API, where in the file each value stands, and a note for whatever the file says that the
repository cannot hold. It judges nothing: that is done by :mod:`batchdep.metadata.rules`, as for metadata written by
hand. :mod:`batchdep.metadata.formats.registry` knows all formats.
"""
