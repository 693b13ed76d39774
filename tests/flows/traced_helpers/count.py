from promptflow.core import tool
from promptflow.tracing import trace


@trace
def add(number, by):
    return double(number) + by


@trace
def double(number):
    return number * 2


@tool
def count(number: int):
    return add(number, by=3)
