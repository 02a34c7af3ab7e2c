import "htmx.org/dist/htmx.esm.js";
import "./compare.js";
import "./drop.js";
import "./live.js";
