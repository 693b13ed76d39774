"""What can go wrong between a repository and others elsewhere, each with its own sentence."""

from __future__ import annotations

from collections.abc import Mapping

from pfstudio.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    TooLargeError,
)


class RemoteAddressRefusedError(InvalidError):
    """Never shows the address: it may hold a password."""

    code = "remote_address_refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"This address cannot be used for a remote: {why}.")


class RemoteNameRefusedError(InvalidError):
    code = "remote_name_refused"

    def __init__(self) -> None:
        super().__init__("A remote's name is made of letters, digits, '.', '_' and '-', such as 'origin'.")


class RemoteExistsError(ConflictError):
    code = "remote_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a remote '{name}' already. Remove it first, or choose another name.")


class RemoteNotFoundError(NotFoundError):
    code = "remote_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"This repository has no remote '{name}'. Connect one first.")


class RemoteHostNotFoundError(NotFoundError):
    code = "remote_host_not_found"

    def __init__(self, host: str) -> None:
        super().__init__(f"No machine named '{host}' is known. Correct the address.")


class TransferFailedError(InvalidError):
    """Git could not do it; `why` is the reason in plain words."""

    code = "transfer_failed"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why[:1].upper()}{why[1:]}.")


class TransferTooSlowError(TooLargeError):
    code = "transfer_too_slow"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The transfer was ended: it was not done within {seconds:,.0f} seconds.")


class TransferTooLargeError(TooLargeError):
    code = "transfer_too_large"

    def __init__(self, size: int) -> None:
        super().__init__(f"The transfer was ended: it is larger than {size // 1_000_000:,} MB.")


class TransferCanceledError(ConflictError):
    code = "transfer_canceled"

    def __init__(self) -> None:
        super().__init__("The transfer was canceled.")


class TooManyTransfersError(RateLimitedError):
    code = "too_many_transfers"

    def __init__(self) -> None:
        super().__init__("Other transfers are under way. Wait until one of them has ended.")
        self.retry_after = 5


class PushRejectedError(ConflictError):
    code = "push_rejected"

    def __init__(self, why: str) -> None:
        super().__init__(f"The remote did not take the push: {why}.")


class NothingToPullError(ConflictError):
    code = "nothing_to_pull"

    def __init__(self, branch: str) -> None:
        super().__init__(
            f"The remote has no branch '{branch}' to pull from. Push this one first, or switch to another."
        )


class DetachedHeadError(ConflictError):
    code = "no_branch"

    def __init__(self) -> None:
        super().__init__("No branch is checked out. Switch to one, or make one here, before you push or pull.")


class CredentialNeededError(ForbiddenError):
    code = "git_credential_needed"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"'{host}' wants credentials, and you have none for it here. Add a token for it under Settings → Git, or "
            "see that the repository exists."
        )
        self.proposal = {"credential": host}


class CredentialRefusedError(ForbiddenError):
    code = "git_credential_refused"

    def __init__(self, host: str) -> None:
        super().__init__(f"'{host}' refused your token. Replace it under Settings → Git, or see what it may do there.")
        self.proposal = {"credential": host}


class SshKeyRefusedError(ForbiddenError):
    code = "git_ssh_key_refused"

    def __init__(self, host: str, *, has_key: bool) -> None:
        todo = (
            f"Give '{host}' your public key from Settings → Git, or see that it may reach the repository."
            if has_key
            else f"Make an SSH key under Settings → Git and give '{host}' its public part."
        )
        super().__init__(f"'{host}' did not let you in. {todo}")
        self.proposal = {"ssh_key": host}


class HostKeyUnknownError(ConflictError):
    """`proposal` is what may be trusted: the host, and its key with its fingerprint."""

    code = "git_host_key_unknown"

    def __init__(self, host: str, key: str, fingerprint: str) -> None:
        super().__init__(
            f"'{host}' has not been met before. Its key is {fingerprint}. Compare it with what the server's owner "
            "says, then trust it."
        )
        self.proposal: Mapping[str, str] = {"host": host, "key": key, "fingerprint": fingerprint}


class HostKeyChangedError(ForbiddenError):
    code = "git_host_key_changed"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"'{host}' shows another key than the one you trusted, so somebody may stand in between. If its owner says "
            "that it was changed, forget the old one under Settings → Git."
        )


class HostKeyRefusedError(InvalidError):
    code = "git_host_key_refused"

    def __init__(self) -> None:
        super().__init__("This is no public key of a server: it takes a kind, such as 'ssh-ed25519', and its body.")


class CredentialNotFoundError(NotFoundError):
    code = "git_credential_not_found"

    def __init__(self) -> None:
        super().__init__("You have no such git credential.")


class CredentialInvalidError(InvalidError):
    code = "git_credential_invalid"

    def __init__(self, why: str) -> None:
        super().__init__(f"This credential cannot be stored: {why}.")
