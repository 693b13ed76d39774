"""Runs as the SDK shows them: entities, files, details, pages."""
