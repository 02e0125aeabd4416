// Completion for the text of a definition (YAML), from the JSON Schema of the format.
//
// Written for this one page and loaded by it alone. An editor such as CodeMirror would bring several times the 60 KB that a
// first view may weigh, take the place of the text box, and need styles that the Content-Security-Policy refuses.
// The text box stays what it is: without this script one writes as before, and the server checks in either case.

// Where the format asks for a name that the definition itself declares: owner of the text in the schema → which names.
// The test compares the owners with the schema.
export const NAMES = {
  states: ["Action.from", "Action.to", "TermRules.pause_in", "Output.when", "Notify.when", "Fee.due", "Expect.rests_in", "Expect.fee_at", "Expect.silence"],
  actions: ["State.on_positive", "State.on_negative", "State.on_paid", "State.on_expired", "Commission.on_for", "Commission.on_against", "AutoRule.action"],
  reasons: ["AutoRule.reason"],
  registers: ["FieldSource.register", "RawFlow.register", "GoldenCase.registers"],
  fields: ["Amount.table.field", "Expect.visible", "Expect.errors", "GoldenCase.answers", "Migration.set"],
  outputs: ["Expect.documents"],
};
// Names of the installation, given with the schema: `x-known` of it → the owners that take them.
export const KNOWN = {
  fields: ["RawField.use"],
  flows: ["RawFlow.use"],
  registers: ["RegisterUse.name"],
  agencies: ["Raw.owner", "AgencyPart.code", "Appeal.to", "Output.agency", "Route.agency", "State.agency", "Task.agency"],
};
// Where they are declared.
const DECLARED = {
  states: /^flow\/states\/#\/id$/,
  actions: /^flow\/actions\/#\/id$/,
  reasons: /^flow\/reasons\/#\/code$/,
  registers: /^registers\/#\/name$/,
  fields: /^pages\/#\/fields\/#\/(id|use)$/,
  outputs: /^outputs\/#\/id$/,
};

