"""Compile every template of the product, so that a broken tag is found before a person is."""

import sys
from pathlib import Path

import django
from django.conf import settings
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))


def names() -> set[str]:
    """Template names under templates/ and the rooms' own template folders."""
    folders = [ROOT / "templates", *ROOT.glob("*/templates"), *ROOT.glob("*/*/templates")]
    return {
        path.relative_to(folder).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".html", ".txt", ".xml"}
    }


def main() -> int:
    django.setup()
    assert settings.configured
    engine = engines["django"]
    found, broken = sorted(names()), 0
    for name in found:
        try:
            engine.get_template(name)
        except (TemplateSyntaxError, TemplateDoesNotExist) as error:
            broken += 1
            print(f"{name}: {error!r}")
    print(f"{len(found)} templates, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
