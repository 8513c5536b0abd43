/**
 * The terms of conformity that can be voted, written by `scripts/make_conformity_terms.py` from `backend/metering`.
 */

/** By table and parameter: the software's own value, the least, the greatest.
 * @type {Readonly<Record<string, Readonly<Record<string, readonly [number, number, number]>>>>} */
export const PARAMETERS = {
  "interval_count": {
    "days": [2, 1, 60]
  },
  "unit": {
    "factor": [150, 20, 900],
    "peers": [3, 2, 1000],
    "days": [3, 1, 60]
  },
  "multiplier": {
    "factor_ppm": [1700000, 1500000, 100000000],
    "spread_ppm": [2500000, 1100000, 10000000],
    "window_days": [21, 5, 60]
  },
  "spike": {
    "day_ppm": [1800000, 1100000, 100000000],
    "history_ppm": [2000000, 1100000, 100000000],
    "usual_ppm": [980000, 500000, 1000000],
    "intervals": [2, 1, 8],
    "watts": [500, 0, 1000000]
  },
  "stuck": {
    "hours": [24, 1, 1000],
    "intervals": [12, 3, 10000]
  },
  "silent": {
    "hours": [168, 1, 10000]
  },
  "zero_run": {
    "hours": [12, 1, 1000],
    "most_hours": [168, 2, 10000],
    "history_ppm": [3000000, 1100000, 100000000]
  },
  "habit": {
    "high_ppm": [2400000, 1010000, 100000000],
    "low_ppm": [280000, 10000, 990000],
    "quantile_ppm": [950000, 600000, 999999],
    "blocks": [6, 1, 100],
    "days": [20, 5, 1000]
  },
  "register": {
    "tolerance_watt_hours": [2000, 0, 1000000],
    "tolerance_ppm": [2000, 0, 1000000],
    "factor_ppm": [10000, 0, 500000]
  },
  "feeder": {
    "losses_ppm": [60000, 0, 500000],
    "tolerance_ppm": [10000, 0, 500000],
    "tolerance_watt_hours": [1000, 0, 10000000]
  },
  "clock_drift": {
    "minutes": [45, 5, 720],
    "window_days": [28, 3, 60],
    "most_minutes": [180, 10, 720],
    "load_window_days": [28, 7, 90],
    "load_gain_ppm": [250000, 0, 900000],
    "load_alike_ppm": [800000, 0, 1000000]
  },
  "feed_in_at_night": {
    "share_ppm": [20000, 0, 1000000],
    "elevation_degrees": [2, 0, 18],
    "window_days": [28, 7, 90]
  },
  "clear_sky": {
    "ratio_ppm": [1500000, 1000000, 100000000],
    "quantile_ppm": [900000, 500000, 1000000],
    "elevation_degrees": [10, 1, 60]
  },
  "swapped": {
    "dark_ppm": [200000, 0, 1000000],
    "load_dark_ppm": [20000, 0, 1000000],
    "days": [3, 1, 100]
  },
  "load_follows_sun": {
    "night_ppm": [20000, 0, 1000000],
    "correlation_ppm": [750000, 0, 1000000],
    "weather_ppm": [700000, 0, 1000000]
  }
};

/** By table and name: what can be chosen, the software's own first.
 * @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>} */
export const CHOICES = {"estimation": {"method": ["similar-days", "profiled"]}};

/** By rule: what becomes of what it finds. @type {Readonly<Record<string, string>>} */
export const OWN_TREATMENTS = {
  "gap": "estimable",
  "interval-count": "non-standard",
  "negative": "non-standard",
  "duplicate": "corrupt",
  "overlap": "corrupt",
  "off-grid": "non-standard",
  "clock-change": "non-standard",
  "range": "corrupt",
  "unit": "non-standard",
  "multiplier": "non-standard",
  "spike": "estimable",
  "stuck": "useless",
  "silent": "useless",
  "zero-run": "estimable",
  "high": "estimable",
  "low": "estimable",
  "register": "corrupt",
  "feeder": "corrupt",
  "clock-drift": "non-standard",
  "feed-in-at-night": "corrupt",
  "clear-sky": "corrupt",
  "swapped": "non-standard",
  "load-follows-sun": "non-standard"
};

export const TREATMENTS = ["corrupt", "non-standard", "useless", "estimable"];
