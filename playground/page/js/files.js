// A place for files: picked, dropped or pasted, with a preview of pictures.

import { el, freshId } from "/page/js/dom.js";
import { icon } from "/page/js/icons.js";

function preview(file) {
  if (!file.type.startsWith("image/")) return icon("file");
  const url = URL.createObjectURL(file);
  const image = el("img", { class: "drop-preview", alt: "" });
  const release = () => URL.revokeObjectURL(url);
  image.addEventListener("load", release);
  image.addEventListener("error", () => {
    release();
    image.replaceWith(icon("file")); // named as a picture, but none
  });
  image.src = url;
  return image;
}

/**
 * @param {{testid: string, most: number, label: string}} how `most` files at once.
 * @returns {{element: HTMLElement, files: () => File[], take: (files: File[]) => void,
 *   focus: () => void}} `take` replaces what is there.
 */
export function filePlace({ testid, most, label }) {
  let held = [];
  const id = freshId("file");
  const input = el("input", {
    id,
    class: "visually-hidden",
    type: "file",
    multiple: most > 1,
    testid,
    "aria-label": label,
    on: {
      change: () => {
        take([...input.files]);
        input.value = ""; // the same file may be chosen again after it was removed
      },
    },
  });
  const shown = el("ul", { class: "drop-files" });
  const hint = el(
    "label",
    { class: "drop-hint", for: id },
    icon("image"),
    el("span", {}, most > 1 ? "Drop, paste or choose files" : "Drop, paste or choose a file"),
  );
  const element = el("div", { class: "drop" }, input, hint, shown);

  function row(file) {
    const remove = el(
      "button",
      {
        class: "icon-button",
        type: "button",
        "aria-label": `Remove ${file.name}`,
        on: {
          click: () => {
            take(held.filter((each) => each !== file));
            input.focus();
          },
        },
      },
      icon("close"),
    );
    return el(
      "li",
      { class: "drop-file" },
      preview(file),
      el("span", { class: "file-name" }, file.name),
      remove,
    );
  }

  function take(files) {
    held = files.slice(0, most);
    shown.replaceChildren(...held.map(row));
    hint.hidden = held.length >= most;
  }

  element.addEventListener("dragover", (event) => {
    event.preventDefault();
    element.classList.add("drop-over");
  });
  element.addEventListener("dragleave", () => element.classList.remove("drop-over"));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    element.classList.remove("drop-over");
    take([...event.dataTransfer.files]);
  });
  return { element, files: () => held, take, focus: () => input.focus() };
}
