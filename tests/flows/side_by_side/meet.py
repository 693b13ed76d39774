from promptflow.core import tool
from meeting import barrier


@tool
def meet():
    barrier.wait(timeout=10)  # Passes only where both nodes run at the same time.
    return "met"
