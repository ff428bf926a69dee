// Texts that would run, or break out of their place, on a page that does not escape. Each tries to set
// `__xss`; none may, and none may even cause a report of the content security policy: a report means that
// the markup was parsed as markup and only the second line of defence held.

/** The payloads with a script of their own; a short one leaves room in short fields. */
const payloads = (RUN) => [
  // Elements with scripts of their own.
  `<script>${RUN}</script>`,
  `<SCRIPT>${RUN}</SCRIPT>`,
  `<scr<script>ipt>${RUN}</scr</script>ipt>`,
  `<script src=data:text/javascript,${RUN}></script>`,
  `<script type=module>${RUN}</script>`,
  `<svg><script>${RUN}</script></svg>`,
  `<svg/onload=${RUN}>`,
  `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`,
  `<svg><set onbegin=${RUN} attributeName=x>`,
  `<svg><a href="javascript:${RUN}"><text y=20>x</text></a></svg>`,
  `<svg><foreignObject><img src=x onerror=${RUN}></foreignObject></svg>`,
  `<svg><style><img src=x onerror=${RUN}></style></svg>`,
  `<math><mtext><img src=x onerror=${RUN}></mtext></math>`,
  `<math><mi//xlink:href="data:x,<script>${RUN}</script>">`,
  `<math href="javascript:${RUN}">x</math>`,
  // Event handlers.
  `<img src=x onerror=${RUN}>`,
  `<img/src=x/onerror=${RUN}>`,
  `<img src=x onerror="${RUN}">`,
  `<IMG SRC=x OnErRoR=${RUN}>`,
  `<image src=x onerror=${RUN}>`,
  `<body onload=${RUN}>`,
  `<input autofocus onfocus=${RUN}>`,
  `<select autofocus onfocus=${RUN}>`,
  `<textarea autofocus onfocus=${RUN}>`,
  `<details open ontoggle=${RUN}>`,
  `<video><source onerror=${RUN}></video>`,
  `<audio src=x onerror=${RUN}>`,
  `<marquee onstart=${RUN}>`,
  `<div onpointerover=${RUN} style="position:fixed;inset:0">`,
  `<style>@keyframes x{}</style><b style="animation-name:x" onanimationstart=${RUN}>`,
  `<button popovertarget=x>x</button><b popover id=x onbeforetoggle=${RUN}>`,
  `<iframe srcdoc="<script>parent.__xss=1</script>">`,
  `<iframe src="javascript:parent.__xss=1">`,
  `<object data="javascript:${RUN}">`,
  `<embed src="javascript:${RUN}">`,
  `<form action="javascript:${RUN}"><button>x</button></form>`,
  `<button formaction="javascript:${RUN}">x</button>`,
  // Out of an attribute, an element that swallows text, or a comment.
  `"><script>${RUN}</script>`,
  `'><script>${RUN}</script>`,
  `" onmouseover="${RUN}" x="`,
  `' onmouseover='${RUN}' x='`,
  '` onmouseover=`' + RUN + '`',
  `" autofocus onfocus="${RUN}`,
  `</title><script>${RUN}</script>`,
  `</textarea><script>${RUN}</script>`,
  `</script><script>${RUN}</script>`,
  `</style><script>${RUN}</script>`,
  `--><script>${RUN}</script>`,
  `]]><script>${RUN}</script>`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<template><script>${RUN}</script></template>`,
  `<!--><script>${RUN}</script>-->`,
  `<![CDATA[<script>${RUN}</script>]]>`,
  // Links, also as Discord writes them.
  `javascript:${RUN}`,
  `JaVaScRiPt:${RUN}`,
  `java\tscript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `vbscript:${RUN}`,
  `[link](javascript:${RUN})`,
  `[link](<javascript:${RUN}>)`,
  `[link](https://example.org" onmouseover="${RUN})`,
  `<javascript:${RUN}>`,
  `![x](x" onerror="${RUN})`,
  `||<img src=x onerror=${RUN}>||`,
  '```html\n<script>' + RUN + '</script>\n```',
  '`<script>' + RUN + '</script>`',
  `# <img src=x onerror=${RUN}>`,
  `> <img src=x onerror=${RUN}>`,
  `- <img src=x onerror=${RUN}>`,
  `<@1><img src=x onerror=${RUN}>`,
  `<:x" onerror="${RUN}:1>`,
  `<t:0:<script>${RUN}</script>>`,
  // Markup that steers instead of running.
  `<base href="https://example.org/">`,
  `<meta http-equiv="refresh" content="0;url=javascript:${RUN}">`,
  `<link rel=stylesheet href="data:text/css,*{display:none}">`,
  `<style>*{display:none}</style>`,
  // Encodings.
  `&lt;script&gt;${RUN}&lt;/script&gt;`,
  `&#60;script&#62;${RUN}&#60;/script&#62;`,
  `\u003cscript\u003e${RUN}\u003c/script\u003e`,
  `%3Cscript%3E${RUN}%3C/script%3E`,
  `\uff1cscript\uff1e${RUN}\uff1c/script\uff1e`,
  `<scr\u0000ipt>${RUN}</scr\u0000ipt>`,
  // What a template or a format might take for its own.
  `{{constructor.constructor('${RUN}')()}}`,
  '${' + RUN + '}',
  `<%= ${RUN} %>`,
];

