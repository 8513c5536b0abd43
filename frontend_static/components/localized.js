/** The base of all components: drawn again when another language is chosen. */
import { LitElement } from "../vendor/lit.js";
import { currentLocale, locales } from "../i18n/words.js";

export class Localized extends LitElement {
  constructor() {
    super();
    this.redraw = () => this.requestUpdate();
  }

  /** @returns {import("../i18n/words.js").Locale} */
  get locale() {
    return currentLocale();
  }

  connectedCallback() {
    super.connectedCallback();
    locales.addEventListener("locale", this.redraw);
  }

  disconnectedCallback() {
    locales.removeEventListener("locale", this.redraw);
    super.disconnectedCallback();
  }
}
