"""Forecasting for services: the models of ``ml`` behind one face, and weather from files, a service, or the sky."""

__all__: list[str] = []
