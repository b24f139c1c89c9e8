"""Pictures people send as a logo, good and bad."""

from io import BytesIO
from typing import Any

from PIL import Image


def raster(mode: str = "RGB", size: tuple[int, int] = (120, 40), kind: str = "PNG") -> bytes:
    """A small picture of one colour."""
    colours: dict[str, Any] = {
        "RGB": (27, 94, 64), "RGBA": (27, 94, 64, 128), "L": 90, "CMYK": (180, 20, 150, 40),
        "P": 3, "1": 1,
    }  # fmt: skip
    made = BytesIO()
    Image.new(mode, size, colours[mode]).save(made, format=kind)
    return made.getvalue()


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
    b'<path d="M0 0h40v20H0z" fill="#1b5e40"/><circle cx="10" cy="10" r="6" fill="white"/></svg>'
)
