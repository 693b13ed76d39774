"""The parent of a batch: hands lines to workers, takes their results, replaces those that die, ends it all."""

from __future__ import annotations

import contextlib
import selectors
import threading
import time
from typing import Any

from pfstudio.engine.results import RunError
from pfstudio.errors import PromptflowException
from pfstudio.sandbox.batch import BatchOutcome, BatchRequest, LineSink
from pfstudio.sandbox.batch_errors import (
    BatchExecutionTimeoutError,
    BatchRunTimeoutError,
    FlowLoadError,
    ProcessCrashError,
    WorkersLostError,
    ended_by,
)
from pfstudio.sandbox.batch_growth import Growth
from pfstudio.sandbox.batch_hand import LineQueue, Worker
from pfstudio.sandbox.batch_processes import Ended, Lost, Printed, Processes, Started
from pfstudio.sandbox.batch_records import own_error
from pfstudio.sandbox.batch_results import Results
from pfstudio.sandbox.batch_setup import asks_models_itself, known_connection, setup_message
from pfstudio.sandbox.batch_store import AggregationStore

_TICK = 0.05
_KILL_GRACE = 1.0
_MOST_FAILED_STARTS = 3


class BatchLoop:
    """One batch, run by the thread that calls `run`."""

    def __init__(self, request: BatchRequest, sink: LineSink, processes: Processes, cancel: threading.Event) -> None:
        self._request = request
        self._sink = sink
        self._processes = processes
        self._cancel = cancel
        self._queue = LineQueue(request.lines)
        self._results = Results(request, sink)
        self._growth = Growth(fixed=request.workers)
        self._workers: dict[int, Worker] = {}
        self._connections: dict[str, Any] = {}
        self._selector = selectors.DefaultSelector()
        self._watched: set[Any] = set()
        self._started_workers = 0
        self._failed_starts = 0
        self._error: RunError | None = None
        self._store = AggregationStore()
        self._has_aggregation: bool | None = None
        self._aggregator: Worker | None = None
        self._is_aggregated = False
        self._is_interrupted = False
        self._begun = time.monotonic()

    def run(self) -> BatchOutcome:
        try:
            with self._selector, contextlib.closing(self._store):
                self._begin()
                while not self._is_over():
                    self._turn()
                self._results.told()
        except KeyboardInterrupt:
            self._is_interrupted = True
        finally:
            for worker in self._workers.values():
                worker.close()
            self._processes.stop()
        stopped = self._is_interrupted or self._cancel.is_set()
        canceled = stopped and not self._is_done() and self._error is None
        return self._results.outcome(self._error, canceled=canceled, seconds=time.monotonic() - self._begun)

    def _begin(self) -> None:
        self._processes.set_up(setup_message(self._request))
        for record in self._request.finished:
            if record.get("status") == "Completed":
                self._store.add_finished(record)
        asks_models = asks_models_itself(self._request.flow)
        for _ in range(self._growth.first(len(self._request.lines), asks_models=asks_models)):
            self._start_worker()

    def _is_over(self) -> bool:
        return self._error is not None or self._cancel.is_set() or self._is_done()

    def _is_done(self) -> bool:
        lines_done = self._results.done == len(self._request.lines)
        return lines_done and (self._is_aggregated or not self._wants_aggregation())

    def _wants_aggregation(self) -> bool:
        if self._has_aggregation is None:  # No line was left to run, so no worker has told yet.
            return self._store.lines > 0
        return self._has_aggregation and self._store.lines > 0

    def _turn(self) -> None:
        """Wait a moment for something to happen and deal with it."""
        self._watch_processes()
        for key, mask in self._selector.select(_TICK if self._workers else 0):
            if isinstance(key.data, Worker):
                self._hear_worker(key.data, mask)
        for news in self._processes.news():
            self._take_news(news)
        self._check_times()
        self._hand_out()
        self._staff()
        self._results.told()

    def _watch_processes(self) -> None:
        wanted = set(self._processes.sockets)
        for gone in self._watched - wanted:
            self._selector.unregister(gone)
        for new in wanted - self._watched:
            self._selector.register(new, selectors.EVENT_READ)
        self._watched = wanted

    def _take_news(self, news: Any) -> None:
        if isinstance(news, Started):
            worker = self._workers[news.number]
            worker.connect(news.channel)
            self._selector.register(news.channel, selectors.EVENT_READ, worker)
        elif isinstance(news, Ended):
            self._worker_ended(news)
        elif isinstance(news, Printed):
            self._sink.log("info", news.text.rstrip("\n"))
        elif isinstance(news, Lost):
            self._fail(WorkersLostError(news.detail))

    # Workers: start, hear, replace.

    def _start_worker(self) -> Worker:
        self._started_workers += 1
        worker = Worker(self._started_workers)
        self._workers[worker.number] = worker
        hello = {"connections": self._connections, "weigh": self._growth.load_memory == 0}
        self._processes.start_worker(worker.number, hello)
        return worker

    def _hear_worker(self, worker: Worker, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            worker.write()
            self._update_interest(worker)
        if mask & selectors.EVENT_READ:
            for head, body in worker.read():
                self._take(worker, head, body)
            if worker.is_closed:
                self._forget_channel(worker)

    def _forget_channel(self, worker: Worker) -> None:
        if worker.channel is not None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(worker.channel)

    def _update_interest(self, worker: Worker) -> None:
        if worker.channel is not None and not worker.is_closed:
            both = selectors.EVENT_READ | (selectors.EVENT_WRITE if worker.has_more_to_send else 0)
            self._selector.modify(worker.channel, both, worker)

    def _send(self, worker: Worker, head: dict[str, Any], body: bytes = b"") -> None:
        worker.send(head, body)
        worker.write()
        if worker.has_more_to_send:
            self._update_interest(worker)

    def _take(self, worker: Worker, head: dict[str, Any], body: bytes) -> None:
        event = head["event"]
        if event == "line":
            self._line_finished(worker, head, body)
        elif event == "ready":
            worker.is_ready = True
            self._failed_starts = 0
            self._has_aggregation = head["aggregation"]
            self._results.flow_id = head["flow_id"]
            self._growth.loaded(head["cpu"], head["memory"])
        elif event == "log":
            self._sink.log(head["level"], head["message"])
        elif event == "waits":
            worker.waits = True
        elif event == "returned":
            self._queue.put_back(worker.give_back(head["lines"]))
        elif event == "connection":
            answer = known_connection(self._request.connections, head["name"])
            if "fields" in answer:
                self._connections[head["name"]] = answer["fields"]
            self._send(worker, {"do": "answer", **answer})
        elif event == "refused":
            if not any(other.is_ready for other in self._workers.values()):
                self._error = RunError(**head["error"])
            worker.leaves = True
        elif event == "aggregated":
            self._is_aggregated = True
            self._results.aggregated(head, body)

    def _line_finished(self, worker: Worker, head: dict[str, Any], body: bytes) -> None:
        worker.line_finished(head["number"])
        worker.leaves = head["leaves"]
        self._growth.finished(head["seconds"], head["cpu"])
        if head["slowed"]:
            self._growth.no_more_than(len(self._workers))
        need = head["need"]
        if need:
            self._store.add(body[-need:])
            body = body[:-need]
        self._results.line(head, body)

    def _worker_ended(self, news: Ended) -> None:
        worker = self._workers.get(news.number)
        if worker is None:
            return
        for head, body in worker.read():
            self._take(worker, head, body)
        self._forget_channel(worker)
        worker.close()
        del self._workers[news.number]
        since = worker.busy_since
        current, others = worker.unfinished()
        if worker is self._aggregator and not self._is_aggregated:
            self._is_aggregated = True
            self._results.aggregation_lost(FlowLoadError(f"ended with {ended_by(news.exit_code, news.signal)}"))
        elif worker.killed_for is not None and current is not None:
            self._line_failed(current, worker.killed_for, since)
        elif not worker.is_ready and not worker.leaves:
            self._start_failed(news)
        elif current is not None:
            if worker.leaves:
                others.insert(0, current)
            else:
                crash = ProcessCrashError(self._queue.number(current), news.exit_code, news.signal)
                self._line_failed(current, crash, since)
        self._queue.put_back(others)

    def _start_failed(self, news: Ended) -> None:
        """A worker that never became ready. The others go on without more; with none, the flow cannot be run."""
        self._failed_starts += 1
        others = sum(worker is not self._aggregator for worker in self._workers.values())
        if others and self._failed_starts >= _MOST_FAILED_STARTS:
            self._growth.stop_at(others)
        elif not others:
            self._fail(FlowLoadError(f"ended with {ended_by(news.exit_code, news.signal)}"))

    def _line_failed(self, position: int, error: PromptflowException, since: float | None = None) -> None:
        number, inputs = self._request.lines[position]
        self._results.lost_line(number, inputs, error, time.monotonic() - since if since is not None else 0.0)

    def _fail(self, error: PromptflowException) -> None:
        if self._error is None:
            self._error = own_error(error)

    # Time, lines, number of workers.

    def _check_times(self) -> None:
        now = time.monotonic()
        limit = self._request.batch_timeout
        if limit is not None and now - self._begun > limit and not self._is_done():
            self._batch_time_over(limit)
            return
        if self._request.line_timeout is None:
            return
        for worker in self._workers.values():
            since = worker.busy_since
            if since is not None and now - since > self._request.line_timeout + _KILL_GRACE:
                self._kill_stuck(worker)

    def _kill_stuck(self, worker: Worker) -> None:
        """A worker that could not end itself in time: its code never lets another thread run."""
        from pfstudio.engine.errors import LineExecutionTimeoutError

        limit = self._request.line_timeout or 0
        current = worker.current
        if worker.killed_for is not None or worker is self._aggregator:
            return
        if current is None:
            self._fail(FlowLoadError(f"took longer than {limit:g} seconds"))
        else:
            worker.killed_for = LineExecutionTimeoutError(self._queue.number(current), limit)
        self._processes.kill(worker.number)

    def _batch_time_over(self, limit: float) -> None:
        left = [position for worker in self._workers.values() for position in worker.take_all()]
        left = sorted([*left, *self._queue.take_all()])
        for position in left:
            self._line_failed(position, BatchExecutionTimeoutError(self._queue.number(position), limit))
        self._fail(BatchRunTimeoutError(limit, len(left), len(self._request.lines)))

    def _hand_out(self) -> None:
        workers = [
            worker
            for worker in self._workers.values()
            if worker.is_ready and not worker.leaves and worker is not self._aggregator
        ]
        if self._queue:
            for worker in sorted(workers, key=lambda worker: worker.outstanding):
                count = self._queue.share(worker, self._growth.mean_seconds, len(workers))
                if count:
                    self._send(worker, {"do": "lines"}, self._queue.take(worker, count))
        elif self._results.done == len(self._request.lines) and self._wants_aggregation():
            self._aggregate()

    def _aggregate(self) -> None:
        """A worker that has run no line aggregates, as a fresh process did in the original."""
        if self._aggregator is None:
            self._aggregator = self._start_worker()
        worker = self._aggregator
        if worker.is_ready and not worker.was_asked:
            worker.was_asked = True
            for piece in self._store.pieces():
                self._send(worker, {"do": "to_aggregate"}, piece)
            self._send(worker, {"do": "aggregate"})

    def _staff(self) -> None:
        unfinished = len(self._request.lines) - self._results.done
        if not self._queue or self._error is not None:
            if not unfinished or not self._has_aggregation or self._aggregator is not None:
                return
            self._aggregator = self._start_worker()  # It loads the flow while the last lines run.
            return
        lines = [worker for worker in self._workers.values() if worker is not self._aggregator]
        self._growth.waiting = sum(worker.waits for worker in lines)
        busy = sum(worker.current is not None for worker in lines)
        for _ in range(self._growth.wanted(unfinished, busy) - len(lines)):
            self._start_worker()
