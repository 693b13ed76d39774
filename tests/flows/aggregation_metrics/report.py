from promptflow.core import tool


@tool
def report(share: dict):
    return f"{share['share']:.0f} {share['unit']}"
