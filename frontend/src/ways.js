// The map of the ways, drawn from the table that says the same. Boxes are words of the page; only the lines are a picture.
import { graphlib, layout } from "@dagrejs/dagre";

const SVG = "http://www.w3.org/2000/svg";
const [THIN, THICK] = [1.5, 9];

function box(figure, className, words) {
  const element = figure.appendChild(document.createElement("div"));
  element.className = className;
  for (const word of words.filter(Boolean)) element.appendChild(document.createElement("span")).textContent = word;
  return element;
}

const sized = (element) => ({ element, width: element.offsetWidth, height: element.offsetHeight });

function read(table) {
  const rows = [...table.querySelectorAll("tr[data-from]")];
  return rows.map(({ dataset }) => ({ ...dataset, weight: Number(dataset.persons) }));
}

function graphOf(figure, legs) {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 28, edgesep: 16, ranksep: 36, marginx: 12, marginy: 12 });
  for (const leg of legs) {
    for (const [id, title, count] of [
      [leg.from, leg.fromTitle, leg.fromCount],
      [leg.to, leg.toTitle, leg.toCount],
    ]) {
      if (!graph.hasNode(id)) graph.setNode(id, sized(box(figure, "ways__station", [title, count])));
    }
    const label = sized(box(figure, "ways__leg", [leg.said]));
    graph.setEdge(leg.from, leg.to, { ...label, labelpos: "c", weight: leg.weight, leg }, leg.from + leg.to);
  }
  return graph;
}

function line(points) {
  const [first, ...rest] = points;
  const middle = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1];
    const end = i === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return `M${first.x} ${first.y}${middle.join("")}`;
}

function place({ element, x, y, width, height }) {
  element.style.translate = `${x - width / 2}px ${y - height / 2}px`;
}

function arrow(defs) {
  const marker = defs.appendChild(document.createElementNS(SVG, "marker"));
  for (const [name, value] of Object.entries({
    id: "ways-arrow", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 12, markerHeight: 12,
    orient: "auto", markerUnits: "userSpaceOnUse",
  })) marker.setAttribute(name, value);
  marker.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", "M0 0L10 5L0 10z");
}

export function draw(figure, table) {
  const legs = read(table);
  figure.replaceChildren();
  if (!legs.length) return;
  const most = Math.max(...legs.map((leg) => leg.weight));
  const graph = graphOf(figure, legs);
  layout(graph);
  const { width, height } = graph.graph();
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("width", width);
  picture.setAttribute("height", height);
  arrow(picture.appendChild(document.createElementNS(SVG, "defs")));
  for (const edge of graph.edges().map((one) => graph.edge(one))) {
    const path = picture.appendChild(document.createElementNS(SVG, "path"));
    path.setAttribute("d", line(edge.points));
    path.setAttribute("class", "ways__line");
    path.setAttribute("stroke-width", THIN + (THICK - THIN) * Math.sqrt(edge.leg.weight / most));
    path.setAttribute("marker-end", "url(#ways-arrow)");
    place(edge);
  }
  figure.prepend(picture);
  for (const name of graph.nodes()) place(graph.node(name));
}
