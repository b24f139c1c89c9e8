"""The page of a proof pack: its period, what it will hold, what lacks, and the zip."""

from typing import Any

from django.http import HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from essaim.tongue import in_french
from essaim.views import FormPage, file_response
from grants.models import GrantApplication, Programme
from invoicing.actions.proving import take_proof
from invoicing.archive import ARCHIVE_TYPE
from invoicing.forms_expenses import ProofForm
from invoicing.proof import Proof, gather, proof_of
from missions.models import Envelope


class ProofPage(FormPage):
    # A file is taken: as often as one likes.
    counts_sendings = False
    """What proves the use of a funder's money; the zip leaves on a click and is logged."""

    form_class = ProofForm
    template_name = "invoicing/proof.html"
    title = gettext_lazy("Proof pack")
    submit_label = gettext_lazy("Download the pack")
    submit_icon = "file-archive"

    def get_facts(self) -> str:
        return str(self.object)

    def get_initial(self) -> dict[str, Any]:
        """The envelope's own period, else this year so far."""
        held = self.object
        given = self.request.GET
        first = getattr(held, "starts_on", None) or self.today.replace(month=1, day=1)
        last = min(getattr(held, "ends_on", None) or self.today, self.today)
        return {"since": given.get("since") or first, "until": given.get("until") or last}

    @cached_property
    def proof(self) -> Proof | None:
        """What the period of the address holds, to be looked at before it is taken."""
        form = ProofForm(self.get_initial(), user=self.request.user, on=self.today)
        if not form.is_valid():
            return None
        given = form.cleaned_data
        return gather(proof_of(self.object, given["since"], given["until"]))

    def perform(self, form: Any) -> Any:
        given = form.cleaned_data
        return take_proof(self.object, first=given["since"], last=given["until"], **self.act())

    @in_french()
    def done(self, done: Any) -> HttpResponseBase:
        name, content, _proof = done
        return file_response(content, name, ARCHIVE_TYPE)

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(proof=self.proof, **more)


class EnvelopeProof(ProofPage):
    explains = gettext_lazy(
        "All that a funder or an auditor may ask about this envelope, in one archive."
    )
    model = Envelope
    select_related = ("payer",)


class ApplicationProof(ProofPage):
    explains = gettext_lazy(
        "All that a funder or an auditor may ask about this file, in one archive."
    )
    model = GrantApplication


class ProgrammeProof(ProofPage):
    explains = gettext_lazy(
        "All that a funder or an auditor may ask about this programme, in one archive."
    )
    model = Programme
