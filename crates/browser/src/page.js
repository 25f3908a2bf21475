// What the helpers of `page.rs` look with. Names are those that a reader or a screen reader is told.
const squash = (text) => (text || '').replace(/\s+/g, ' ').trim();
const isShown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden';
const labels = (element) => Array.from(element.labels || []).map((label) => label.innerText).join(' ');
const nameOf = (element) => squash(element.getAttribute('aria-label') || labels(element) || element.innerText || element.value);
const named = (selector, name) => {
  const shown = Array.from(document.querySelectorAll(selector)).filter(isShown);
  return shown.find((element) => nameOf(element) === name) || shown.find((element) => nameOf(element).startsWith(name));
};
const pressable = (name) => named('button, a[href], summary, input[type=submit], input[type=checkbox], input[type=radio], [role=button]', name);
const field = (label) => named('input:not([type=hidden]), textarea, select', label);
const shownText = () => squash(document.body ? document.body.innerText : '');
