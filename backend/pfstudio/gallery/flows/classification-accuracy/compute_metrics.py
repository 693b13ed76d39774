from promptflow.core import log_metric, tool


@tool
def compute_metrics(lines: list) -> dict:
    """Accuracy over all lines; precision and recall of each category that is expected somewhere."""
    correct = sum(line["grade"] == "Correct" for line in lines)
    metrics = {"accuracy": share(correct, len(lines)), "lines": len(lines)}
    for category in sorted({line["expected"] for line in lines}):
        hits = sum(line["expected"] == line["given"] == category for line in lines)
        name = category.replace(" ", "_")
        metrics["precision." + name] = share(hits, sum(line["given"] == category for line in lines))
        metrics["recall." + name] = share(hits, sum(line["expected"] == category for line in lines))
    for name, value in metrics.items():
        log_metric(name, value)
    return metrics


def share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
