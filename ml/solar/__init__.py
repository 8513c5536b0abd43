"""Solar and wind power: physics first, then what was measured.

A plant is planes of modules behind an inverter, given or learned from what it gave (``learned``, ``locate``). Its
**clear-sky power** is physics; **clearness** is the power's share of it, and what is forecast. Stamps may be late: a
plant's and the weather's are told from the sun. Powers are watts, angles degrees (azimuths clockwise from north).
Import from the modules: scikit-learn and pvlib are slow to begin.
"""

__all__: list[str] = []
