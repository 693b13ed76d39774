from promptflow.contracts.types import AssistantDefinition
from promptflow.core import tool


@tool
def ask(helper: AssistantDefinition, city: str) -> list:
    tools = helper._tool_invoker
    names = [item.get("function", {}).get("name", item["type"]) for item in tools.to_openai_tools()]
    return [helper.model, names, tools.invoke_tool("weather", {"city": city, "days": 3})]
