"""Speed beside the original: `make bench`."""
