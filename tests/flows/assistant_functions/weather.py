from promptflow.core import tool


@tool
def weather(city: str, days: int = 1, unit: str = "C") -> str:
    """The weather of a city.

    :param city: Its name.
    :param days: How many days ahead.
    """
    return f"{city}: {days} days, {unit}"
