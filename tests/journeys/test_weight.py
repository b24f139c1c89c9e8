"""What a first visit weighs: asserted from what the browser received, served as in production."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from playwright.sync_api import Browser

from crm.models import Coop
from essaim.models import User
from invoicing.models import Invoice
from tests.conftest import signed_in
from tests.journeys.conftest import carry_session
from tests.journeys.screens import PHONE
from tests.many import Size, fill

HEAVIEST, REQUESTS = 40_000, 6
PAGES = (
    ("ada", "today"),
    ("ada", "missions:log"),
    ("ada", "missions:week"),
    ("basile", "crm:board"),
    ("basile", "crm:table"),
    ("basile", "crm:coop"),
    ("basile", "grants:applications"),
    ("basile", "invoicing:dashboard"),
    ("chloe", "invoicing:to_bill"),
    ("chloe", "invoicing:invoices"),
    ("chloe", "invoicing:invoice"),
    ("chloe", "invoicing:receivables"),
)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def served(transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[str]:
    """The application with its files collected, named by their content and compressed."""
    fill(Size(coops=160, days=600, invoices=120, applications=60))
    kept = dict(settings.STORAGES)
    kept["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = kept
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    call_command("collectstatic", "--no-input", verbosity=0)
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def address(name: str) -> str:
    """The page of this name; of the first object when it is about one."""
    rows: dict[str, Any] = {
        "crm:coop": Coop.objects.order_by("pk"),
        "invoicing:invoice": Invoice.objects.filter(state="issued").order_by("pk"),
    }
    return reverse(name, args=[rows[name].first().pk] if name in rows else [])


def received(browser: Browser, url: str, who: str, page_name: str) -> tuple[int, list[str]]:
    """Bytes on the wire and addresses asked, by a browser that keeps nothing."""
    context = browser.new_context(base_url=url, viewport=PHONE, locale="fr-FR")
    user = User.objects.get(email__startswith=who)
    carry_session(context, signed_in(user), url)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    asked: list[str] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
    page.goto(address(page_name), wait_until="networkidle")
    context.close()
    return int(sum(sizes)), [a for a in asked if not a.startswith("data:")]


def test_a_cold_page_is_light(served: str, browser: Browser) -> None:
    heavy = {}
    for who, name in PAGES:
        size, asked = received(browser, served, who, name)
        if size > HEAVIEST or len(asked) > REQUESTS:
            heavy[name] = (size, len(asked), asked)
    assert heavy == {}
