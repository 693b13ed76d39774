"""pfstudio: a self-hosted web studio for prompt flow folders."""

__version__ = "0.1.0"
