// The review page: a decision is shown at once and saved behind. What could not be saved waits in this browser.

import { repaint } from "./acts.js";
import "./forms.js";
import "./keys.js";
import { page } from "./list.js";
import "./order.js";
import { weigh } from "./parts.js";
import { begin } from "./queue.js";

page.cursor = page.root.dataset.at;
document.addEventListener("swapped", () => weigh());
repaint();
weigh();
begin();
const card = document.getElementById("card");
if (card && (location.hash === "#card" || !location.hash)) card.focus({ preventScroll: !location.hash });
