"""Enters what became of datasets into the manifest that describes them, and nothing else.

The text that a person wrote is not parsed and written anew: each format has a module that finds, with a parser, where
the new values go, and they are put there. What is not one of batchdep's own values thus stays as it is, byte for byte:
comments, order, quotation marks, line ends, and every part of a workbook but the cells concerned. That the result says
the same as before but for those values is proven by reading it as a manifest, before it takes the place of the old one.

``wanted`` says what is to be written; ``document`` dispatches by format to ``yaml_text``, ``json_text``, ``csv_text``
and ``workbook``; ``replacing`` swaps files whole; ``takers`` knows which datasets would deposit them; ``manifest_file``
brings these together; ``beside`` writes the files that go beside the data; ``outcome`` is what is told of it.
"""
