// Finds the phone numbers in an answer's text, so that they can be tapped.

// Mobile, landline with its area code, 400 and 800, and hotlines that need no area code.
const NUMBERS = [
  "(?:\\+?86[- ]?)?1[3-9]\\d[- ]?\\d{4}[- ]?\\d{4}",
  "\\+86[- ]?[1-9]\\d{1,2}[- ]?\\d{7,8}",
  "\\(0\\d{2,3}\\) ?\\d{7,8}",
  "0\\d{2,3}[- ]?\\d{7,8}",
  "[48]00[- ]?\\d{3}[- ]?\\d{4}",
  "123(?:09|20|28|33|45|51|55|56|93)",
  "955\\d{2}",
];
// 120 is also a house or a distance: it is a phone number only where one is told to call.
const SHORT = "(?:11[09]|12[02])";
const CALLING =
  "(?:打|拨|拨通|呼叫|急救|救护车|报警|警察|火警|消防|交警|事故|热线|电话|call|dial|ambulance|police|fire(?: brigade)?|emergency|accident)[了:：]? ?";
const PATTERN = new RegExp(`(${NUMBERS.join("|")})|(${CALLING})(${SHORT}(?: ?(?:[、,，/]|或|和|or) ?${SHORT})*)`, "gi");
const LONGER_BEFORE = /[\w.*/-]$/; // an application number, a date, a masked number
const LONGER_AFTER = /^(?:[\w*]|[.:/-]\d)/;
const UNIT_AFTER = /^ ?(?:米|公里|千米|元|块|号(?!码)|分|人|家|天|个|路)/;

// [start, end] of each number in the text.
function numbers(text) {
  const found = [];
  for (const { 0: whole, 1: number, 2: calling, 3: list, index } of text.matchAll(PATTERN)) {
    const after = text.slice(index + whole.length);
    if (LONGER_AFTER.test(after)) continue;
    if (number) {
      if (!LONGER_BEFORE.test(text.slice(0, index))) found.push([index, index + number.length]);
    } else if (!UNIT_AFTER.test(after)) {
      const start = index + calling.length;
      for (const one of list.matchAll(/\d+/g)) found.push([start + one.index, start + one.index + one[0].length]);
    }
  }
  return found;
}

// The text as it is, in pieces {text, phone}; phone "" where a piece is no number.
export function pieces(text) {
  const all = [];
  let at = 0;
  for (const [start, end] of numbers(text)) {
    if (start > at) all.push({ text: text.slice(at, start), phone: "" });
    all.push({ text: text.slice(start, end), phone: text.slice(start, end).replace(/[^\d+]/g, "") });
    at = end;
  }
  if (at < text.length) all.push({ text: text.slice(at), phone: "" });
  return all;
}
