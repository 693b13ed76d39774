"""The demo model: a small server of OpenAI's protocol that answers by general rules, without any network.

It is no language model. It lets every flow run, deterministically and for nothing, before a connection to a real one
is there; whatever it answers carries the model name `demo`.
"""

from pfstudio.models.demo.server import DemoServer, start_demo_server

__all__ = ["DemoServer", "start_demo_server"]
