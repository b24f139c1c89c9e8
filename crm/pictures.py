"""A logo as people send it, made safe: RGB pixels, or drawings that fetch and run nothing."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.drawings import is_light, is_path, is_shallow, view_box

MAX_BYTES: Final = 1024 * 1024
MAX_PIXELS: Final = 40_000_000
LARGEST: Final = 900  # pixels of the longer side once kept: 60 mm at 380 dots an inch

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "{http://www.w3.org/1999/xlink}href"
_ELEMENTS: Final = frozenset(
    (
        "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs",
        "use", "symbol", "clipPath", "linearGradient", "radialGradient", "stop", "title", "desc",
    )
)  # fmt: skip
_ATTRIBUTES: Final = frozenset(
    (
        "id", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "d",
        "points", "width", "height", "viewBox", "preserveAspectRatio", "transform", "fill",
        "fill-rule", "fill-opacity", "stroke", "stroke-width", "stroke-linecap",
        "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-opacity", "opacity",
        "clip-path", "clip-rule", "offset", "stop-color", "stop-opacity", "gradientUnits",
        "gradientTransform", "spreadMethod", "clipPathUnits", "version", "color",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Safe:
    """What is kept of a picture."""

    kind: str
    content: bytes


def safe_picture(content: bytes) -> Safe:
    """Tell what a picture is from its bytes and keep what is safe of it; ValidationError else."""
    if len(content) > MAX_BYTES:
        raise ValidationError(_("This picture is too heavy: 1 MB at most."), code="too_large")
    if content.startswith((_PNG, _JPEG)):
        return Safe("png", _raster(content))
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"<svg", b"<?xml", b"<!--")) or b"<svg" in start:
        try:
            return Safe("svg", _drawing(content))
        except RecursionError as error:
            words = _("This drawing can't be read: export it as a plain SVG.")
            raise ValidationError(words, code="unreadable") from error
    raise ValidationError(
        _("This file is no picture we take: send a PNG, a JPEG or an SVG."), code="kind"
    )


# -- pixels ------------------------------------------------------------------------------------
def _raster(content: bytes) -> bytes:
    """The pixels alone, in RGB on white: no CMYK, no profile, no transparency, no metadata."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValidationError(_("This picture is too large."), code="too_large")
            plain = _on_white(picture)
    except Image.DecompressionBombError as error:
        raise ValidationError(_("This picture is too large."), code="too_large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ValidationError(
            _("This picture can't be read: save it again and send it."), code="unreadable"
        ) from error
    plain.thumbnail((LARGEST, LARGEST))
    made = BytesIO()
    plain.save(made, format="PNG", optimize=True)
    return made.getvalue()


def _on_white(picture: Any) -> Any:
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        plain = Image.new("RGB", seen.size, "white")
        plain.paste(seen, mask=seen.getchannel("A"))
        return plain
    return picture.convert("RGB")


# -- drawings ----------------------------------------------------------------------------------
def _drawing(content: bytes) -> bytes:
    """The shapes of an SVG: no script, no style sheet, no text, nothing from outside."""
    from xml.etree.ElementTree import ParseError, tostring

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ValidationError(
            _("This drawing can't be read: export it as a plain SVG."), code="unreadable"
        ) from error
    if root.tag != f"{{{_SVG}}}svg":
        raise ValidationError(_("This drawing is no SVG."), code="kind")
    if any(_name(element) in ("text", "tspan", "textPath") for element in root.iter()):
        raise ValidationError(
            _("This drawing holds text: turn it into outlines in your drawing tool."), code="text"
        )
    if not is_shallow(root):
        raise _too_much()
    _prune(root)
    if not is_light(root, _copied):
        raise _too_much()
    if not any(_name(e) not in ("svg", "g", "defs", "title", "desc") for e in root.iter()):
        raise ValidationError(_("Nothing is drawn in this SVG."), code="empty")
    _sized(root)
    from xml.etree.ElementTree import register_namespace

    register_namespace("", _SVG)
    made: bytes = tostring(root, encoding="utf-8")
    return made


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) and tag.startswith(f"{{{_SVG}}}") else ""


def _prune(element: Any) -> None:
    for name, value in list(element.attrib.items()):
        if name in (_XLINK, "href") and _name(element) == "use" and value.startswith("#"):
            continue
        if name == "style":
            _style(element, value)
        if name not in _ATTRIBUTES or not _is_local(value):
            del element.attrib[name]
    if not is_path(element.get("d", "")):
        raise ValidationError(
            _("This drawing can't be read: export it as a plain SVG."), code="unreadable"
        )
    for child in list(element):
        if _name(child) in _ELEMENTS:
            _prune(child)
        else:
            element.remove(child)


def _style(element: Any, value: str) -> None:
    """Presentation written as a style becomes attributes, those that are allowed."""
    for part in value.split(";"):
        name, _colon, given = part.partition(":")
        if name.strip() in _ATTRIBUTES and _is_local(given):
            element.set(name.strip(), given.strip())


def _is_local(value: str) -> bool:
    """Whether a value leads nowhere but inside the drawing."""
    bare = value.replace(" ", "").replace("\t", "").casefold()
    outside = bare.count("url(") - bare.count("url(#") - bare.count("url('#") - bare.count('url("#')
    return outside == 0 and "\\" not in bare and "javascript:" not in bare and "data:" not in bare


def _copied(element: Any) -> str:
    """The id that a `use` copies, "" for any other shape."""
    if _name(element) != "use":
        return ""
    return str(element.get("href") or element.get(_XLINK) or "").removeprefix("#")


def _too_much() -> ValidationError:
    words = _(
        "This drawing is too complicated for a logo: export it as a plain SVG, without copies."
    )
    return ValidationError(words, code="too_much")


def _sized(root: Any) -> None:
    box = view_box(root)
    if not box:
        raise ValidationError(_("This drawing has no size: export it with a viewBox."), code="size")
    root.set("viewBox", box)
