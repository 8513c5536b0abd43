"""Whose register reads a waiting file has: the look is logged, and the file goes when they are forgotten."""

import gzip

from tests.integration.api.test_registers_and_feeders import BASE, BINARY, counted, nem13


def test_whose_register_reads_a_file_has_is_logged_and_known_when_they_are_forgotten(place):
    provider, uploads = place.log_in("provider@toits"), place.app.state.services.uploads
    content = gzip.compress(nem13("ada-load", counted(place, "ada-load")).encode())
    answer = provider.post(f"{BASE}/files", params={"name": "reads.csv.gz"}, content=content, headers=BINARY)
    look = answer.json()["look"]
    assert (look["registers"], look["points"], look["checked"]) == (2, [], [])
    log = place.log_in("ada@toits").get("/api/v1/me/accesses").json()["items"]
    assert [one["what"] for one in log] == ["meter data: file"]
    provider.get(f"{BASE}/files")
    log = place.log_in("ada@toits").get("/api/v1/me/accesses").json()["items"]
    assert "meter data: files" in [one["what"] for one in log]
    uploads.erase("toits", {"cleo-load"})
    assert [upload.name for upload in uploads.all("toits")] == ["reads.csv.gz"]
    uploads.erase("toits", {"ada-load"})
    assert uploads.all("toits") == []
