"""The service: ``/api/v1``, the read-only chain at ``/rpc``, the pages at ``/``.

Routes ask services and shape the answer; they decide nothing. Who may call what stands in one table, ``access``; which
error becomes which problem in another, ``problems``. A route that is in no row is refused at start-up. Energies leave
as whole milliwatt-hours, money as whole cents, instants as ISO 8601 in UTC.
"""

__all__: list[str] = []
