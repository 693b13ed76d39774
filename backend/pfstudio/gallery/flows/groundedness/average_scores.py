from promptflow.core import log_metric, tool


@tool
def average_scores(scores: list, grounded_from: int = 4) -> dict:
    """The mean of the scores that could be read, and the share of lines that count as grounded."""
    read = [score for score in scores if score]
    metrics = {
        "groundedness": round(sum(read) / len(read), 4) if read else 0.0,
        "grounded_share": round(sum(score >= grounded_from for score in read) / len(read), 4) if read else 0.0,
        "unread": len(scores) - len(read),
    }
    for name, value in metrics.items():
        log_metric(name, value)
    return metrics
