// A client of the sandbox's control API (docs/SANDBOX.md): acts as a person in Discord, reads the state.

/** An answer of the sandbox that was not a success. */
export class Refused extends Error {
  constructor(method, path, status, body) {
    super(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

export class Discord {
  constructor(url) {
    this.url = url;
  }

  async call(method, path, body) {
    const options = { method, headers: { accept: 'application/json' } };
    if (body instanceof FormData) options.body = body;
    else if (body !== undefined) {
      options.headers['content-type'] = 'application/json';
      options.body = JSON.stringify(body);
    }
    const answer = await fetch(this.url + path, options);
    const text = await answer.text();
    let value = null;
    try {
      value = text ? JSON.parse(text) : null;
    } catch {
      value = { message: text };
    }
    if (!answer.ok) throw new Refused(method, path, answer.status, value);
    return value;
  }

  get(path) {
    return this.call('GET', path);
  }

  post(path, body) {
    return this.call('POST', path, body);
  }

  /** Waits until something holds, for example `wait('channel', { channel: 'ticket-*' })`, and gives what was found. */
  wait(what, parameters = {}) {
    return this.get(`/control/wait?${new URLSearchParams({ for: what, ...parameters })}`);
  }

  /** All people of the sandbox. */
  async people() {
    const answer = await this.get('/control/people');
    return Array.isArray(answer) ? answer : answer.people;
  }

  /** A person by id, user name or shown name. */
  async person(name) {
    const people = await this.people();
    const wanted = String(name).toLowerCase();
    const names = (p) => [p.id, p.username, p.name, p.global_name].filter(Boolean).map((n) => String(n).toLowerCase());
    const found = people.find((p) => names(p).includes(wanted)) ?? people.find((p) => names(p).some((n) => n.startsWith(wanted)));
    if (!found) throw new Error(`no person ${name} in the sandbox; there are: ${people.map((p) => names(p).join('/')).join(', ')}`);
    return new Person(this, found);
  }
}

/** Somebody in Discord. Channels, messages and servers are named by id. */
export class Person {
  constructor(discord, data) {
    this.discord = discord;
    this.data = data;
    this.id = data.id;
    this.base = `/control/people/${data.id}`;
  }

  /** What this person sees: servers, channels, members, roles. */
  view() {
    return this.discord.get(`${this.base}/view`);
  }

  messages(channel, query = {}) {
    return this.discord.get(`${this.base}/channels/${channel}/messages?${new URLSearchParams(query)}`);
  }

  /** Sends a message; `files` are File objects. */
  send(channel, payload, files = []) {
    const body = typeof payload === 'string' ? { content: payload } : payload;
    const path = `${this.base}/channels/${channel}/messages`;
    if (files.length === 0) return this.discord.post(path, body);
    const form = new FormData();
    form.append('payload_json', JSON.stringify(body));
    files.forEach((file, index) => form.append(`files[${index}]`, file, file.name));
    return this.discord.post(path, form);
  }

  edit(channel, message, content) {
    return this.discord.call('PATCH', `${this.base}/channels/${channel}/messages/${message}`, { content });
  }

  remove(channel, message) {
    return this.discord.call('DELETE', `${this.base}/channels/${channel}/messages/${message}`);
  }

  /** Any interaction, as docs/SANDBOX.md describes them; answers when the bot has acknowledged it. */
  interact(body) {
    return this.discord.post(`${this.base}/interactions`, body);
  }

  /** Presses the button with this custom id under a message. */
  press(message, customId) {
    return this.interact({ type: 'button', channel_id: message.channel_id, message_id: message.id, custom_id: customId });
  }

  /** Submits the modal that an interaction opened; `values` by custom id. */
  fill(interaction, values) {
    const components = Object.entries(values).map(([custom_id, value]) => ({ custom_id, value }));
    return this.interact({ type: 'modal', interaction_id: interaction.id, components });
  }

  /** Runs a slash command in a channel, for example `run(channel, 'ticket close', { reason: 'Done' })`. */
  run(channel, command, options = {}) {
    return this.interact({ type: 'command', channel_id: channel, command, options });
  }
}
