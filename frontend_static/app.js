/** Where the pages begin: preferences first, so that nothing flashes, then the shell. */
import { readPreference } from "./data/preferences.js";
import { chooseLocale, setLocale } from "./i18n/words.js";
import "./components/app_shell.js";

const theme = readPreference("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
setLocale(chooseLocale(readPreference("locale"), navigator.languages));
