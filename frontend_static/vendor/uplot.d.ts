// Types of uplot.js, by scripts/vendor.
export { default } from "uplot";
