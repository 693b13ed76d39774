import os

from promptflow.core import tool


@tool
def look():
    return [os.environ.get("SAMPLE_NUMBER"), os.environ.get("SAMPLE_MAP")]
