/* What Sphinx's search leaves to wish for. On the search page alone, and before Sphinx's own scripts begin. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  // Words of a question, which no page needs to have.
  stopwords.push("vs", "versus", "how", "many", "much", "what", "which", "why", "when", "does", "do");

  const stemmer = new Stemmer();
  const words = (text) =>
    splitQuery(text.toLowerCase()).filter((word) => !stopwords.includes(word)).map((word) => stemmer.stemWord(word));
  const includesAll = (set, wanted) => wanted.length > 0 && wanted.every((word) => set.has(word));
  const entries = GLOSSARY.map(([name, place, forms]) => ({ name, place, forms: forms.map(words).filter((form) => form.length) }));

  const parse = Search._parseQuery;
  Search._parseQuery = (query) => parse(query.replace(/\bhow (many|much)\b/gi, "number of"));

  /* Entries of the glossary whose name, or another word for the same, is in the query. */
  const inGlossary = (asked) => {
    const file = Search._index.docnames.indexOf("glossary");
    const found = entries.filter((entry) => entry.forms.some((form) => includesAll(asked, form)));
    // "Cell state" is meant, and not "cell".
    const most = (entry) => Math.max(...entry.forms.filter((form) => includesAll(asked, form)).map((f) => f.length));
    const longer = (entry) =>
      found.some((other) => other.forms.some((form) =>
        includesAll(asked, form) && form.length > most(entry) &&
        entry.forms.filter((f) => includesAll(asked, f)).every((f) => f.every((word) => form.includes(word)))));
    return found
      .filter((entry) => !longer(entry))
      .sort((a, b) => most(a) - most(b))
      .map(({ name, place }) =>
        ["glossary", `${Search._index.titles[file]} > ${name}`, `#${place}`, null, 200, Search._index.filenames[file]]);
  };

  /* Sections whose heading has the words of the query, in any order and form; long names stand for short ones. */
  const inHeadings = (asked) => {
    const { alltitles, titles, docnames, filenames } = Search._index;
    const ways = [...asked].map((word) =>
      [[word], ...entries.filter((e) => e.forms.some((f) => f.join() === word)).flatMap((e) => e.forms)]);
    const has = (set) => (way) => way.some((form) => includesAll(set, form));
    const found = [];
    for (const [title, places] of Object.entries(alltitles)) {
      for (const [file, id] of places) {
        const own = new Set(words(title));
        const whole = new Set([...own, ...words(titles[file])]);
        if (!ways.length || !ways.every(has(whole)) || !ways.some(has(own))) continue;
        const isPage = titles[file] === title;
        const score = ways.filter(has(own)).length / (1 + own.size / 10);
        found.push([docnames[file], isPage ? title : `${titles[file]} > ${title}`, isPage || id === null ? "" : `#${id}`,
          null, 100 + score, filenames[file]]);
      }
    }
    return found.sort((a, b) => a[4] - b[4]).slice(-6);
  };

  /* A page is the better, the more of the words stand in its headings; of equal ones a chapter is. */
  let asked = new Set();
  const headed = (file) => [...asked].filter((word) => [Search._index.titleterms[word] ?? []].flat().includes(file)).length;
  Scorer.score = ([name, , anchor, description, score]) =>
    anchor || description
      ? score
      : Scorer.term + headed(Search._index.docnames.indexOf(name)) + (name.startsWith("chapters/") ? 0.5 : 0);

  const search = Search._performSearch;
  Search._performSearch = (query, terms, ...rest) => {
    asked = terms;
    // The best of them come last.
    const first = [...inHeadings(terms), ...inGlossary(terms)];
    const places = new Set(first.map((result) => result[0] + result[2]));
    return [...search(query, terms, ...rest).filter((result) => !places.has(result[0] + result[2])), ...first];
  };

  const NAMES = {
    sigma: "σ", alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", theta: "θ", lambda: "λ", mu: "μ", rho: "ρ",
    tau: "τ", phi: "φ", partial: "∂", odot: "⊙", cdot: "·", times: "×", in: "∈", le: "≤", leq: "≤", ge: "≥", geq: "≥",
    neq: "≠", approx: "≈", to: "→", infty: "∞", sum: "Σ", prod: "Π", ldots: "…", dots: "…", cdots: "…", top: "ᵀ",
    tanh: "tanh", exp: "exp", log: "log", max: "max", min: "min", quad: " ",
  };
  /* A formula as one would type it; a long one as an ellipsis. */
  const plain = (tex) => {
    const text = tex.replace(/^\\[([]|\\[)\]]$/g, "")
      .replace(/\\(?:mathbf|mathrm|mathbb|text|operatorname|bar|hat|tilde)\b/g, "")
      .replace(/\\([a-z]+)\s?/gi, (all, name) => NAMES[name] || all)
      .replace(/\\[,;! ]/g, " ").replace(/\^ᵀ/g, "ᵀ").replace(/[{}]/g, "");
    return text.length > 40 || text.includes("\\") ? "…" : text;
  };

  const HEADING = ":scope > h1, :scope > h2, :scope > h3, :scope > h4";
  const count = (text, asked) => asked.filter((word) => text.toLowerCase().includes(word)).length;

  /* The part of a page that has most of what was asked for, in its heading before all. */
  const bestSection = (article, asked) => {
    let best = null;
    for (const section of article.querySelectorAll("section[id]")) {
      const heading = section.querySelector(HEADING);
      if (!heading) continue; // the text of an exercise
      const own = section.cloneNode(true);
      own.querySelectorAll("section").forEach((part) => part.querySelector(HEADING) && part.remove());
      const score = count(heading.textContent, asked) * 2 + count(own.textContent, asked) * 3;
      if (!best || score > best.score) best = { score, section, own, heading };
    }
    return best;
  };

  /* About 240 characters around the place where most of the words stand together. */
  const excerpt = (text, asked) => {
    const lower = text.toLowerCase();
    let [match, most] = [0, 0];
    for (const word of asked) {
      for (let place = lower.indexOf(word); place >= 0; place = lower.indexOf(word, place + 1)) {
        const near = count(lower.slice(place, place + 160), asked);
        if (near > most) [match, most] = [place, near];
      }
    }
    const start = match > 80 ? text.indexOf(" ", match - 80) + 1 : 0;
    const piece = text.slice(start, start + 240);
    const ends = start + 240 >= text.length;
    return (start ? "… " : "") + (ends ? piece : `${piece.slice(0, piece.lastIndexOf(" "))} …`);
  };

  /* The words of an element: of its prose, unless more of what was asked for is in its code. */
  const textOf = (element, asked) => {
    const copy = element.cloneNode(true);
    const text = () => copy.textContent.replace(/\s+/g, " ").trim();
    const all = text();
    copy.querySelectorAll("div.cell").forEach((cell) => cell.remove());
    return count(text(), asked) < count(all, asked) ? all : text();
  };

  Search.makeSearchSummary = (source, keywords, anchor) => {
    const article = new DOMParser().parseFromString(source, "text/html").querySelector("article");
    if (!article) return null;
    const unseen = ".headerlink, script, style, .onlyprint, [hidden], summary, .quiz";
    article.querySelectorAll(unseen).forEach((element) => element.remove());
    article.querySelectorAll(".math").forEach((formula) => formula.replaceWith(plain(formula.textContent.trim())));
    article.querySelectorAll("dt").forEach((term) => term.append(": "));
    article.querySelectorAll("td, th, .admonition-title").forEach((cell) => cell.append(" "));
    const asked = [...keywords];
    const named = anchor ? article.querySelector(`[id="${CSS.escape(anchor.slice(1))}"]`) : null;
    const best = named ? null : bestSection(article, asked);
    const content = named && named.tagName === "DT" ? named.nextElementSibling : named || (best ? best.own : article);
    const heading = content.querySelector(HEADING);
    if (heading) heading.remove();
    const summary = document.createElement("p");
    summary.className = "context";
    summary.textContent = excerpt(textOf(content, asked), asked);
    // Sphinx puts it below its link when this has returned; the link then leads to the section, unless another does.
    if (best && best.heading.tagName !== "H1") queueMicrotask(() => {
      const link = summary.parentElement.querySelector("a");
      link.setAttribute("href", `${link.getAttribute("href")}#${best.section.id}`);
      link.append(` > ${best.heading.textContent.trim()}`);
      const same = [...document.querySelectorAll("#search-results li > a")].filter((other) => other.href === link.href);
      if (same.length > 1) summary.parentElement.remove();
    });
    return summary;
  };

  const perform = Search.performSearch;
  Search.performSearch = (query) => {
    perform(query);
    Search.status.setAttribute("role", "status");
  };

  // The theme looks for a field too, and finds that of a window that is not open.
  const field = document.querySelector(".bd-search-container input[type='search']");
  if (field) field.focus();
});
