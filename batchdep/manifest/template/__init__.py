"""Something to fill in: a workbook, a table's header or a commented YAML manifest (``batchdep template``).

:mod:`columns` says what each column of a table means, :mod:`words` which words it may have; :mod:`workbook` and
:mod:`texts` write them down. :mod:`kinds` chooses by the file's name.
"""
