"""The commands, put together."""

from __future__ import annotations

import typer

from backend.cli import (
    allocations,
    anomalies,
    cases,
    community,
    contests,
    demo,
    devices,
    explanations,
    forecast,
    forecast_prices,
    forecast_split,
    forecasts,
    governance,
    grid,
    grid_balance,
    grid_cooling,
    grid_events,
    grid_flow,
    grid_outage,
    grid_transformers,
    grid_views,
    invoices,
    keeping,
    listening,
    privacy,
    readings,
    rehearsals,
    restatements,
    schedules,
    service,
    settlement,
    users,
)

__all__ = ["app"]

app = typer.Typer(
    name="partage",
    help="Govern, allocate, bill and prove the electricity that an energy community shares.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("serve")(service.serve)
app.command("listen")(listening.listen)
app.add_typer(community.app, name="community")
app.add_typer(readings.app, name="readings")
app.add_typer(allocations.app, name="allocations")
app.add_typer(schedules.app, name="schedule")
app.add_typer(users.app, name="users")
app.add_typer(devices.app, name="devices")
app.add_typer(invoices.parties, name="parties")
app.add_typer(invoices.payments, name="payments")
app.add_typer(governance.app, name="governance")
app.add_typer(cases.app, name="case")
app.add_typer(grid.app, name="grid")
app.add_typer(forecasts.app, name="forecasts")
forecasts.app.command("anomalies")(anomalies.anomalies)
forecasts.app.command("prices")(forecast_prices.prices)
forecasts.app.command("split")(forecast_split.split)
grid.app.command("outage")(grid_outage.outage)
grid.app.command("phases")(grid_outage.phases)
grid.app.command("flow")(grid_flow.flow)
grid.app.command("cooling")(grid_cooling.cooling)
grid.app.command("transformers")(grid_transformers.transformers)
grid.app.command("hosting")(grid_transformers.hosting)
grid.app.command("relief")(grid_transformers.relief)
grid.app.command("relief-plans")(grid_transformers.relief_plans)
grid.app.command("decide")(grid_transformers.decide)
grid.app.command("balance")(grid_balance.balance)
grid.app.command("views")(grid_views.views)
grid.app.command("alarms")(grid_events.alarms)
grid.app.command("events")(grid_events.events)
grid.app.command("work-orders")(grid_events.work_orders)
grid.app.command("setting")(grid_events.setting)
grid.app.command("webhook-key")(grid_events.webhook_key)
app.command("propose")(governance.propose)
app.command("vote")(governance.vote)
app.command("settle")(settlement.settle)
app.command("explain")(explanations.explain)
app.command("differences")(restatements.differences)
app.command("bills")(settlement.bills)
app.command("invoices")(invoices.invoices)
app.command("bundle")(settlement.bundle)
app.command("verify")(settlement.verify)
app.command("contest")(contests.contest)
app.command("watch")(contests.watch)
app.command("rehearse")(rehearsals.rehearse)
app.command("allocate")(readings.allocate)
app.command("forecast")(forecast.forecast)
app.command("backup")(keeping.backup)
app.command("restore")(keeping.restore)
app.command("erase")(privacy.erase)
app.command("export")(privacy.export)
app.command("bench")(keeping.bench)
