"""What is told about a flow file before it runs."""

from __future__ import annotations

from pathlib import Path

from pfstudio.flow.load_warnings import load_warnings
from pfstudio.flow.loader import load_flow


def test_flow_with_suspicious_parts_loads_and_says_so(tmp_path: Path) -> None:
    yaml = """
inptus: {}
outputs:
  o: {type: string, reference: "${sum.output}"}
nodes:
- {name: n, type: prompt, source: {path: n.jinja2}, inputs: {x: "see ${sum.output}"}}
- {name: sum, type: prompt, aggregation: true, source: {path: n.jinja2}, inputs: {}}
"""
    (tmp_path / "flow.dag.yaml").write_text(yaml, encoding="utf-8")

    flow = load_flow(tmp_path)

    assert flow.extra == {"inptus": {}}
    assert [(problem.line, problem.message) for problem in load_warnings(flow)] == [
        (2, "The flow file has the key 'inptus', which means nothing there. Did you mean 'inputs'?"),
        (6, "'${sum.output}' inside the value of 'x' is not replaced: a reference must be the whole value."),
        (4, "Output 'o' references a reduce node 'sum', will not take effect."),
    ]
