// Five levels, told three ways: a face, the outline around it, and a word beside it. Colour comes last and alone says nothing.
const OUTLINES = [
  '<path d="M15 3h18l12 12v18L33 45H15L3 33V15z"/>',
  '<path d="M24 2 46 24 24 46 2 24z"/>',
  '<rect x="4" y="4" width="40" height="40" rx="9"/>',
  '<circle cx="24" cy="24" r="21"/>',
  '<path d="m24 1 5.5 6.6 8.2-2.5 1.2 8.5 8.2 2.8-3.8 7.6 3.8 7.6-8.2 2.8-1.2 8.5-8.2-2.5L24 47l-5.500-6.600-8.200 2.500-1.200-8.500-8.200-2.800 3.800-7.600-3.800-7.600 8.200-2.800 1.200-8.500 8.200 2.500z"/>',
];
const MOUTHS = ["M15 35q9-11 18 0", "M16 33q8-6 16 0", "M16 31h16", "M16 29q8 6 16 0", "M14 27q10 13 20 0z"];

export const face = (level) =>
  `<svg class="face face--${level}" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
    <g class="face__outline">${OUTLINES[level - 1]}</g>
    <g class="face__lines"><path d="M18 17v4M30 17v4"/><path d="${MOUTHS[level - 1]}"/></g></svg>`;
