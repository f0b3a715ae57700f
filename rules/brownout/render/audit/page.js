(() => {
  "use strict";
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const data = JSON.parse(find("#ways").textContent);
  const make = (name, attributes, ...parts) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    node.append(...parts);
    return node;
  };

  // dark and light
  const theme = find("#theme");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
  name();

  // findings: severity, section, dependency, words
  const findings = all(".finding").map((node) => ({ node, text: "" }));  // the text when it is first searched
  const words = find("#words"), section = find("#section"), dependency = find("#dependency"), shown = find("#shown");
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(all(".severities [aria-pressed='true']").map((button) => button.dataset.severity));
    let count = 0;
    for (const finding of findings) {
      const { node } = finding;
      if (wanted.length && !finding.text) finding.text = node.textContent.toLowerCase();
      const visible = (!severities.size || severities.has(node.dataset.severity))
        && (!section.value || node.dataset.section === section.value)
        && (!dependency.value || node.dataset.dependency === dependency.value)
        && wanted.every((word) => finding.text.includes(word));
      node.hidden = !visible;
      count += visible;
    }
    shown.textContent = count === findings.length ? `${count} issues` : `${count} of ${findings.length} issues`;
  };
  let waiting = 0;
  words.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); });
  section.addEventListener("change", filter);
  dependency.addEventListener("change", filter);
  all(".severities button").forEach((button) => button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    filter();
  }));
  find("#unfold").addEventListener("click", (event) => {
    const open = event.target.textContent === "Open all";
    findings.forEach(({ node }) => { if (!node.hidden) node.open = open; });
    event.target.textContent = open ? "Close all" : "Open all";
  });
  filter();
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.matches(".finding")) { target.hidden = false; target.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();

  // the failure map: a click on a pair tells its ways
  const dialog = find("#pair");
  const told = (entry, supplier) => {
    const ways = data.cells[`${entry}/${supplier}`] || [];
    find("h3", dialog).textContent = `${data.entries[entry]} · ${data.suppliers[supplier]}`;
    const body = find(".body", dialog);
    body.replaceChildren(...ways.map((way) => {
      const steps = make("ol", {}, ...way.steps.map(([text, place]) => make("li", {}, make("code", {}, text), " ", make("span", { class: "path" }, place))));
      const guards = way.guards.length
        ? make("ul", {}, ...way.guards.map(([text, place]) => make("li", {}, text.replaceAll("`", ""), " ", make("span", { class: "path" }, place))))
        : make("p", { class: "soft" }, "Nothing stands in between.");
      const head = make("p", {}, `${way.when[0].toUpperCase()}${way.when.slice(1)}: `, make("span", { class: `out ${way.class}` }, way.outcome));
      const extra = [way.loop ? "Every other request waits meanwhile: this runs on the event loop." : "", way.note ? `Note: ${way.note}.` : ""].filter(Boolean);
      return make("div", { class: `way ${way.class}` }, head, steps, guards, ...extra.map((text) => make("p", {}, make("strong", {}, text))));
    }));
    dialog.showModal();
    body.scrollTop = 0;
  };
  all("[data-pair]").forEach((button) => button.addEventListener("click", () => told(...button.dataset.pair.split("/"))));
  find("#close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  // matrix or graph; rows by words and by outcome
  const views = all(".views button");
  views.forEach((button) => button.addEventListener("click", () => {
    views.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    find(".matrix").hidden = button.dataset.view !== "matrix";
    find(".graph").hidden = button.dataset.view !== "graph";
  }));
  if (location.hash === "#graph") views.find((button) => button.dataset.view === "graph")?.click();
  const rows = all(".matrix tbody tr");
  const entry = find("#entry"), outcome = find("#outcome");
  const narrow = () => {
    const wanted = entry.value.toLowerCase();
    rows.forEach((row) => {
      const fits = row.dataset.text.includes(wanted) && (!outcome.value || row.dataset.outcomes.split(" ").includes(outcome.value));
      row.hidden = !fits;
    });
  };
  if (entry) { entry.addEventListener("input", narrow); outcome.addEventListener("change", narrow); }

  // the graph: a node lights up its own edges
  const svg = find(".graph svg");
  const light = (key) => {
    svg.classList.toggle("some", Boolean(key));
    all(".edge, .node", svg).forEach((node) => node.classList.toggle("on", Boolean(key) && (node.dataset.ends || node.dataset.key).split(" ").includes(key)));
    if (key) all(".edge.on", svg).forEach((edge) => edge.dataset.ends.split(" ").forEach((end) => { const node = find(`.node[data-key="${end}"]`, svg); if (node) node.classList.add("on"); }));
  };
  if (svg) {
    let held = "";
    all(".node", svg).forEach((node) => {
      node.addEventListener("pointerenter", () => { if (!held) light(node.dataset.key); });
      node.addEventListener("pointerleave", () => { if (!held) light(""); });
      node.addEventListener("click", () => { held = held === node.dataset.key ? "" : node.dataset.key; light(held); });
      node.addEventListener("keydown", (event) => { if (event.key === "Enter") { held = held === node.dataset.key ? "" : node.dataset.key; light(held); } });
    });
  }

  // on paper everything is open
  const closed = [];
  addEventListener("beforeprint", () => all("details:not([open])").forEach((node) => { node.open = true; closed.push(node); }));
  addEventListener("afterprint", () => { closed.splice(0).forEach((node) => { node.open = false; }); });
})();
