import json

from promptflow.core import tool


@tool
def convert_to_dict(input_str: str) -> dict:
    """The model's JSON as a dictionary; models like to put words or a code fence around it."""
    begin, end = input_str.find("{"), input_str.rfind("}") + 1
    try:
        answer = json.loads(input_str[begin:end])
    except ValueError:
        print(f"The model gave no JSON: {input_str!r}")
        answer = {}
    return {"category": answer.get("category", "None"), "evidence": answer.get("evidence", "None")}
