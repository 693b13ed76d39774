"""Marks these names as answered by pfstudio, for `pf --version` and `pfstudio doctor`."""
