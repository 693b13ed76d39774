from promptflow.connections import CustomConnection
from promptflow.core import tool


@tool
def look(connection: CustomConnection):
    return [connection.address, connection.key == "s3cret", connection.configs["address"]]
