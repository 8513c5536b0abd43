"""Bills as pages that a person is glad to receive: a view of the bill in the reader's language, set by Typst.

``bill_view`` turns a bill's content into localised texts and figures, ``bill.typ`` lays them out. Whatever comes from
people (names, notes) reaches Typst as data, never as markup.
"""

from backend.adapters.documents.bill_pdf import render_bill

__all__ = ["render_bill"]
