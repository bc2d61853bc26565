"""Where an agent's key comes from, and where it may be sent: a key is bound to its origin."""

from dataclasses import dataclass

from adapters.agents.provider import Provider
from adapters.network.target import origin
from core.errors import AgentUnusable
from core.ports import AgentContext


@dataclass(frozen=True)
class Vendor:
    """The names of a vendor's own environment variables, and where its API is when nobody says otherwise."""

    key_variable: str
    url_variable: str
    default_url: str

    def base_url(self, chosen: str | None, context: AgentContext) -> str:
        """What the settings chose, else what the operator chose, else the vendor's own."""
        return chosen or context.environ.get(self.url_variable) or self.default_url

    async def key(self, credential: str | None, base_url: str, context: AgentContext) -> str | None:
        """The credential of that name, or the process's key if this is the origin it belongs to.

        None for another origin, which may need no key. Raises AgentUnusable where one is surely needed.
        """
        if credential is not None:
            return await credential_of(credential, base_url, context)
        if origin(base_url) != origin(self.base_url(None, context)):
            return None
        key = context.environ.get(self.key_variable)
        if key:
            return sendable(key, self.key_variable)
        if origin(base_url) == origin(self.default_url):
            raise AgentUnusable(
                f"There is no key for {self.default_url}: set {self.key_variable} for the worker, "
                "or name a stored credential in the agent's `credential`."
            )
        return None

    async def provider(self, credential: str | None, base_url: str, context: AgentContext, *, model: str) -> Provider:
        """Raises AgentUnusable, as `key` does."""
        secret = await self.key(credential, base_url, context)
        name = credential or (self.key_variable if secret is not None else None)
        return Provider(origin(base_url), credential=name, secret=secret, model=model)


async def credential_of(name: str, url: str, context: AgentContext) -> str:
    """The stored credential, as text a header can carry. Raises AgentUnusable."""
    return sendable(await context.secrets.reveal(name, origin=origin(url)), name)


def sendable(key: str, name: str) -> str:
    """The key without the blanks and line ends that copying adds. Raises AgentUnusable, never showing the key."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise AgentUnusable(f"{name} cannot be sent: a key is printable ASCII on one line.")
    return key
