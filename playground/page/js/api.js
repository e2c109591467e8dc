// The people API of docs/playground.md, one function per call.

/** A refusal by the API, or no answer at all: `message` is a sentence for the person. */
export class ApiError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "ApiError";
    this.code = code;
  }
}

async function call(path, { method = "GET", body, signal } = {}) {
  const isForm = body instanceof FormData;
  let response;
  try {
    response = await fetch(`/playground${path}`, {
      method,
      signal,
      headers: body && !isForm ? { "Content-Type": "application/json" } : {},
      body: isForm || body === undefined ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("unreachable", "The playground does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new ApiError(
    answer?.error ?? "unreadable",
    answer?.message ?? `The playground answered with status ${response.status}.`,
  );
}

function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return `?${new URLSearchParams(given)}`;
}

/** With files the JSON travels as the part `payload_json`, as Discord's own API has it. */
function withFiles(payload, files) {
  if (files.length === 0) return payload;
  const form = new FormData();
  form.append("payload_json", JSON.stringify(payload));
  for (const { name, file } of files) form.append(`files[${name}]`, file, file.name);
  return form;
}

export const getState = () => call("/state");
export const getChannels = (as, guild) => call(`/channels${query({ as, guild })}`);
export const getMessages = (as, channel, limit) =>
  call(`/messages${query({ as, channel, limit })}`);
export const getCommands = (as, channel) => call(`/commands${query({ as, channel })}`);
export const getLog = (after, limit) => call(`/log${query({ after, limit })}`);
export const openDirect = (as) => call("/dm", { method: "POST", body: { as } });
export const setLocale = (as, locale) =>
  call("/locale", { method: "POST", body: { as, locale } });
export const getCaptions = () => call("/captions");
export const nextCaption = (after) =>
  call("/next-caption", { method: "POST", body: { after } });
export const resetLog = () => call("/reset-log", { method: "POST", body: {} });

export const postMessage = (payload) => call("/message", { method: "POST", body: payload });
export const postClick = (payload) => call("/click", { method: "POST", body: payload });
export const postCommand = (payload, files = []) =>
  call("/command", { method: "POST", body: withFiles(payload, files) });
export const postModal = (payload, files = []) =>
  call("/modal", { method: "POST", body: withFiles(payload, files) });
export const getChoices = (payload, signal) =>
  call("/autocomplete", { method: "POST", body: payload, signal });
export const react = (payload) => call("/reaction", { method: "POST", body: payload });
export const unreact = (payload) => call("/reaction", { method: "DELETE", body: payload });

/** The address of one person's server-sent events. */
export const eventsUrl = (as) => `/playground/events${query({ as })}`;
