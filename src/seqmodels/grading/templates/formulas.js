// Read before MathJax itself, which takes its settings from the object of that name.

// Formulas beyond so many parts are left as they were typed: a page of them would take a browser hours. An assignment
// with long answers has less than a third of these.
const MOST_PARTS = 20000;
const PARTS_OF_EACH = 10; // besides its own

MathJax.startup = {
  ready() {
    MathJax.startup.defaultReady();
    for (const input of MathJax.startup.document.inputJax) {
      input.postFilters.add(({ data }) => data.root.walkTree(takeOut));
    }
  },
};
// After the formulas are found, and before they are read.
MathJax.options.renderActions = { enough: [15, readWhatHasRoom, () => {}] };

// What commands of other packages can bring, such as \mmlToken and \enclose.
function takeOut(node) {
  const attributes = node.attributes ? node.attributes.getAllAttributes() : {};
  for (const name of ["href", "xlink:href", "src", "style", "class", "id"]) delete attributes[name];
}

function readWhatHasRoom(page) {
  const found = [...page.math];
  let left = MOST_PARTS;
  let read = 0;
  for (; read < found.length && left > 0; read += 1) {
    page.compileMath(found[read]);
    left -= PARTS_OF_EACH;
    found[read].root?.walkTree(() => (left -= 1));
  }
  page.math.remove(...found.slice(read));
  return false; // the next step follows
}
