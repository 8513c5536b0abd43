/** Signs, drawn with the colour of the text around them; each stands beside its word. */
import { html, svg } from "../vendor/lit.js";

/** @type {Readonly<Record<string, ReturnType<typeof svg>>>} */
const SHAPES = {
  bill: svg`<path d="M6 3h12v18l-3-2-3 2-3-2-3 2z"/><path d="M9 8h6M9 12h6"/>`,
  energy: svg`<path d="M3 17c3 0 3-9 6-9s3 6 6 6 3-8 6-8"/><path d="M3 21h18"/>`,
  forecasts: svg`<path d="M3 20h18M4 15c2.500 0 3-5 6-5"/><path d="M10 10c3 0 4-5 11-6M10 10c3 0 5 3 11 5" stroke-dasharray="2.500 2"/><path d="M21 4v11"/>`,
  community: svg`<path d="M3 11 8 6l5 5v9H3z"/><path d="m11 9 4-4 6 6v9h-8"/>`,
  operator: svg`<path d="M8 21 11 3h2l3 18M5 8h14M6.500 13h11M9 17l5.500-4m.5 4-5.500-4"/>`,
  provider: svg`<path d="M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4"/>`,
  readings: svg`<circle cx="12" cy="12" r="9"/><path d="M7 9h10M12 9v-2M8 14h2v2H8zM14 14h2v2h-2z"/>`,
  grid: svg`<circle cx="5" cy="5" r="2"/><circle cx="5" cy="19" r="2"/><circle cx="19" cy="8" r="2"/><circle cx="19" cy="17" r="2"/><path d="M5 7v10M7 5.500c4 0 6 2.500 10 2.500M5 12c6 0 8 5 12 5"/>`,
  play: svg`<path d="M8 5v14l11-7z"/>`,
  pause: svg`<path d="M8 5v14M16 5v14"/>`,
  fit: svg`<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>`,
  verify: svg`<path d="M12 3 5 6v6c0 4.500 3 7.500 7 9 4-1.500 7-4.500 7-9V6z"/><path d="m9 12 2.200 2.200L15.500 10"/>`,
  person: svg`<circle cx="12" cy="8" r="4"/><path d="M4 21c1-5 4-7 8-7s7 2 8 7"/>`,
  settings: svg`<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.500"/><circle cx="8" cy="17" r="2.500"/>`,
  final: svg`<circle cx="12" cy="12" r="9"/><path d="m8 12 3 3 5-6"/>`,
  anchored: svg`<circle cx="12" cy="5" r="2.500"/><path d="M12 7.500V21M8 11h8M4 14c0 4 3 7 8 7s8-3 8-7"/>`,
  contestable: svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 3"/>`,
  voided: svg`<path d="M8 3h8l5 5v8l-5 5H8l-5-5V8z"/><path d="m9 9 6 6m0-6-6 6"/>`,
  superseded: svg`<path d="M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5"/>`,
  open: svg`<circle cx="12" cy="12" r="9" stroke-dasharray="3 3"/>`,
  print: svg`<path d="M7 9V3h10v6M7 17H4V9h16v8h-3"/><path d="M7 14h10v7H7z"/>`,
  file: svg`<path d="M6 3h8l4 4v14H6z"/><path d="M12 10v7m-3-3 3 3 3-3"/>`,
  copy: svg`<path d="M9 9h11v11H9z"/><path d="M5 15H4V4h11v1"/>`,
  left: svg`<path d="m15 5-7 7 7 7"/>`,
  right: svg`<path d="m9 5 7 7-7 7"/>`,
  governance: svg`<path d="M4 11h16v9H4z"/><path d="M8 11V4h8v7M9.500 15h5"/>`,
  votes: svg`<path d="M4 11h16v9H4z"/><path d="M8 11V4h8v7M9.500 15h5"/>`,
  disputes: svg`<path d="M12 4v16M7 20h10M5 7h14M5 7l-3 6h6zM19 7l-3 6h6z"/>`,
  account: svg`<circle cx="12" cy="8" r="4"/><path d="M4 21c1-5 4-7 8-7s7 2 8 7"/>`,
  passkey: svg`<circle cx="9" cy="8" r="4"/><path d="M3 20c.500-4 2.500-6 6-6 1.500 0 2.700.400 3.600 1.100"/><circle cx="17" cy="13" r="2.500"/><path d="M17 15.500V21l2-1.500"/>`,
  wallet: svg`<path d="M4 7h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h10v2"/><circle cx="16" cy="13.500" r="1"/>`,
  pen: svg`<path d="m4 20 1-5L16 4l4 4L9 19z"/><path d="m13.500 6.500 4 4"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  withdrawn: svg`<circle cx="12" cy="12" r="9"/><path d="M7 12h10"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  minus: svg`<path d="M5 12h14"/>`,
  for: svg`<path d="M4 4h16v16H4z"/><path d="m8 12 3 3 5-6"/>`,
  against: svg`<path d="M12 3 22 20H2z"/><path d="M9 16.500h6"/>`,
  abstain: svg`<circle cx="12" cy="12" r="9"/><path d="M8 12h8"/>`,
  key: svg`<circle cx="8" cy="15" r="4"/><path d="m11 12 9-9M16 7l3 3M13.500 9.500l2 2"/>`,
  eye: svg`<path d="M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7z"/><circle cx="12" cy="12" r="3"/>`,
  up: svg`<path d="m6 14 6-6 6 6"/>`,
  down: svg`<path d="m6 10 6 6 6-6"/>`,
  offline: svg`<path d="M4 4l16 16M5 12a10 10 0 0 1 3-2m4-1a10 10 0 0 1 7 3M8.500 15.500a5 5 0 0 1 7 0"/><circle cx="12" cy="19" r="1"/>`,
};

/**
 * @param {string} name
 * @param {number} [size] [px]
 */
export function icon(name, size = 20) {
  return html`<svg
    width=${size}
    height=${size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >${SHAPES[name] ?? SHAPES["open"]}</svg>`;
}

/** The product's sign: a sun that is shared. */
export const sign = html`<svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <path class="fill-shared" d="M16 3a13 13 0 1 0 13 13H16z"></path>
  <path class="fill-solar" d="M19 2.4A11 11 0 0 1 29.6 13H19z"></path>
</svg>`;
