"""Accessibility checks by axe-core, with the rules of WCAG 2.2 AA."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RUN = """async () => {
  const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const found = await axe.run(document, {runOnly})
  const reason = node => node.any[0]?.message ?? node.all[0]?.message ?? ''
  const line = node => `    ${node.html.slice(0, 200)} ${reason(node)}`
  return found.violations.map(rule => [`${rule.id}: ${rule.help}`, ...rule.nodes.map(line)].join('\\n'))
}"""


def violations(page: Page) -> list[str]:
    """One text per broken rule, with the elements that break it; empty when the page is fine."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN)
    return found
