/** The frame: a rail beside the page on a desk; a bar above and one below on a phone. */
import { css } from "../vendor/lit.js";

export const shellStyles = css`
  :host {
    display: grid;
    grid-template-columns: 232px minmax(0, 1fr);
    min-height: 100vh;
  }

  .skip {
    position: fixed;
    z-index: 3;
    top: 8px;
    left: 8px;
    padding: 12px 16px;
    border-radius: var(--radius-small);
    background: var(--brand);
    color: var(--on-brand);
  }

  .skip:not(:focus) {
    clip-path: inset(50%);
  }

  header {
    position: sticky;
    top: 0;
    display: grid;
    grid-template-rows: auto 1fr auto auto;
    gap: 8px;
    height: 100vh;
    overflow-y: auto; /* with the settings unfolded it is taller than a small screen */
    padding: 28px 16px 20px;
    border-right: 1px solid var(--line);
    background: var(--sunken);
  }

  .brand {
    display: inline-flex;
    align-items: center;
    gap: 12px;
    padding: 0 12px;
    color: var(--ink);
    font-size: 20px;
    font-weight: 700;
    letter-spacing: -0.02em;
    text-decoration: none;
    border-radius: var(--radius-small);
  }

  nav {
    margin-top: 24px;
  }

  nav ul {
    display: grid;
    gap: 4px;
  }

  nav a,
  .account,
  .settings summary {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 44px;
    padding: 0 12px;
    border-radius: var(--radius-small);
    color: var(--ink-soft);
    font-weight: 550;
    text-decoration: none;
    list-style: none;
  }

  .settings summary::-webkit-details-marker {
    display: none;
  }

  nav a:hover,
  .account:hover,
  .settings summary:hover {
    background: var(--line);
    color: var(--ink);
  }

  nav a[aria-current="page"],
  .account[aria-current="page"] {
    background: var(--surface);
    color: var(--brand);
    box-shadow: inset 3px 0 0 var(--brand), var(--shadow);
  }

  .panel {
    display: grid;
    gap: 12px;
    padding: 12px;
  }

  .settings[open] {
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }

  /* Unfolds upwards, from the foot of the rail. */
  .settings {
    align-self: end;
  }

  main {
    width: 100%;
    max-width: 1128px;
    padding: 32px 40px 64px;
  }

  main:focus-visible {
    outline: none;
  }

  .banner {
    display: flex;
    gap: 8px;
    align-items: center;
    margin-bottom: 24px;
    padding: 12px 16px;
    border-radius: var(--radius-small);
    background: var(--contestable-wash);
    color: var(--contestable);
  }

  @media (max-width: 899px) {
    :host {
      display: block;
    }

    header {
      position: static;
      overflow: visible;
      display: flex;
      justify-content: space-between;
      align-items: center;
      height: auto;
      padding: 12px 16px;
      border-right: 0;
      border-bottom: 1px solid var(--line);
      background: var(--paper);
    }

    .brand {
      padding: 0;
    }

    nav {
      position: fixed;
      margin: 0;
      z-index: 2;
      right: 0;
      bottom: 0;
      left: 0;
      padding: 4px 4px max(4px, env(safe-area-inset-bottom));
      border-top: 1px solid var(--line);
      background: var(--surface);
    }

    nav {
      overflow-x: auto;
    }

    nav ul {
      display: flex;
      justify-content: space-around;
    }

    nav li {
      flex: 1 0 auto;
    }

    /* No room for it below: My energy and Operator lead there. */
    nav .forecasts {
      display: none;
    }

    nav a {
      flex-direction: column;
      justify-content: center;
      gap: 2px;
      min-height: 52px;
      padding: 4px;
      font-size: 11px;
      line-height: 16px;
      white-space: nowrap;
    }

    nav a[aria-current="page"],
    .account[aria-current="page"] {
      box-shadow: none;
      background: none;
    }

    .settings {
      position: relative;
      align-self: center;
    }

    .settings[open] {
      border: 0;
      background: none;
    }

    .account {
      margin-left: auto;
      padding: 0 10px;
    }

    .account .label,
    .settings .label {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }

    .settings summary {
      padding: 0 10px;
    }

    .panel {
      position: absolute;
      z-index: 2;
      top: 48px;
      right: 0;
      width: 256px;
      padding: 16px;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      background: var(--surface);
      box-shadow: 0 8px 24px rgb(0 0 0 / 14%);
    }

    main {
      max-width: 720px;
      margin: 0 auto;
      padding: 20px 16px 112px;
    }
  }

  @media (max-width: 419px) {
    nav a {
      padding: 4px 2px;
      font-size: 10px;
      letter-spacing: -0.02em;
    }
  }

  @media print {
    :host {
      display: block;
    }

    main {
      max-width: none;
      padding: 0;
    }
  }
`;
