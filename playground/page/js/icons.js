// Line icons on a 24 x 24 grid, drawn with currentColor.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  menu: ["M4 7h16M4 12h16M4 17h16"],
  close: ["M6 6l12 12M18 6L6 18"],
  back: ["M15 5l-7 7 7 7"],
  hash: ["M9 4L7 20M17 4l-2 16M4 9h17M3 15h17"],
  thread: ["M6 4v9a4 4 0 004 4h10", "M16 13l4 4-4 4"],
  letter: ["M4 6h16v12H4z", "M4 7l8 6 8-6"],
  sun: [
    "M12 8a4 4 0 100 8 4 4 0 000-8z",
    "M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2",
  ],
  moon: ["M20 14.5A8.5 8.5 0 119.5 4a7 7 0 0010.5 10.5z"],
  wire: ["M7 4v13M7 17l-3-3M7 17l3-3M17 20V7M17 7l-3 3M17 7l3 3"],
  play: ["M8 5l11 7-11 7z"],
  pause: ["M8 5v14M16 5v14"],
  next: ["M6 5l9 7-9 7z", "M18 5v14"],
  send: ["M5 12h13M12 5l7 7-7 7"],
  plus: ["M12 5v14M5 12h14"],
  smile: ["M12 3a9 9 0 100 18 9 9 0 000-18z", "M8.5 14.5a4.5 4.5 0 007 0M9 9.5v.5M15 9.5v.5"],
  more: ["M5 11a1 1 0 100 2 1 1 0 000-2zM12 11a1 1 0 100 2 1 1 0 000-2zM19 11a1 1 0 100 2 1 1 0 000-2z"],
  eye: [
    "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z",
    "M12 9.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z",
  ],
  file: ["M6 3h8l4 4v14H6z", "M14 3v5h4"],
  image: ["M4 5h16v14H4z", "M4 16l5-5 4 4 3-2 4 4M15.5 9.5h.01"],
  lock: ["M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3"],
};

/** An icon for the eye only: the control that carries it has its own label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const d of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
