"""What each participant owes and is owed, why, and what a person wants to know about it.

``amounts`` is the anchored core: nine lines, VAT, debit, credit (docs/protocol.md section 9). ``bill_period`` makes a
run's bills from it: lines with quantities and unit prices, where each kilowatt-hour came from, the saving, carbon, the
quality of the readings, invoice totals by EN 16931. A bill is frozen; its ``as_dict`` is what a store keeps. Texts are
message keys with values, so that pages and documents say them in the reader's language. Money is in whole cents,
energy in mWh, prices in µEUR/kWh.
"""

from backend.billing.amounts import BillAmounts, BillTotals, Line, PointBands, bill_amounts, total_bills
from backend.billing.bill import Bill, BillLine, Message
from backend.billing.bills import BillRun, bill_period
from backend.billing.carbon import GridCarbon
from backend.billing.invoice import check_en16931
from backend.billing.numbering import format_invoice_number, parse_invoice_number
from backend.billing.postings import check_postings, post_bills
from backend.billing.tariff import bands_of, sum_by_band

__all__ = [
    "Bill",
    "BillAmounts",
    "BillLine",
    "BillRun",
    "BillTotals",
    "GridCarbon",
    "Line",
    "Message",
    "PointBands",
    "bands_of",
    "bill_amounts",
    "bill_period",
    "check_en16931",
    "check_postings",
    "format_invoice_number",
    "parse_invoice_number",
    "post_bills",
    "sum_by_band",
    "total_bills",
]
