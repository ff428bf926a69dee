// The page is a client of the control API: what a person does here, a test can do with curl.

/** An answer that was not a success; `message` is what the sandbox said. */
export class Refused extends Error {
  constructor(status, body) {
    super(describe(body) || `The sandbox answered ${status}.`);
    this.status = status;
    this.body = body;
  }
}

/** The sandbox's words about a refusal: the detailed reasons when there are some, or the general one. */
function describe(body) {
  const reasons = [];
  const walk = (node) => {
    if (!node || typeof node !== "object") return;
    if (Array.isArray(node._errors)) reasons.push(...node._errors.map((error) => error.message));
    for (const [key, value] of Object.entries(node)) if (key !== "_errors") walk(value);
  };
  walk(body?.errors);
  return [...new Set(reasons)].join(" ") || body?.message || "";
}

async function call(method, path, body) {
  const options = { method, headers: { accept: "application/json" } };
  if (body instanceof FormData) {
    options.body = body;
  } else if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused(0, { message: "The sandbox does not answer. Is it still running?" });
  }
  const text = await answer.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    value = { message: text };
  }
  if (!answer.ok) throw new Refused(answer.status, value);
  return value;
}

export const people = () => call("GET", "/control/people");

/** Everything one person can do; `id` is the person's user id. */
export function personApi(id) {
  const base = `/control/people/${id}`;
  const message = (channel, id_) => `${base}/channels/${channel}/messages/${id_}`;
  return {
    view: () => call("GET", `${base}/view`),
    messages: (channel, query = {}) => call("GET", `${base}/channels/${channel}/messages?${new URLSearchParams(query)}`),
    send(channel, payload, files) {
      if (files.length === 0) return call("POST", `${base}/channels/${channel}/messages`, payload);
      const form = new FormData();
      form.append("payload_json", JSON.stringify(payload));
      files.forEach((file, index) => form.append(`files[${index}]`, file, file.name));
      return call("POST", `${base}/channels/${channel}/messages`, form);
    },
    edit: (channel, id_, content) => call("PATCH", message(channel, id_), { content }),
    remove: (channel, id_) => call("DELETE", message(channel, id_)),
    react: (channel, id_, emoji) => call("PUT", `${message(channel, id_)}/reactions/${encodeURIComponent(emoji)}`),
    unreact: (channel, id_, emoji) => call("DELETE", `${message(channel, id_)}/reactions/${encodeURIComponent(emoji)}`),
    commands: (channel) => call("GET", `${base}/commands?channel_id=${channel}`),
    interact: (body) => call("POST", `${base}/interactions`, body),
    join: (guild) => call("PUT", `${base}/guilds/${guild}`),
    leave: (guild) => call("DELETE", `${base}/guilds/${guild}`),
    openDm: (recipient) => call("POST", `${base}/dms`, { recipient_id: recipient }),
    events: () => new EventSource(`${base}/events`),
  };
}
