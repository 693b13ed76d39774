"""What can go wrong with flows as folders."""

from __future__ import annotations

from pfstudio.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, RateLimitedError


class FlowNotFoundError(NotFoundError):
    code = "flow_not_found"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"There is no flow at '{path}': it is neither a folder with flow.dag.yaml or flow.flex.yaml, nor a prompty."
        )


class FlowNameTakenError(ConflictError):
    code = "flow_name_taken"

    def __init__(self, name: str, proposal: str | None = None) -> None:
        instead = f"'{proposal}' is free." if proposal else "Choose another name."
        super().__init__(f"You already have a folder named '{name}'. {instead}")
        self.proposal = proposal


class InvalidFlowNameError(InvalidError):
    code = "invalid_flow_name"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"A flow cannot be named {name!r}: {why}.")


class AmbiguousSourceError(InvalidError):
    code = "ambiguous_source"

    def __init__(self) -> None:
        super().__init__("A new flow is made from one of 'type', 'template' or 'copy_of', not from several.")


class TemplateNotFoundError(NotFoundError):
    code = "template_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"The gallery has no flow named '{name}'.")


class NoFlowFileError(InvalidError):
    code = "no_flow_file"

    def __init__(self) -> None:
        super().__init__("There is no flow in this folder: it holds neither flow.dag.yaml nor flow.flex.yaml.")


class ConnectionNotSharedError(ForbiddenError):
    code = "connection_not_shared"

    def __init__(self, names: list[str], owner: str) -> None:
        shown = " and ".join(f"'{name}'" for name in names)
        super().__init__(
            f"This flow belongs to '{owner}', so it runs for you with the workspace's connections only, and {shown} "
            f"{'is none' if len(names) == 1 else 'are none'} of them. Ask an admin to share a connection of this name "
            "with the workspace, or copy the flow to your own folder, where your own connections count."
        )
        self.names = names


class ConsentRequiredError(ForbiddenError):
    """`consent` is what there is to agree to: the connections by name, the flow's owner, and its snapshot."""

    code = "consent_required"

    def __init__(self, names: list[str], owner: str, snapshot: str) -> None:
        shown = " and ".join(f"'{name}'" for name in names)
        super().__init__(
            f"This flow belongs to '{owner}' and needs {shown}, which the workspace does not have and you do. Agree to "
            "lend yours to the flow as it is now, or copy the flow to your own folder."
        )
        self.consent = {"connections": names, "owner": owner, "snapshot": snapshot}


class TooManyTestsError(RateLimitedError):
    code = "too_many_tests"

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} tests of yours are running already. Stop one, or wait until one has ended.")
        self.retry_after = 2
