"""Taps as a thumb makes them, counted; typing and scrolling are no taps."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page


@dataclass
class Taps:
    """`taps.on(locator)`: one tap, on a screen that is touched or by the mouse."""

    page: Page
    count: int = 0

    def on(self, target: Locator, **more: Any) -> None:
        self.count += 1
        if self.page.evaluate("navigator.maxTouchPoints > 0"):
            target.tap(**more)
        else:
            target.click(**more)

    def link(self, name: Any) -> None:
        self.on(self.page.get_by_role("link", name=name).first)

    def button(self, name: Any) -> None:
        self.on(self.page.get_by_role("button", name=name).first)

    def chip(self, name: str) -> None:
        """A chip by its words."""
        self.on(self.page.locator(".chip", has_text=name).first)
