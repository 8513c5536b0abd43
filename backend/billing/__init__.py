"""What each participant owes and is owed, why, and what a person wants to know about it.

``amounts`` is the anchored core: thirteen lines, VAT, debit, credit (docs/protocol.md section 9). ``value_period`` and
``link_period`` say what shared energy is worth and who served whom; ``bill_period`` makes a run's bills of it: lines
with quantities and unit prices, where each kilowatt-hour came from, the saving, carbon, the quality of the readings,
invoice totals by EN 16931. A bill is frozen; its ``as_dict`` is what a store keeps. Texts are message keys with values,
so that pages and documents say them in the reader's language. Money is in whole cents, energy in mWh, prices in
µEUR/kWh, values before rounding in pico-euro.
"""

from backend.billing.amounts import (
    BillAmounts,
    BillTotals,
    Line,
    PointBands,
    PointLink,
    bill_amounts,
    total_bills,
)
from backend.billing.bill import Bill, BillLine, Message
from backend.billing.bills import BillRun, SharedPeriod, bill_period
from backend.billing.carbon import GridCarbon
from backend.billing.invoice import check_en16931
from backend.billing.links import PeriodLink, link_period, read_links, value_links
from backend.billing.numbering import format_invoice_number, parse_invoice_number
from backend.billing.period_sums import PeriodSums, SeatAmounts, SlotSums, bill_leaves, form_leaves
from backend.billing.postings import check_postings, post_bills
from backend.billing.tariff import bands_of, sum_by_band
from backend.billing.terms import BilledSeat, billed_seats
from backend.billing.value import PeriodValues, ValueTerms, value_period

__all__ = [
    "Bill",
    "BillAmounts",
    "BillLine",
    "BillRun",
    "BillTotals",
    "BilledSeat",
    "GridCarbon",
    "Line",
    "Message",
    "PeriodLink",
    "PeriodSums",
    "PeriodValues",
    "PointBands",
    "PointLink",
    "SeatAmounts",
    "SharedPeriod",
    "SlotSums",
    "ValueTerms",
    "bands_of",
    "bill_amounts",
    "bill_leaves",
    "bill_period",
    "billed_seats",
    "check_en16931",
    "check_postings",
    "form_leaves",
    "format_invoice_number",
    "link_period",
    "parse_invoice_number",
    "post_bills",
    "read_links",
    "sum_by_band",
    "total_bills",
    "value_links",
    "value_period",
]
