//<![CDATA[
"use strict";
// The page works without this script. It adds: a card for the point or term under the pointer,
// filters that fade points and rows, and the opening of the part about an instance. It reads what
// it shows from the page itself; it loads and sends nothing.
(function () {
  var root = document.documentElement;
  var tip = document.getElementById("tip");
  var form = document.getElementById("filters");
  var table = document.getElementById("instance-table");
  var points = Array.from(document.querySelectorAll("svg [data-instance]"));
  var rows = new Map();
  var owner = null;
  root.classList.add("scripted");
  if (table) {
    table.tBodies[0].querySelectorAll("tr").forEach(function (row) {
      rows.set(row.dataset.instance, row);
    });
  }

  // ---- the card -------------------------------------------------------------------------------
  function element(name, text, cls) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    if (cls) { made.className = cls; }
    return made;
  }

  function line(list, name, value) {
    if (!value) { return; }
    list.append(element("dt", name), element("dd", value));
  }

  function section(instance) {
    return Array.from(document.querySelectorAll("details.instance")).find(function (part) {
      return part.dataset.instance === instance;
    });
  }

  function columns(kind) {
    return Array.from(table.tHead.rows[0].cells).filter(function (cell) {
      return cell.dataset.kind === kind;
    });
  }

  // The heading of one kind for a driver and tau; if any will do, the first driver and last tau.
  function heading(kind, setting, tau) {
    var cells = columns(kind).filter(function (cell) {
      return matches(cell, {setting: setting, tau: tau});
    });
    return cells.filter(function (cell) {
      return cell.dataset.setting === cells[0].dataset.setting;
    }).pop();
  }

  // The name and text of a row under such a heading.
  function value(row, kind, setting, tau) {
    var cell = heading(kind, setting, tau);
    if (!cell) { return ["", ""]; }
    var text = row.cells[cell.cellIndex].textContent;
    var where = cell.dataset.tau ? "success at tau = " + cell.dataset.tau : kind;
    return [where, text === "-" ? "" : text];
  }

  function describe(point) {
    var row = rows.get(point.dataset.instance);
    var box = element("div", "", "instance-card");
    var part = section(point.dataset.instance);
    var image = part ? part.querySelector("img.image") : null;
    if (image) { box.append(image.cloneNode()); }
    var list = element("dl");
    box.append(element("strong", point.dataset.instance), list);
    if (!row) { return box; }
    var setting = point.dataset.setting || chosen("setting");
    line(list, "class", row.dataset.class);
    line(list, "qubits", row.dataset.d);
    line(list, "driver", setting);
    [value(row, "gap", setting, ""), value(row, "classical", "", ""),
      value(row, "success", setting, point.dataset.tau || chosen("tau")),
      value(row, "reads", "", "")].forEach(function (pair) {
      line(list, pair[0] === "classical" ? "classical gap" : pair[0] === "reads" ?
        "ground states among reads" : pair[0], pair[1]);
    });
    line(list, "model", point.dataset.model);
    line(list, "selected maps", row.dataset.maps);
    if (part) {
      var link = element("a", "All about it", "go");
      link.href = "#" + part.id;
      box.append(link);
    }
    return box;
  }

  function meaning(term) {
    var entry = document.getElementById(term.getAttribute("href").slice(1));
    var box = element("div", "", "meaning");
    box.append(element("strong", entry.querySelector("dt").textContent));
    box.append(element("span", " " + entry.querySelector("dd").textContent));
    return box;
  }

  function show(content, place, from) {
    hide();
    owner = from;
    tip.replaceChildren(content);
    tip.hidden = false;
    if (from.matches("a")) { from.setAttribute("aria-describedby", "tip"); }
    var width = tip.offsetWidth, height = tip.offsetHeight, room = root.clientWidth - width - 8;
    var left = Math.max(8, Math.min(place.left + place.width / 2 - width / 2, room));
    var above = place.top - height - 10;
    tip.style.left = left + window.scrollX + "px";
    tip.style.top = (above >= 8 ? above : place.bottom + 10) + window.scrollY + "px";
  }

  function hide() {
    if (owner) { owner.removeAttribute("aria-describedby"); }
    lit("");
    owner = null;
    tip.hidden = true;
  }

  function lit(instance) {
    points.forEach(function (point) {
      point.classList.toggle("lit", instance !== "" && point.dataset.instance === instance);
    });
  }

  // ---- points ---------------------------------------------------------------------------------
  // Points are small, so the nearest one within some pixels counts as the one that is meant.
  function nearest(event) {
    var svg = event.target.closest ? event.target.closest("svg") : null;
    if (!svg) { return null; }
    var best = null, least = event.pointerType === "touch" ? 24 : 10;
    svg.querySelectorAll("[data-instance]:not(.off)").forEach(function (point) {
      var box = point.getBoundingClientRect();
      var far = Math.hypot(box.left + box.width / 2 - event.clientX,
        box.top + box.height / 2 - event.clientY);
      if (least > far) { least = far; best = point; }
    });
    return best;
  }

  function present(point) {
    show(describe(point), point.getBoundingClientRect(), point);
    lit(point.dataset.instance);
  }

  var touched = false;
  document.addEventListener("pointerdown", function (event) {
    touched = event.pointerType === "touch";
  });
  document.addEventListener("pointermove", function (event) {
    if (event.pointerType === "touch" || tip.contains(event.target)) { return; }
    var term = event.target.closest ? event.target.closest("a.term") : null;
    if (term) {
      if (owner !== term) { show(meaning(term), term.getBoundingClientRect(), term); }
      return;
    }
    var point = nearest(event);
    if (point && point !== owner) { present(point); }
    if (!point && owner && owner !== document.activeElement) { hide(); }
  });
  document.addEventListener("click", function (event) {
    var target = event.target;
    if (tip.contains(target)) {
      if (target.closest("a")) { hide(); }
      return;
    }
    var term = target.closest("a.term");
    if (term) {
      if (event.detail !== 0) { event.preventDefault(); }  // 0: the Enter key, which goes there
      show(meaning(term), term.getBoundingClientRect(), term);
      return;
    }
    var point = nearest({target: target, clientX: event.clientX, clientY: event.clientY,
      pointerType: touched ? "touch" : "mouse"});
    if (!point) { hide(); return; }
    var part = section(point.dataset.instance);
    if (touched || !part) { present(point); return; }
    location.hash = part.id;
    hide();
  });
  document.addEventListener("focusin", function (event) {
    if (event.target.matches("a.term")) {
      show(meaning(event.target), event.target.getBoundingClientRect(), event.target);
    } else if (event.target.matches("#instance-table a")) {
      var row = event.target.closest("tr");
      show(describe(row), event.target.getBoundingClientRect(), event.target);
      lit(row.dataset.instance);
    } else if (!tip.contains(event.target)) { hide(); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    if (!tip.hidden) { hide(); return; }
    var open = document.querySelector("details.instance[open]");
    if (open) { open.open = false; }
  });
  window.addEventListener("scroll", function () {
    if (owner && owner !== document.activeElement) { hide(); }
  }, {passive: true});

  // ---- filters --------------------------------------------------------------------------------
  function chosen(name) {
    var select = form ? form.querySelector('[data-filter="' + name + '"]') : null;
    return select ? select.value : "";
  }

  function median(values) {
    var sorted = values.slice().sort(function (a, b) { return a - b; });
    var half = Math.floor(sorted.length / 2);
    if (sorted.length === 0) { return null; }
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  function text(number) { return String(Number(number.toPrecision(2))); }

  function matches(item, wanted) {
    return Object.keys(wanted).every(function (name) {
      var have = item.dataset[name];
      return !wanted[name] || have === undefined || have === "" || have.trim() === wanted[name];
    });
  }

  function refresh() {
    var wanted = {};
    form.querySelectorAll("select").forEach(function (select) {
      wanted[select.dataset.filter] = select.value;
    });
    form.classList.toggle("active", Object.values(wanted).some(Boolean));
    var shown = [];
    rows.forEach(function (row) {
      row.hidden = !matches(row, wanted);
      if (!row.hidden) { shown.push(row); }
    });
    points.forEach(function (point) {
      var row = rows.get(point.dataset.instance);
      point.classList.toggle("off", !matches(point, wanted) || (row !== undefined && row.hidden));
    });
    Array.from(table.tHead.rows[0].cells).forEach(function (cell) {
      if (!cell.dataset.kind) { return; }
      var keep = matches(cell, {setting: wanted.setting, tau: wanted.tau});
      cell.hidden = !keep;
      rows.forEach(function (row) { row.cells[cell.cellIndex].hidden = !keep; });
    });
    var parts = [shown.length + " of " + rows.size + " problems shown"];
    [["gap", "median gap "], ["success", "median success "]].forEach(function (pair) {
      var head = heading(pair[0], wanted.setting, wanted.tau);
      if (!head) { return; }
      var middle = median(shown.map(function (row) {
        return row.cells[head.cellIndex].dataset.value;
      }).filter(Boolean).map(Number));
      if (middle === null) { return; }
      var where = [head.dataset.setting, head.dataset.tau ? "tau = " + head.dataset.tau : ""];
      parts.push(pair[1] + text(middle) + " (" + where.filter(Boolean).join(", ") + ")");
    });
    document.getElementById("count").textContent = parts.join("; ") + ".";
    hide();
  }

  if (form && table) {
    form.hidden = false;
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("change", refresh);
    form.addEventListener("reset", function () { setTimeout(refresh); });
    if (window.matchMedia("(max-width: 45rem)").matches) { form.querySelector("details").open = false; }
    refresh();
  }

  // ---- the parts about instances, wide tables, and paper ----------------------------------------
  function arrive() {
    var part = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (!part) { return; }
    document.querySelectorAll("details.instance[open]").forEach(function (other) {
      if (other !== part) { other.open = false; }
    });
    if (part.matches("details")) {
      part.open = true;
      part.scrollIntoView();
      part.focus({preventScroll: true});  // as the browser does when it follows a link
    }
  }
  window.addEventListener("hashchange", arrive);
  arrive();

  function hint() {
    document.querySelectorAll(".wide").forEach(function (box) {
      box.classList.toggle("scrolls", box.scrollWidth > box.clientWidth + 2);
    });
  }
  window.addEventListener("resize", hint);
  document.addEventListener("toggle", hint, true);
  hint();

  var folded = [];
  window.addEventListener("beforeprint", function () {
    hide();
    folded = Array.from(document.querySelectorAll("details.more:not([open])"));
    folded.forEach(function (part) { part.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folded.forEach(function (part) { part.open = false; });
  });
}());
//]]>
