"""The proof of consent to download: of one person or of everybody, oldest first, whole."""

from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard import data, routes
from dashboard.acts.consent_file import COLUMNS, cells, objects
from dashboard.acts.downloads import BYTE_ORDER_MARK, csv_text, dated, portions, streamed, viewer_of
from dashboard.auth import Right, Viewer
from models import outbound_emails
from models.catalogue import text
from models.consent_proof import proof_after
from models.errors import NotFound
from models.recipient_page import get_recipient

EVERYBODY: Final = 0


async def export(request: Request) -> Response:
    """As CSV or JSON, as the address says."""
    user = await viewer_of(request, Right.LOOK)
    if not isinstance(user, Viewer):
        return user
    ending, recipient_id = request.path_params["ending"], int(request.path_params.get("recipient_id", EVERYBODY))
    try:
        address_id = await _address_of(recipient_id)
    except NotFound:
        return PlainTextResponse(text(user.language, "recipient.not_found"), 404)
    if ending not in {"csv", "json"}:
        return PlainTextResponse(text(user.language, "import.no_file"), 404)
    site = outbound_emails.public_url(await data.read(outbound_emails.read))
    rows = _csv(address_id, site) if ending == "csv" else _json(address_id, site)
    name = f"consent-{recipient_id}" if recipient_id else "consent"
    return streamed(rows, dated(user, name, ending))


async def _address_of(recipient_id: int) -> int | None:
    """None: of everybody. Raises NotFound, also for somebody without an address, who has no history."""
    if recipient_id == EVERYBODY:
        return None
    address_id = (await data.read(get_recipient, recipient_id)).row.address_id
    if address_id is None:
        raise NotFound("recipient.not_found")
    return address_id


async def _csv(address_id: int | None, site: str) -> AsyncIterator[str]:
    yield BYTE_ORDER_MARK + csv_text([COLUMNS])
    async for rows in portions(proof_after, lambda row: row.id, address_id):
        yield csv_text([cells(row, site) for row in rows])


async def _json(address_id: int | None, site: str) -> AsyncIterator[str]:
    before = "[\n"
    async for rows in portions(proof_after, lambda row: row.id, address_id):
        yield before + ",\n".join(objects(rows, site))
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


ROUTES: Final = [
    Route(routes.CONSENT_OF_ALL.replace("[ending]", "{ending}"), export),
    Route(routes.CONSENT.replace("[recipient_id]", "{recipient_id:int}").replace("[ending]", "{ending}"), export),
]
