import asyncio

from promptflow.core import tool


@tool
async def slow(text: str, mark: str):
    await asyncio.sleep(0.05)
    return text + mark
