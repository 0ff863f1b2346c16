"""The works of a timeline as a table with a box above it that filters its rows.

The script makes the box, so without it, or where JupyterLab does not trust the notebook, there is the
whole table and nothing that does not work. On a phone each row becomes a card; the roles are written
out because such a layout hides a table from screen readers.
"""

import html

from IPython.display import HTML, display

COLUMNS = ("Year", "Work", "What it solved", "Cost and limits", "What followed")


def show_table(timeline):
    """Show the table under the cell that calls this."""
    display(HTML(table_html(timeline)))


def table_html(timeline):
    """The table as HTML, the same on every call."""
    head = "".join(f'<th scope="col" role="columnheader">{column}</th>' for column in COLUMNS)
    rows = "\n".join(_row(timeline, work) for work in timeline.works.values())
    # JupyterLab keeps its shortcuts off the keys that are typed in an element with the attribute.
    return (
        '<div class="timeline" data-lm-suppress-shortcuts="true">\n'
        f'<table role="table">\n<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}\n</tbody>\n</table>\n</div>\n<style>{STYLE}</style>\n'
        f"<script>{SCRIPT}</script>"
    )


def _row(timeline, work):
    earlier = ", ".join(timeline.works[key].name for key in work.builds_on)
    title = html.escape(work.title)
    paper = f'<a href="{html.escape(work.link)}">{title}</a>' if work.link else title
    about = f"<strong>{html.escape(work.name)}</strong><br>{html.escape(work.who)}: <cite>{paper}</cite>"
    about += f"<br>Lane: {html.escape(timeline.lanes[work.lane])}"
    if earlier:
        about += f"<br>Uses: {html.escape(earlier)}"
    cells = [html.escape(text) for text in (work.problem, work.cost, work.after)]
    row = f'<tr role="row"><td role="cell">{work.year}</td><th scope="row" role="rowheader">{about}</th>'
    for column, text in zip(COLUMNS[2:], cells, strict=True):
        row += f'<td role="cell" data-column="{column}">{text}</td>'
    return row + "</tr>"


# Colours come from the book's theme or from JupyterLab's, so both light and dark work. A class that is
# named twice outweighs JupyterLab's own rules for tables.
STYLE = """
.timeline { --timeline-text: var(--pst-color-text-base, var(--jp-content-font-color1, #222));
  --timeline-back: var(--pst-color-background, var(--jp-layout-color1, #fff));
  --timeline-line: var(--pst-color-text-muted, var(--jp-content-font-color2, #666)); color: var(--timeline-text); }
html[data-theme="dark"] .bd-content div.cell_output .text_html:has(div.timeline) { background: none; padding: 0; }
.timeline-filter input { width: 16rem; max-width: 100%; padding: 0.25rem 0.5rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--timeline-line); border-radius: 0.25rem; }
.timeline-filter input:focus-visible { outline: 3px solid var(--pst-color-primary, var(--jp-brand-color1, #06c)); }
.timeline-filter span { display: block; min-height: 1.5em; }
.timeline table { border-collapse: collapse; table-layout: fixed; width: 100%; font-size: 0.85rem; line-height: 1.4; color: inherit; }
.timeline.timeline tbody tr { background: none; color: inherit; }
.timeline.timeline :is(td, th) { padding: 0.5rem 0.6rem; vertical-align: top; text-align: start; white-space: normal;
  color: inherit; background: none; border: 0; border-block-end: 1px solid var(--timeline-line); font-weight: 400; }
.timeline.timeline thead th { position: sticky; top: var(--pst-header-article-height, 0); font-weight: 600;
  background: var(--timeline-back); }
.timeline thead th:nth-child(1) { width: 3.4rem; }
.timeline thead th:nth-child(2) { width: 28%; }
.timeline thead th:nth-child(3) { width: 28%; }
.timeline thead th:nth-child(4) { width: 20%; }
.timeline :is(td, th) { box-sizing: border-box; overflow-wrap: break-word; }
@media (max-width: 46rem) {
  .timeline.timeline :is(table, tbody, tr, td, th) { display: block; }
  .timeline thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .timeline.timeline tbody tr { padding: 0.75rem 0; border-block-end: 2px solid var(--timeline-line); }
  .timeline.timeline tbody :is(td, th) { padding: 0.2rem 0; border: 0; }
  .timeline td[data-column]::before { content: attr(data-column) ": "; font-weight: 600; }
}
.timeline.timeline tbody tr[hidden] { display: none; }
"""

SCRIPT = """
(() => {
  const plain = text => text.normalize("NFD").replace(/\\p{M}/gu, "").toLowerCase();
  for (const table of document.querySelectorAll(".timeline:not([data-awake])")) {
    table.dataset.awake = "true";
    const filters = document.createElement("p");
    filters.className = "timeline-filter";
    filters.innerHTML = `<label>Show rows with all of these words:
      <input type="search" autocomplete="off" spellcheck="false"></label> <span role="status"></span>`;
    const [box, said] = filters.querySelectorAll("input, span");
    const rows = [...table.querySelectorAll("tbody tr")].map(row => [row, plain(row.textContent)]);
    const filter = () => {
      const words = plain(box.value).split(/\\s+/).filter(Boolean);
      for (const [row, text] of rows) row.hidden = !words.every(word => text.includes(word));
      said.textContent = `${rows.filter(([row]) => !row.hidden).length} of ${rows.length} works`;
    };
    box.addEventListener("input", filter);
    filter();
    table.prepend(filters);
  }
})();
"""
