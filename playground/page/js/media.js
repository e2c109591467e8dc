// Files in a message: pictures, films, and links to everything else.

import { el } from "/page/js/dom.js";
import { icon } from "/page/js/icons.js";
import { spoiler } from "/page/js/spoiler.js";

const WIDEST_PX = 560;
const TALLEST_PX = 400;
const UNKNOWN_SHAPE = { width: 16, height: 9 };

/**
 * Files of this playground by the page's own origin, so that a page opened as localhost may show
 * what was linked as 127.0.0.1; null for any other address, which the page never loads.
 */
export function ownUrl(href) {
  if (!URL.canParse(href, location.origin)) return null;
  const url = new URL(href, location.origin);
  const isLoopback = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (!isLoopback || url.port !== location.port || !/^https?:$/.test(url.protocol)) return null;
  return `${location.origin}${url.pathname}${url.search}`;
}

/** Reserves the room of the picture before its bytes are here, so that nothing jumps. */
function reserve(node, width, height) {
  const known = width > 0 && height > 0;
  const shape = known ? { width, height } : UNKNOWN_SHAPE;
  const scale = Math.min(WIDEST_PX / shape.width, TALLEST_PX / shape.height, known ? 1 : Infinity);
  node.style.setProperty("--media-width", `${Math.max(Math.round(shape.width * scale), 48)}px`);
  node.style.setProperty("--media-shape", `${shape.width} / ${shape.height}`);
  return known;
}

/** An image that opens in its own tab. */
export function picture({ url, width, height, description }) {
  const src = ownUrl(url);
  if (!src) return null;
  const image = el("img", { src, alt: description ?? "", loading: "lazy", decoding: "async" });
  const frame = el("a", { class: "picture", href: src, target: "_blank", rel: "noopener" }, image);
  frame.setAttribute(
    "aria-label",
    description ? `Open the image: ${description}` : "Open the image",
  );
  reserve(frame, width, height);
  return frame;
}

function film({ url, width, height, filename }) {
  const src = ownUrl(url);
  if (!src) return null;
  const video = el("video", { src, controls: true, preload: "metadata", title: filename });
  video.setAttribute("playsinline", "");
  video.setAttribute("aria-label", `Video ${filename}`);
  const frame = el("figure", { class: "film", testid: `video-${filename}` }, video);
  if (!reserve(frame, width, height)) {
    video.addEventListener("loadedmetadata", () =>
      reserve(frame, video.videoWidth, video.videoHeight),
    );
  }
  return frame;
}

function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB"];
  const step = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  return `${(bytes / 1024 ** step).toFixed(1)} ${units[step - 1]}`;
}

function fileLink({ url, filename, size }) {
  return el(
    "a",
    { class: "file", href: ownUrl(url) ?? url, target: "_blank", rel: "noopener noreferrer" },
    icon("file"),
    el("span", { class: "file-name" }, filename),
    size !== undefined && el("span", { class: "file-size" }, sizeText(size)),
  );
}

/** One attachment, as what it is. */
export function attachment(file) {
  const kind = file.content_type?.split("/")[0];
  const shown =
    (kind === "image" && picture({ ...file, description: file.description ?? file.filename })) ||
    (kind === "video" && film(file)) ||
    fileLink(file);
  return file.filename.startsWith("SPOILER_") ? spoiler("div", [shown]) : shown;
}

/**
 * A media item of an embed or a component: by address, or by `attachment://` of the message.
 *
 * @param {{url: string}} media @param {object[]} attachments of the message it is in.
 */
export function mediaItem(media, attachments, description) {
  const name = /^attachment:\/\/(.+)$/.exec(media.url)?.[1];
  const file = attachments.find(({ filename, url }) => filename === name || url === media.url);
  const path = ownUrl(file?.url ?? media.url);
  if (!path) return fileLink({ url: media.url, filename: media.url });
  const filename = file?.filename ?? decodeURIComponent(new URL(path).pathname.split("/").at(-1));
  const isFilm = /\.(mp4|webm|mov)$/i.test(filename);
  const content_type =
    media.content_type ?? file?.content_type ?? (isFilm ? "video/mp4" : "image/*");
  return attachment({ ...media, ...file, url: path, filename, content_type, description });
}
