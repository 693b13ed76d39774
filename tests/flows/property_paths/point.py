from dataclasses import dataclass

from promptflow.core import tool


@dataclass
class Point:
    x: int
    y: int


@tool
def point():
    return Point(3, 4)
