"""Open the main screens of the demonstration and keep a picture of each, in few colours."""

import io
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
COLOURS = 96


@dataclass(frozen=True)
class Screen:
    """One picture: who looks, from which address, then through which links, by their words."""

    name: str
    who: str
    path: str
    through: tuple[str, ...] = ()


SCREENS = (
    Screen("today", "Ada", "/"),
    Screen("log", "Ada", "/journees/noter/"),
    Screen("week", "Ada", "/journees/semaine/"),
    Screen("month", "Ada", "/journees/mon-mois/"),
    Screen("calendar", "Ada", "/journees/agenda/"),
    Screen("expense", "Ada", "/journees/frais/noter/"),
    Screen("board", "Basile", "/coops/"),
    Screen("table", "Basile", "/coops/tableau/"),
    Screen("coop", "Basile", "/coops/", ("Coop’Épi",)),
    Screen("dashboard", "Basile", "/facturation/tableau-de-bord/"),
    Screen("applications", "Basile", "/financements/"),
    Screen("deadlines", "Basile", "/financements/echeances/"),
    Screen("to-validate", "Basile", "/journees/a-valider/"),
    Screen("to-bill", "Chloé", "/facturation/"),
    Screen("invoices", "Chloé", "/facturation/factures/"),
    Screen("receivables", "Chloé", "/facturation/creances/"),
    Screen("forecast", "Chloé", "/facturation/prevision/"),
    Screen("exports", "Chloé", "/facturation/exports/"),
    Screen("settings", "Farid", "/reglages/"),
    Screen("account", "Ada", "/compte/"),
    Screen("help", "Ada", "/aide/"),
)


@contextmanager
def served() -> Iterator[str]:
    """The demonstration, answering at an address of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "manage.py", "runserver", "--noreload", "--insecure", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{url}/compte/connexion/", timeout=2)
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait()


def keep(picture: bytes, file: Path) -> None:
    """Few colours are enough for a screen, and weigh a third."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        file, optimize=True
    )


def reach(page: Page, screen: Screen) -> None:
    answer = page.goto(screen.path)
    if answer is None or answer.status != 200:
        raise SystemExit(f"screenshots: {screen.path} answers {answer and answer.status}")
    for words in screen.through:
        page.locator("main").get_by_role("link", name=re.compile(f"^{words}")).first.click()
    page.wait_for_load_state("networkidle")


def take(browser: Browser, url: str, who: str, screens: list[Screen], out: Path) -> None:
    for scheme in SCHEMES:
        for size, screen_size in SIZES.items():
            context = browser.new_context(
                base_url=url,
                viewport=screen_size,
                color_scheme=scheme,
                locale="fr-FR",
                timezone_id="Europe/Paris",
                has_touch=size == "phone",
                is_mobile=size == "phone",
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto("/compte/connexion/")
            page.get_by_role("button", name=re.compile(f"^.*{who}")).first.click()
            page.wait_for_load_state()
            for screen in screens:
                reach(page, screen)
                keep(page.screenshot(), out / f"{screen.name}-{size}-{scheme}.png")
            context.close()


def main() -> None:
    chromium, out, *names = sys.argv[1:]
    wanted = [s for s in SCREENS if not names or s.name in names]
    if unknown := set(names) - {s.name for s in SCREENS}:
        raise SystemExit(f"screenshots: no screen is called {', '.join(sorted(unknown))}")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with served() as url, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=flags)
        for who in dict.fromkeys(s.who for s in wanted):
            take(browser, url, who, [s for s in wanted if s.who == who], folder)
        browser.close()
    count = len(wanted) * len(SIZES) * len(SCHEMES)
    shown = os.path.relpath(folder, ROOT) if folder.is_relative_to(ROOT) else folder
    print(f"screenshots: {count} pictures of {len(wanted)} screens in {shown}/")


if __name__ == "__main__":
    main()