const KEY = /^("[^"]*"|'[^']*'|[^\s"'{}[\],#&*!|>%@`][^:{}[\]]*?)[ \t]*:(?=\s|$)/;
const bare = (text) => text.replace(/^(["'])(.*)\1$/, "$2");

/// What stands at the caret, and the texts of the definition by their place: enough of YAML for definitions, and patient
/// with lines that are not finished. A place is a path of keys, with `#` for an element of a list.
export function scan(text, caret) {
  const declared = [];
  const root = { at: 0, path: [], used: [] };
  const stack = [root];
  const top = () => stack[stack.length - 1];
  const inner = (frame) => [...frame.path, frame.seq ? "#" : (frame.key ?? "?")];
  const within = (from, to) => caret >= from && caret <= to;
  const note = (path, value) => declared.push([path.join("/"), bare(value)]);
  let here = null;
  // Lines deeper than this belong to a text in several lines.
  let skip = null;
  // A flow collection that is not closed ends where a line stands no deeper than the one it began in.
  let base = 0;
  let lost = false;

  // Ends what a line that begins at this column ends.
  const settle = (column, dash) => {
    const ends = (frame) => frame.at > column || (frame.at === column && (dash ? !frame.seq && !frame.used.length : frame.seq));
    while (stack.length > 1 && ends(top())) stack.pop();
  };

  // A word that may become a key, or a place for one, at a column of its own.
  const word = (column, from, to) => {
    settle(column, false);
    const values = top().at < column;
    if (values) {
      if (top().filled) return;
      stack.push({ at: column, path: inner(top()), used: [] });
    }
    here = { path: top().path, frame: top(), values, from, to, indent: column };
  };

  const quoted = (from, path) => {
    const mark = text[from];
    let to = from + 1;
    while (to < text.length && text[to] !== mark) to += mark === '"' && text[to] === "\\" ? 2 : 1;
    note(path, text.slice(from, to + 1));
    if (caret > from && caret <= to) here = { path, values: true, quoted: true, from: from + 1, to };
    return Math.min(to + 1, text.length);
  };

  // Blanks, ends of lines and remarks within a flow collection; `spot` is told when the caret is in them.
  const gap = (from, spot) => {
    let to = from;
    for (;;) {
      const [blank] = /^[ \t]*(?:#[^\n]*)?/.exec(text.slice(to, to + 2000));
      if (text[to + blank.length] !== "\n") {
        to += /#/.test(blank) ? 0 : blank.length;
        break;
      }
      const next = /\n([ \t]*)([^ \t\n])/.exec(text.slice(to, to + 4000));
      if (!next || (next[1].length <= base && !/[}\]]/.test(next[2]))) {
        lost = true;
        if (spot && within(from, to + blank.length)) spot();
        return to + blank.length;
      }
      to += blank.length + 1;
    }
    if (spot && within(from, to) && (caret < to || /[,}\]]|^$/.test(text[to] ?? ""))) spot();
    return to;
  };

  const plain = (from, stop) => {
    let to = from;
    while (to < text.length && !stop(text[to], to) && !(text[to] === "#" && /\s/.test(text[to - 1]))) to++;
    while (to > from && /\s/.test(text[to - 1])) to--;
    return to;
  };

  const value = (from, path) => {
    from += (/^(?:[&!][^\s,{}[\]]+[ \t]*)+/.exec(text.slice(from, from + 200)) ?? [""])[0].length;
    if (/[{[]/.test(text[from])) return flow(from, path);
    if (/["']/.test(text[from])) return quoted(from, path);
    const to = plain(from, (letter) => /[,{}[\]\n]/.test(letter));
    if (to > from) note(path, text.slice(from, to));
    if (within(from, to)) here = { path, values: true, flow: true, from, to };
    return to;
  };

  const flow = (open, path) => {
    const seq = text[open] === "[";
    const frame = { path, used: [] };
    const item = [...path, "#"];
    const spot = () => (here = seq ? { path: item, values: true, flow: true, from: caret, to: caret } : { path, frame, flow: true, from: caret, to: caret });
    let pos = gap(open + 1, spot);
    while (!lost && pos < text.length) {
      if (/[}\]]/.test(text[pos])) return pos + 1;
      if (text[pos] === ",") {
        pos = gap(pos + 1, spot);
        continue;
      }
      const from = pos;
      if (seq) {
        pos = value(from, item);
      } else {
        const colon = (letter, at) => letter === ":" && /[\s,{}[\]]|^$/.test(text[at + 1] ?? "");
        let to = /["']/.test(text[from]) ? text.indexOf(text[from], from + 1) + 1 || text.length : plain(from, (letter, at) => /[,{}[\]\n]/.test(letter) || colon(letter, at));
        const name = bare(text.slice(from, to));
        pos = to;
        while (text[pos] === " ") pos++;
        const given = text[pos] === ":";
        if (given) frame.used.push(name);
        if (within(from, to)) here = { path, frame, flow: true, own: given ? name : undefined, given, from, to };
        if (given) {
          const place = [...path, name];
          const after = pos + 1;
          pos = gap(after, () => caret > after && (here = { path: place, values: true, flow: true, from: caret, to: caret }));
          if (!lost && pos < text.length && !/[,}\]]/.test(text[pos])) pos = value(pos, place);
        }
      }
      // What cannot be read is passed over.
      if (pos === from) pos++;
      if (!lost) pos = gap(pos);
    }
    return pos;
  };

  // What stands after a key or a dash on the same line; gives where it ends.
  const rest = (after, end, path, frame) => {
    let from = after + /^[ \t]*/.exec(text.slice(after, end))[0].length;
    from += (/^(?:[&!]\S+[ \t]*)+/.exec(text.slice(from, end)) ?? [""])[0].length;
    if (from >= end || text[from] === "#") {
      // A blank has to stand between the colon and a value.
      if (caret > after && caret <= Math.min(from, end)) here = { path, values: true, from: caret, to: caret, indent: frame.at };
      return end;
    }
    frame.filled = true;
    if (/[{[]/.test(text[from])) {
      base = frame.at;
      lost = false;
      return flow(from, path);
    }
    if (/["']/.test(text[from])) return quoted(from, path);
    if (/^[|>][-+\d]*\s*(#.*)?$/.test(text.slice(from, end))) {
      skip = frame.at;
      return end;
    }
    const to = plain(from, (_, at) => at >= end);
    note(path, text.slice(from, to));
    if (within(from, to)) here = { path, values: true, from, to, indent: frame.at };
    return end;
  };

  for (let pos = 0; pos <= text.length; ) {
    let end = text.indexOf("\n", pos);
    if (end < 0) end = text.length;
    const line = text.slice(pos, end);
    let column = line.search(/\S|$/);
    const blank = column === line.length;
    let done = end;
    if (skip !== null && (blank || column > skip)) {
      // Within a text of several lines there is nothing to offer.
    } else if (blank) {
      skip = null;
      if (within(pos, end)) word(caret - pos, caret, caret);
    } else if (!/^(#|---|\.\.\.)/.test(line.slice(column))) {
      skip = null;
      let dashed = false;
      for (let dash; (dash = /^-(?:[ \t]+|$)/.exec(line.slice(column))); ) {
        settle(column, true);
        if (!top().seq || top().at < column) stack.push({ at: column, seq: true, path: inner(top()), used: [] });
        top().filled = false;
        dashed = dash[0].length > 1;
        column += dash[0].length;
      }
      const from = pos + column;
      const key = KEY.exec(line.slice(column));
      if (key) {
        settle(column, false);
        if (top().at < column) stack.push({ at: column, path: inner(top()), used: [] });
        const frame = top();
        const own = bare(key[1]);
        Object.assign(frame, { key: own, filled: false });
        frame.used.push(own);
        const to = from + key[1].length;
        if (within(from, to)) here = { path: frame.path, frame, own, given: true, from, to, indent: column };
        done = rest(from + key[0].length, end, [...frame.path, own], frame);
      } else if (column >= line.length) {
        if (dashed && within(from, end)) word(column, caret, caret);
      } else if (!/["'{[|>&!]/.test(line[column]) && within(from, end)) {
        // The line of the caret: a word that is to become a key, an element of a list, or the rest of a longer text.
        const to = plain(from, (_, at) => at >= end);
        if (dashed) note(inner(top()), text.slice(from, to));
        if (within(from, to)) word(column, from, to);
      } else if (dashed || (top().at < column && !top().filled)) {
        done = rest(from, end, inner(top()), top());
      }
    }
    // What ran over several lines is gone on behind its last one.
    const next = done > end ? text.indexOf("\n", done) : end;
    pos = next < 0 ? text.length + 1 : next + 1;
  }
  return { here, declared };
}

/// The plain schemas that a schema stands for. `def` is the type whose keys they list, `owner` the key they are given under.
function flat(root, node, def, owner, deep = 0) {
  if (!node || typeof node !== "object" || deep > 20) return [];
  if (node.$ref) {
    const target = node.$ref.split("/").slice(1).reduce((part, key) => part?.[key], root);
    return flat(root, target, node.$ref.split("/").pop(), owner, deep + 1);
  }
  const ways = node.anyOf ?? node.oneOf ?? node.allOf;
  return ways ? ways.flatMap((way) => flat(root, way, def, owner, deep + 1)) : [{ node, def, owner }];
}

function into(root, { node, def, owner }, step) {
  if (step === "#") return flat(root, node.items, def, owner);
  if (node.properties && Object.hasOwn(node.properties, step)) {
    const own = `${def}.${step}`;
    return flat(root, node.properties[step], own, own);
  }
  return flat(root, node.additionalProperties, def, `${owner}.*`);
}

/// The schemas of a place.
export const schemasAt = (root, path) =>
  path.reduce((ways, step) => ways.flatMap((way) => into(root, way, step)), flat(root, root, "", ""));

const isMap = ({ node }) => node.properties || node.additionalProperties;
const isList = ({ node }) => node.type === "array";
const isScalar = (way) => !isMap(way) && !isList(way);

/// What is written for a key, with room for its value; `back` is how far the caret then goes back.
function opening(root, key, ways, { flow, indent }) {
  const deeper = `\n${" ".repeat(indent + 2)}`;
  if (!ways.length || ways.some(isScalar)) return { insert: `${key}: ` };
  if (ways.every(isList)) {
    const items = ways.flatMap((way) => into(root, way, "#"));
    if (!flow && items.length && items.every(isMap)) return { insert: `${key}:${deeper}- ` };
    return { insert: `${key}: []`, back: 1 };
  }
  // Small things stand on one line, as they do all over the catalogue.
  const small = ways.every(({ node }) => Object.values(node.properties ?? {}).every((part) => flat(root, part).some(isScalar)));
  return flow || small ? { insert: `${key}: {}`, back: 1 } : { insert: `${key}:${deeper}` };
}

/// What may be written at the caret: `{word, from, to, items}`; an item has `text`, `insert`, and perhaps `note`, `needed`, `back`.
export function offers(root, text, caret) {
  const { here, declared } = scan(text, caret);
  if (!here) return null;
  const names = (which) => [...new Set(declared.filter(([path]) => DECLARED[which].test(path)).map(([, name]) => name))];
  const namesFor = (owner) => Object.keys(NAMES).flatMap((which) => (NAMES[which].includes(owner) ? names(which) : []));
  // A name of the installation is also found by what it is called.
  const knownFor = (owner) =>
    Object.keys(KNOWN).flatMap((which) =>
      KNOWN[which].includes(owner) ? Object.entries(root["x-known"]?.[which] ?? {}).map(([name, note]) => ({ text: name, insert: name, note, also: note.toLowerCase() })) : [],
    );
  const ways = schemasAt(root, here.path);
  let { from, to } = here;
  let items = [];
  if (here.frame) {
    const used = [...here.frame.used];
    if (here.own !== undefined) used.splice(used.indexOf(here.own), 1);
    for (const way of ways.filter(isMap)) {
      const known = way.node.properties ?? {};
      // Of several ways only those that have what is written already.
      if (way.node.additionalProperties === false && used.some((key) => !Object.hasOwn(known, key))) continue;
      for (const key of [...Object.keys(known), ...(way.node.additionalProperties ? namesFor(way.owner) : [])]) {
        if (used.includes(key)) continue;
        const inside = into(root, way, key);
        items.push({
          text: key,
          note: known[key]?.description,
          needed: way.node.required?.includes(key),
          ...(here.given ? { insert: key } : opening(root, key, inside, here)),
        });
      }
    }
  }
  if (here.values) {
    for (const way of ways) {
      const { node, owner } = way;
      const values = node.enum ?? ("const" in node ? [node.const] : node.type === "boolean" ? [true, false] : namesFor(isScalar(way) ? owner : ""));
      items.push(...values.map((one) => ({ text: String(one), insert: String(one) })), ...(isScalar(way) ? knownFor(owner) : []));
      if (node.format === "expression") {
        // Of an expression only the name at the caret is replaced.
        from = caret - /[A-Za-z_][\w.]*$|$/.exec(text.slice(here.from, caret))[0].length;
        to = caret + /^\w*/.exec(text.slice(caret, here.to))[0].length;
        items.push(...[...names("fields"), ...names("registers").map((name) => `registers.${name}`)].map((name) => ({ text: name, insert: name })));
      }
      if (node.properties && !here.frame && !here.quoted && from === to) items.push({ text: `{${Object.keys(node.properties).join(", ")}}`, insert: "{}", back: 1 });
    }
  }
  const word = text.slice(from, caret).replace(/^["']/, "").toLowerCase();
  const seen = new Set();
  const rank = ({ text: one, also }) => {
    const at = one.toLowerCase().indexOf(word);
    return at < 0 ? (also?.includes(word) ? 2 : 3) : at > 0 ? 2 : one.length > word.length ? 1 : 0;
  };
  items = items.filter((item) => rank(item) < 3 && !seen.has(item.text) && seen.add(item.text));
  // What is demanded comes first, then the order of the format.
  items.sort((a, b) => rank(a) - rank(b) || Boolean(b.needed) - Boolean(a.needed));
  // What is written in full needs no list, which would take the next Enter.
  if (to === caret && items.some((item) => item.insert === text.slice(from, to))) items = [];
  return items.length ? { word, from, to, items } : null;
}

// Rows of the list that are seen at a time. It has no scroll bar of its own, which the keyboard would have to reach.
const ROWS = 8;

let number = 0;

/// Adds completion to a text box; `say` tells a short message to a screen reader.
export function complete(area, say) {
  const { schema: address, label, none, needed, keys } = area.dataset;
  const make = (name, className, parent) => {
    const element = document.createElement(name);
    element.className = className;
    parent?.append(element);
    return element;
  };
  const box = make("div", "p-complete");
  area.replaceWith(box);
  box.append(area);
  // The same text in the same width shows where the caret is: a text box does not tell.
  const mirror = make("div", "p-complete__mirror", box);
  mirror.setAttribute("aria-hidden", "true");
  const list = make("ul", "p-suggest p-complete__list", box);
  list.id = `complete-${++number}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  list.hidden = true;
  // Not role=combobox and aria-expanded: a text box of several lines may have neither. That the list has opened is said.
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-haspopup", "listbox");
  area.setAttribute("aria-controls", list.id);
  const hint = document.getElementById(area.getAttribute("aria-describedby")?.split(" ")[0]);
  if (hint) hint.append(" ", keys);

  let found = null;
  let active = -1;
  let first = 0;
  let schema;
  const load = () =>
    (schema ??= fetch(address, { headers: { accept: "application/schema+json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      // Asked again at the next word: the line may be back.
      .catch(() => (schema = undefined)));

  const close = () => {
    found = null;
    active = -1;
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  };

  // Rows are seen from `first` on; the explanation only of the one that is chosen.
  const slide = (to) => {
    first = Math.max(0, Math.min(to, list.children.length - ROWS));
    [...list.children].forEach((option, at) => (option.hidden = at < first || at >= first + ROWS));
    list.classList.toggle("p-complete__list--before", first > 0);
    list.classList.toggle("p-complete__list--after", first + ROWS < list.children.length);
  };

  const mark = (index) => {
    active = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = list.children[index];
    if (option) area.setAttribute("aria-activedescendant", option.id);
    else area.removeAttribute("aria-activedescendant");
    slide(Math.min(Math.max(first, index - ROWS + 1), Math.max(index, 0)));
    place();
  };

  // Below the line of the caret, or above it where there is more room. Set by script, not as an attribute of the mark-up.
  const place = () => {
    const text = make("div", area.className);
    text.style.width = `${area.clientWidth + 2 * area.clientLeft}px`;
    text.textContent = area.value.slice(0, found.from);
    const caret = make("span", "", text);
    caret.textContent = "\u200b";
    mirror.replaceChildren(text);
    const line = caret.offsetHeight;
    const top = Math.min(Math.max(caret.offsetTop - area.scrollTop, 0), area.clientHeight - line);
    const left = Math.max(0, Math.min(caret.offsetLeft, box.clientWidth - list.offsetWidth));
    mirror.replaceChildren();
    const above = box.getBoundingClientRect().top + top;
    const up = above + line + list.offsetHeight > innerHeight && above > list.offsetHeight;
    list.style.top = `${up ? top - list.offsetHeight : top + line}px`;
    list.style.left = `${left}px`;
  };

  const accept = (item) => {
    const { from, to } = found;
    close();
    insert(item.insert, from, to);
    const caret = area.selectionStart - (item.back ?? 0);
    area.setSelectionRange(caret, caret);
    // Room for something more: what may stand there?
    if (item.insert !== item.text) update(true);
  };

  // As if typed, so that it can be undone.
  let quiet = false;
  const insert = (text, from, to) => {
    area.focus();
    area.setSelectionRange(from, to);
    quiet = true;
    if (!document.execCommand("insertText", false, text)) area.setRangeText(text, from, to, "end");
    quiet = false;
  };

  const update = async (asked) => {
    const known = await load();
    // By now something else may be typed: what counts is what stands there.
    const at = area.selectionStart;
    const next = known && document.activeElement === area && at === area.selectionEnd ? offers(known, area.value, at) : null;
    if (!next || (!next.word && !asked)) {
      close();
      return false;
    }
    found = next;
    list.replaceChildren(
      ...next.items.map((item, index) => {
        const option = make("li", "p-suggest__item");
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-posinset", String(index + 1));
        option.setAttribute("aria-setsize", String(next.items.length));
        make("span", "p-mono", option).textContent = item.text;
        if (item.needed) make("span", "p-complete__needed", option).textContent = needed;
        if (item.note) {
          const note = make("span", "p-suggest__note", option);
          note.lang = "en";
          note.textContent = item.note;
        }
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => accept(item));
        return option;
      }),
    );
    list.hidden = false;
    first = 0;
    // With nothing typed nothing is chosen: Enter and Tab then do what they always do.
    mark(next.word || asked === "keys" ? 0 : -1);
    say(`${label}: ${next.items.length}`);
    return true;
  };

  area.addEventListener("focus", load, { once: true });
  area.addEventListener("input", (event) => {
    if (quiet || event.isComposing) return;
    if (event.inputType === "historyUndo" || event.inputType === "historyRedo") close();
    else update(false);
  });
  list.addEventListener("wheel", (event) => {
    event.preventDefault();
    slide(first + Math.sign(event.deltaY));
  }, { passive: false });
  // A finger moves the rows as it would a page.
  let finger;
  list.addEventListener("touchstart", (event) => (finger = event.touches[0].clientY));
  list.addEventListener("touchmove", (event) => {
    const rows = Math.trunc((finger - event.touches[0].clientY) / list.children[first].offsetHeight);
    if (rows) finger = event.touches[0].clientY;
    slide(first + rows);
  });
  addEventListener("resize", () => found && place());
  area.addEventListener("blur", close);
  area.addEventListener("click", close);
  area.addEventListener("keydown", async (event) => {
    if (event.isComposing) return;
    const plainKey = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (event.ctrlKey && event.code === "Space") {
      event.preventDefault();
      if (!(await update("keys"))) say(none);
    } else if (found && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (found && plainKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const all = found.items.length;
      mark(event.key === "ArrowDown" ? (active + 1) % all : (Math.max(active, 0) + all - 1) % all);
    } else if (found && active >= 0 && plainKey && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      accept(found.items[active]);
    } else if (event.key === "Enter" && plainKey) {
      // The next line begins where this one does.
      event.preventDefault();
      const from = area.selectionStart;
      const line = area.value.slice(area.value.lastIndexOf("\n", from - 1) + 1, from);
      close();
      insert(`\n${/^ */.exec(line)[0]}`, from, area.selectionEnd);
    } else if (/^(Arrow|Home|End|Page)/.test(event.key)) {
      close();
    }
  });
}
