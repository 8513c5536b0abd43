/**
 * Where messages of a network go: which entries, how grave, by which channel, and when they may not disturb.
 *
 * @typedef {import("../domain/grid_alarm_rules.js").RouteDraft} RouteDraft
 */
import { css, html, nothing } from "../vendor/lit.js";
import { MESSAGE_KINDS, SEVERITIES, beginRoute, draftRoute, readLines, writeRoute } from "../domain/grid_alarm_rules.js";
import { placeRefusal } from "../domain/grid_refusals.js";
import { say } from "../i18n/words.js";
import { icon } from "./icons.js";
import { SettingEditor, settingStyles } from "./setting_editor.js";

/** @extends {SettingEditor<RouteDraft>} */
export class MessageRoutes extends SettingEditor {
  static properties = { ...SettingEditor.properties, key: { attribute: false } };

  static styles = [
    ...settingStyles,
    css`
      code {
        font-family: var(--mono);
        overflow-wrap: anywhere;
      }

      .key {
        width: auto;
        height: auto;
        display: grid;
        gap: 8px;
        padding: 12px 16px;
        border-radius: var(--radius-small);
        background: var(--contestable-wash);
      }
    `,
  ];

  constructor() {
    super();
    /** The key that was asked for; gone once the page is left. @type {{route: string, key: string} | null} */
    this.key = null;
  }

  get addWords() {
    return "grid.route.add";
  }

  /** @param {any} table */
  read(table) {
    return draftRoute(table);
  }

  /** @param {RouteDraft} draft @param {string} at */
  write(draft, at) {
    return writeRoute(draft, at);
  }

  begin() {
    return beginRoute(this.drafts.map(({ id }) => id));
  }

  /** @param {string} detail */
  placeOf(detail) {
    return placeRefusal(detail, this.drafts);
  }

  /** @param {RouteDraft} draft */
  renderSummary(draft) {
    const to = draft.channel === "webhook" ? draft.url : readLines(draft.addresses).join(", ");
    const least = say("grid.route.least.of", { severity: say(`grid.severity.${draft.least}`) });
    return html`<span class=${draft.enabled ? "" : "off"}><b>${say(`grid.route.channel.${draft.channel}`)}</b> ${to || "–"}, ${least}</span>
      ${draft.quiet_from && draft.quiet_to ? html`<span class="small soft">${say("grid.route.quiet.of", { from: draft.quiet_from, to: draft.quiet_to })}</span>` : nothing}
      ${draft.enabled ? nothing : html`<b class="small off">${say("grid.rule.off")}</b>`} <span class="small soft">${draft.id}</span>`;
  }

  /** @param {RouteDraft} draft @param {number} place */
  renderBody(draft, place) {
    const at = (/** @type {string} */ name) => `${place}.${name}`;
    const put = (/** @type {Partial<RouteDraft>} */ change) => this.put(place, change);
    const severities = /** @type {[string, string][]} */ (SEVERITIES.map((one) => [one, say(`grid.severity.${one}`)]));
    return html`${this.renderCheck({ at: at("enabled"), label: say("grid.route.enabled"), value: draft.enabled, put: (enabled) => put({ enabled }) })}
      <div class="grid">
        ${this.renderField({ at: at("id"), label: say("grid.set.id"), value: draft.id, hint: say("grid.set.id.hint"), put: (id) => put({ id }) })}
        ${this.renderChoice({ at: at("channel"), label: say("grid.route.channel"), value: draft.channel, options: [["email", say("grid.route.channel.email")], ["webhook", say("grid.route.channel.webhook")]], put: (channel) => put({ channel }) })}
        ${this.renderChoice({ at: at("least"), label: say("grid.route.least"), value: draft.least, options: severities, put: (least) => put({ least }) })}
      </div>
      ${draft.channel === "webhook"
        ? html`${this.renderField({ at: at("url"), label: say("grid.route.url"), value: draft.url, type: "url", hint: say("grid.route.url.hint"), put: (url) => put({ url }) })} ${this.renderKey(draft)}`
        : this.renderField({ at: at("addresses"), label: say("grid.route.addresses"), value: draft.addresses, type: "lines", hint: say("grid.route.addresses.hint"), put: (addresses) => put({ addresses }) })}
      ${this.renderChecks({ at: at("kinds"), legend: say("grid.route.kinds"), options: MESSAGE_KINDS.map((kind) => [kind, say(`grid.route.kind.${kind}`)]), chosen: draft.kinds, put: (kinds) => put({ kinds }) })}
      ${this.renderCheck({ at: at("tells_end"), label: say("grid.route.tells_end"), value: draft.tells_end, put: (tells) => put({ tells_end: tells }) })}
      <fieldset>
        <legend>${say("grid.route.quiet")}</legend>
        <p class="small soft">${say("grid.route.quiet.hint")}</p>
        <div class="grid">
          ${this.renderField({ at: at("quiet_from"), label: say("grid.rule.from"), value: draft.quiet_from, type: "time", put: (from) => put({ quiet_from: from }) })}
          ${this.renderField({ at: at("quiet_to"), label: say("grid.rule.to"), value: draft.quiet_to, type: "time", put: (to) => put({ quiet_to: to }) })}
          ${this.renderChoice({ at: at("breaks_quiet"), label: say("grid.route.breaks"), value: draft.breaks_quiet, options: severities, put: (breaks) => put({ breaks_quiet: breaks }) })}
        </div>
      </fieldset>
      <fieldset>
        <legend>${say("grid.route.digest")}</legend>
        <div class="grid">
          ${this.renderField({ at: at("gather"), label: say("grid.route.gather"), value: draft.gather, unit: "min", type: "decimal", hint: say("grid.route.gather.hint"), put: (gather) => put({ gather }) })}
          ${this.renderField({ at: at("per_hour"), label: say("grid.route.per_hour"), value: draft.per_hour, type: "decimal", hint: say("grid.route.per_hour.hint"), put: (most) => put({ per_hour: most }) })}
        </div>
      </fieldset>`;
  }

  /** The key by which the receiver tells our messages from others'. @param {RouteDraft} draft */
  renderKey({ id }) {
    const isKept = this.setting?.content.some((one) => one.id === id && one.channel === "webhook") ?? false;
    if (this.key?.route === id) {
      return html`<div class="key" role="status">
        <p><b>${say("grid.route.key.of", { route: id })}</b></p>
        <code>${this.key.key}</code>
        <p class="small">${say("grid.route.key.once")}</p>
      </div>`;
    }
    return html`<div class="screen">
      <button type="button" ?disabled=${!isKept} @click=${() => this.dispatchEvent(new CustomEvent("key", { detail: id }))}>${icon("key")}${say("grid.route.key")}</button>
      ${isKept ? nothing : html`<span class="small soft">${say("grid.route.key.later")}</span>`}
    </div>`;
  }
}

customElements.define("partage-message-routes", MessageRoutes);
