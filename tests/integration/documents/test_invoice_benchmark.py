"""The benchmark of invoices writes real documents, and believes no writer that makes others."""

from dataclasses import replace
from functools import partial

import pytest

from backend.adapters.documents.invoice_folder import write_documents
from backend.benches import bench_invoices
from backend.errors import BalanceError
from backend.services.benchmarks import invoices


def test_it_times_all_cores_beside_one_process_and_a_second_time():
    result = bench_invoices(3)
    assert result.work.startswith("3 made invoices as Factur-X and UBL, 11 files")
    together, alone, again = result.measurements
    assert alone.seconds > 0
    assert together.ratio == 1
    assert again.what == "again, all there"


def test_a_writer_that_makes_other_documents_has_no_time(tmp_path):
    def other(documents, folder, on_step, *, archive):
        return write_documents(replace(documents, salt="0x01"), folder, on_step, archive=archive)

    with pytest.raises(BalanceError, match="must not depend on who writes"):
        invoices.bench_invoices(2, write_documents, other, tmp_path)


def test_work_that_is_done_twice_is_refused(tmp_path):
    def forgetful(documents, folder, on_step, *, archive):
        return replace(write_documents(documents, folder, on_step, archive=archive), new=1)

    with pytest.raises(BalanceError):
        invoices.bench_invoices(2, forgetful, partial(write_documents, workers=1), tmp_path)
