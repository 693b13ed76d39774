from promptflow.core import ToolProvider, tool


class Marker(ToolProvider):
    def __init__(self, times: int):
        super().__init__()
        self.mark = ">" * times

    @tool
    def put(self, text: str):
        return self.mark + text
