/**
 * What a network's operators set: when something alarms, where messages go, which steps work goes through. Each save is a version of its own.
 *
 * @typedef {import("../components/setting_editor.js").Setting} Setting
 */
import { html, nothing } from "../vendor/lit.js";
import { say } from "../i18n/words.js";
import "../components/alarm_rules.js";
import "../components/message_routes.js";
import "../components/workflow_settings.js";
import { noticeOf } from "../components/notice.js";
import { roleStyles, tabStyles } from "../components/role_styles.js";
import { sharedStyles } from "../components/shared_styles.js";
import { GridView } from "./grid_view.js";

/** As the API calls them. @typedef {"alarm-rules" | "routes" | "workflows"} Kind */

const KINDS = /** @type {const} */ (["alarm-rules", "routes", "workflows"]);
const NOTHING = { text: "" };

export class GridSettings extends GridView {
  static properties = { ...GridView.properties, kind: { state: true }, settings: { state: true }, refusals: { state: true }, saving: { state: true }, key: { state: true } };

  static styles = [sharedStyles, roleStyles, tabStyles];

  constructor() {
    super();
    /** Which are shown. @type {Kind} */
    this.kind = "alarm-rules";
    /** @type {Partial<Record<Kind, Setting>>} */
    this.settings = {};
    /** @type {Partial<Record<Kind, {text: string}>>} */
    this.refusals = {};
    this.saving = false;
    /** @type {{route: string, key: string} | null} */
    this.key = null;
  }

  /** @param {import("../data/grid.js").Grid} grid @param {AbortSignal} signal */
  async load(grid, signal) {
    const told = await Promise.all(KINDS.map((kind) => grid.list(kind, signal)));
    if (!signal.aborted) this.settings = Object.fromEntries(KINDS.map((kind, i) => [kind, told[i]]));
  }

  /** @param {Kind} kind @param {{content: unknown[], based_on: number}} body */
  async save(kind, body) {
    this.saving = true;
    this.said = "";
    this.refusals = { ...this.refusals, [kind]: NOTHING };
    try {
      const kept = /** @type {Setting} */ (await this.grid?.send([kind], body, "PUT"));
      this.settings = { ...this.settings, [kind]: kept };
      this.said = say("grid.set.saved");
    } catch (error) {
      this.refusals = { ...this.refusals, [kind]: { text: /** @type {any} */ (error)?.message || say("grid.set.failed") } };
    }
    this.saving = false;
  }

  /** @param {string} route */
  async askKey(route) {
    await this.act(async () => {
      this.key = await this.grid?.send(["routes", route, "key"], {});
    }, "grid.route.key.told");
  }

  /** Ids by the kind of element that a rule can be about. */
  get elements() {
    const { structure } = this;
    const ids = (/** @type {readonly {id: string}[] | undefined} */ some) => some?.map(({ id }) => id) ?? [];
    return { bus: ids(structure?.buses), segment: ids(structure?.segments), switch: ids(structure?.switches), transformer: ids(structure?.transformers), connection: ids(structure?.connections), source: ids(structure?.sources) };
  }

  render() {
    const { kind, settings } = this;
    return html`<section class="card">
      <h2>${say("grid.set.title")}</h2>
      <div class="tabs screen" role="group" aria-label=${say("grid.set.title")}>
        ${KINDS.map((one) => html`<button type="button" aria-pressed=${one === kind ? "true" : "false"} @click=${() => ((this.kind = one), (this.said = ""))}>${say(`grid.set.kind.${one}`)}</button>`)}
      </div>
      <p class="soft">${say(`grid.set.lead.${kind}`)}</p>
      ${this.said ? html`<p role="status">${this.said}</p>` : nothing} ${this.error ? noticeOf(this.error, this.retry) : nothing}
      ${settings[kind] ? KINDS.map((one) => this.renderEditor(one)) : this.error ? nothing : this.renderLoading()}
    </section>`;
  }

  /** All three stay, so that what is typed into one is still there when one comes back to it. @param {Kind} kind */
  renderEditor(kind) {
    const [setting, refusal] = [this.settings[kind] ?? null, this.refusals[kind] ?? NOTHING];
    const save = (/** @type {CustomEvent} */ event) => void this.save(kind, event.detail);
    const hidden = kind !== this.kind;
    if (kind === "alarm-rules") return html`<partage-alarm-rules ?hidden=${hidden} .setting=${setting} .refusal=${refusal} .zone=${this.zone} .saving=${this.saving} .elements=${this.elements} @save=${save}></partage-alarm-rules>`;
    if (kind === "routes") {
      return html`${setting?.content.length === 0 && !hidden ? html`<p class="soft">${say("grid.route.none")}</p>` : nothing}
        <partage-message-routes ?hidden=${hidden} .setting=${setting} .refusal=${refusal} .zone=${this.zone} .saving=${this.saving} .key=${this.key} @save=${save} @key=${(/** @type {CustomEvent} */ event) => void this.askKey(event.detail)}></partage-message-routes>`;
    }
    return html`<partage-workflow-settings ?hidden=${hidden} .setting=${setting} .refusal=${refusal} .zone=${this.zone} .saving=${this.saving} @save=${save}></partage-workflow-settings>`;
  }
}

customElements.define("partage-grid-settings", GridSettings);
