// Scrolling through a long transcript inside the page, a step for each picture that the browser draws, and what was
// seen on the way. Runs in the page as it is: no time counts, only what is there.

/**
 * Scrolls on by `by` pixels at a time until the message with the number `to` has been seen. Messages carry their number
 * as "message <n>." in their text. Gives what there was to see:
 *
 * - `seen`: every number that was in view, in the order of the first time;
 * - `skipped`: places where the view went past numbers that were never in it;
 * - `broken`: orders of messages on the page that are not one number after the other;
 * - `jumps`: how far what is read moved by itself, pixels, where that is more than `tolerance`;
 * - `messages`, `elements`: the most that were on the page at once;
 * - `swaps`: how often windows came or went;
 * - `stuck`: where it could not go on, though there was more.
 */
export function travel(page, { by, to, tolerance = 3 }) {
  return page.evaluate(async ([step, last, most]) => {
    const root = document.getElementById('windows');
    const number = (one) => Number(/message (\d+)\./.exec(one.textContent)?.[1] ?? -1);
    const numbers = new WeakMap();
    const of = (one) => {
      if (!numbers.has(one)) numbers.set(one, number(one));
      return numbers.get(one);
    };
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    const report = { skipped: [], broken: [], jumps: [], messages: 0, elements: 0, swaps: 0, stuck: null };
    const seen = new Set();
    let changed = true;
    const watch = new MutationObserver((all) => {
      const windows = all.filter((one) => one.target === root);
      if (windows.length > 0) changed = true;
      report.swaps += windows.length;
    });
    watch.observe(root, { childList: true });
    let before = null;
    let read = null;
    let all = [];
    let [still, frames] = [0, 0];
    for (;;) {
      await frame();
      frames += 1;
      // The message that is read moved by what was scrolled, which is nothing since it was looked at.
      if (read && (read.one.isConnected || document.getElementById(read.one.id))) {
        const one = read.one.isConnected ? read.one : document.getElementById(read.one.id);
        const moved = one.getBoundingClientRect().top - read.top;
        if (Math.abs(moved) > most) report.jumps.push({ message: of(one), moved: Math.round(moved), swapped: changed });
      } else if (read) {
        report.jumps.push({ message: of(read.one), moved: 'gone' });
      }
      if (changed) {
        changed = false;
        all = [...root.querySelectorAll('article[id]')].filter((one) => of(one) >= 0);
        const order = all.map(of);
        const wrong = order.findIndex((n, at) => at > 0 && n !== order[at - 1] + 1);
        if (wrong > 0) report.broken.push(order.slice(Math.max(0, wrong - 2), wrong + 3));
        report.messages = Math.max(report.messages, all.length);
        report.elements = Math.max(report.elements, document.querySelectorAll('*').length);
      }
      const places = all.map((one) => [one, one.getBoundingClientRect()]);
      const view = places.filter(([, at]) => at.bottom > 0 && at.top < innerHeight).map(([one, at]) => [one, of(one), at.top]);
      const [first, end] = [view[0]?.[1], view.at(-1)?.[1]];
      if (before && first !== undefined && (first > before.end + 1 || end < before.first - 1)) {
        report.skipped.push([before, { first, end }]);
      }
      if (first !== undefined) before = { first, end };
      for (const [, n] of view) seen.add(n);
      if (seen.has(last)) break;
      const from = scrollY;
      scrollBy(0, step);
      if (scrollY === from) {
        still += 1;
      } else {
        still = 0;
      }
      // Ten seconds of pictures: what is missing is fetched in a fraction of one. And none of these ways is so long.
      if (still > 600 || frames > 8000) {
        report.stuck = { first, end, scrollY, there: all.length, frames };
        break;
      }
      // Whom the reader looks at: the first whose beginning is in view.
      const at = places.map(([one]) => [one, one.getBoundingClientRect().top]).find(([, top]) => top >= 0 && top < innerHeight);
      read = at ? { one: at[0], top: at[1] } : null;
    }
    watch.disconnect();
    return { ...report, seen: [...seen] };
  }, [by, to, tolerance]);
}
