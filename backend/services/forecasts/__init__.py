"""From stored readings to forecasts that members, operators and programs use: learn, forecast, judge, advise."""

__all__: list[str] = []