export const PAYLOADS = payloads('globalThis.__xss=1');
const SHORT = payloads('__xss=1');

/** Without control characters, which fields of one line do not take. */
// eslint-disable-next-line no-control-regex
const printable = (text) => !/[\u0000-\u001f]/.test(text);

/**
 * Payloads for a field of at most `length` UTF-16 units: each as long as it may be, those that do not fit left
 * out. `lines` says that the field takes several lines.
 */
export function payloadsUpTo(length, { lines = false } = {}) {
  return PAYLOADS.map((text, index) => (text.length <= length ? text : SHORT[index])).filter(
    (text) => text.length <= length && (printable(text) || (lines && printable(text.replaceAll('\n', '')))),
  );
}

/** Watches a context: any script that sets `__xss` is noted, however soon its page goes away again. */
export async function trap(context) {
  const ran = [];
  await context.exposeBinding('__ran', (source, what) => ran.push(`${source.page.url()}: ${what}`));
  await context.addInitScript(() => {
    Object.defineProperty(globalThis, '__xss', { set: () => globalThis.__ran('__xss was set'), get: () => undefined });
  });
  context.on('page', (page) => {
    page.on('dialog', async (dialog) => {
      // The browser's own question before unsaved changes are left.
      if (dialog.type() === 'beforeunload') return dialog.accept();
      ran.push(`${page.url()}: a dialog said ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame()) ran.push(`${page.url()}: a frame was made`);
    });
  });
  return ran;
}

/**
 * Everything on the page that markup of a payload would have made: handlers, scripts without nonce, frames,
 * addresses with a scheme that runs. Empty when all of it stayed text.
 */
export function foreignMarkup(page) {
  return page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on')) found.push(`${element.tagName} has ${name}=${value}`);
        const address = ['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'srcdoc', 'poster'].includes(name);
        if (address && (name === 'srcdoc' || /^\s*(javascript|vbscript|data):/i.test(value))) {
          found.push(`${element.tagName} has ${name}=${value}`);
        }
      }
    }
    for (const element of document.querySelectorAll('iframe, object, embed, base, marquee, math, template, noscript, body style, body link, body meta')) {
      // The transcript's own colours carry the nonce of the page.
      if (!(element.tagName === 'STYLE' && element.nonce)) found.push(element.outerHTML.slice(0, 120));
    }
    for (const script of document.scripts) if (!script.nonce) found.push(`${script.outerHTML.slice(0, 120)} in ${script.parentElement?.outerHTML.slice(0, 160)}`);
    return found;
  });
}

/** All that can be read on the page: its text, and what its fields hold. */
export function readable(page) {
  return page.evaluate(() => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value);
    const labels = [...document.querySelectorAll('optgroup')].map((group) => group.label);
    return [document.body.textContent, ...fields, ...labels].join('\n');
  });
}
