"""What a browser needs to install Essaim and to log a day without network: no private page."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.context_processors import BRAND

FILES = ("app.css", "app.js", "offline.js", "favicon.svg")
HTMX = "django_htmx/htmx-2.min.js"
SIZES = (192, 512)


def worker(request: HttpRequest) -> HttpResponse:
    """The worker, told first where things are; another version of a file makes another worker."""
    source = Path(str(finders.find("essaim/sw.js") or "")).read_text(encoding="utf-8")
    place: dict[str, Any] = {
        "log": reverse("missions:log"),
        "offline": reverse("offline"),
        # What is sent under one of these may be another person's, or speak another language:
        # a password, a key, an invitation, signing out.
        "doors": [reverse("my_account"), reverse("demo_sign_in")],
        "waiting": static("essaim/offline.js"),
        "files": [static(f"essaim/{name}") for name in FILES] + [static(HTMX)],
    }
    found = [finders.find(name) for name in (*(f"essaim/{n}" for n in FILES), HTMX)]
    words = [source, json.dumps(place), *(_content(path) for path in found)]
    place["version"] = sha256("".join(words).encode()).hexdigest()[:12]
    answer = HttpResponse(
        f"const PLACE = {json.dumps(place)};\n{source}", content_type="text/javascript"
    )
    answer["Cache-Control"] = "no-cache"
    return answer


def _content(path: Any) -> str:
    return sha256(Path(str(path)).read_bytes()).hexdigest() if path else ""


def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone reads to put Essaim among its applications."""
    icons: list[dict[str, str]] = [
        {
            "src": static(f"essaim/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in SIZES
        for purpose in ("any", "maskable")
    ]
    log = {"name": _("Log a day"), "url": reverse("missions:log")}
    told = {
        "id": "/",
        "name": BRAND,
        "short_name": BRAND,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "lang": "fr",
        "background_color": "#fbfaf7",
        "theme_color": "#17613f",
        "icons": icons,
        "shortcuts": [log],
    }
    return JsonResponse(told, content_type="application/manifest+json")


def offline(request: HttpRequest) -> HttpResponse:
    """The page of a browser without network; it knows nothing of anybody."""
    return render(request, "essaim/offline.html")
