// The library that lays a graph out is fetched by the one page that draws one.
function drawn(root) {
  const table = root.querySelector?.("[data-ways]");
  const figure = document.getElementById("carte");
  if (table && figure) import("./ways.js").then(({ draw }) => draw(figure, table));
}

drawn(document);
document.addEventListener("htmx:afterSettle", () => drawn(document));
